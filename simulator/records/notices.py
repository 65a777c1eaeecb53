"""Who is told of what: subscriptions, and the notifications that wait to be sent."""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Subscription:
    """Where one pool's events of one type are sent."""

    id: str
    pool_id: str
    event_type: str
    url: str
    secret: str | None
    created: float


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification to be sent: `body` is the event as it goes over the wire, `due` when that is, if not at once.

    It is `gone` when its subscription was deleted before.
    """

    uuid: str
    at: float
    url: str
    secret: str | None
    body: dict[str, Any]
    due: float | None = None
    gone: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others: the event, and whom it is for."""
        return self.uuid, self.body["webhook_subscription_id"]

    @property
    def moment(self) -> float:
        """When it is to be sent, in platform seconds."""
        return self.at if self.due is None else self.due
