"""Records of webhook subscriptions as the platform shows them, and of its test calls."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subscription:
    """One pool's events of one type, sent to one URL; the platform never shows the secret that signs them."""

    subscription_id: str
    pool_id: str
    event_type: str
    url: str
    created: float  # platform time


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of the platform's test call of a subscription."""

    success: bool
    error: str = ""  # as Toloka writes it: WRONG_STATUS_CODE, REQUEST_TIMEOUT, …
    status: int | None = None  # the HTTP status that the receiver answered with
