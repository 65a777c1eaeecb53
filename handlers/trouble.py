"""What can go wrong at Toloka's door, as the one thing that matters: what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from json import JSONDecodeError
from typing import Any

import httpx
import urllib3.exceptions
from toloka.client.exceptions import ApiError, FailedOperation, ValidationApiError

from store.errors import CrowdhookError

TRANSIENT_STATUSES = {408, 425, 500, 502, 503, 504}
QUOTA_PAUSES = {"MIN": 60.0, "HOUR": 3600.0, "DAY": 86400.0}


class TroubleKind(StrEnum):
    """What to do about an error: wait, wait for a quota, call a person, look at the state, give up, or look first."""

    TRANSIENT = "transient"
    QUOTA = "quota"
    AUTH = "auth"
    CONFLICT = "conflict"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One error of Toloka's, without anything secret in it."""

    kind: TroubleKind
    status: int | None = None
    code: str = ""
    request_id: str = ""
    message: str = ""
    pause: float = 0.0  # seconds the platform asks us to wait

    def without(self, secret: str) -> "Trouble":
        """Return the same without a secret that was repeated to us."""
        texts = {name: getattr(self, name).replace(secret, "***") for name in ("code", "request_id", "message")}
        return replace(self, **texts)


class TolokaTrouble(CrowdhookError):
    """Toloka did not do what was asked:"""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(detail or f"{trouble.code or trouble.kind} {trouble.message}".strip())
        self.trouble = trouble
        self.temporary = trouble.kind in {TroubleKind.TRANSIENT, TroubleKind.QUOTA, TroubleKind.UNKNOWN}


_NETWORK = (
    httpx.TimeoutException,
    httpx.NetworkError,
    httpx.ProtocolError,
    urllib3.exceptions.TimeoutError,
    urllib3.exceptions.ProtocolError,
    urllib3.exceptions.NewConnectionError,
)


def classify(error: Exception) -> Trouble:
    """Say what to do about an error that came out of toloka-kit (whose own retry is off)."""
    if isinstance(error, TolokaTrouble):
        return error.trouble
    if isinstance(error, ApiError):
        return _of_api_error(error)
    if isinstance(error, FailedOperation):
        return Trouble(TroubleKind.PERMANENT, code="OPERATION_FAILED", message="The operation failed.")
    if isinstance(error, _NETWORK):
        return Trouble(TroubleKind.TRANSIENT, message=type(error).__name__)
    if isinstance(error, httpx.HTTPStatusError):
        return Trouble(_by_status(error.response.status_code), error.response.status_code, message="No body.")
    if isinstance(error, JSONDecodeError | KeyError):  # an HTML error page; JSON without `code`; HTTP/1.0
        return Trouble(TroubleKind.TRANSIENT, message="An answer that is not Toloka's.")
    return Trouble(TroubleKind.UNKNOWN, message=type(error).__name__)


def _of_api_error(error: ApiError) -> Trouble:
    status = error.status_code
    if isinstance(error, ValidationApiError) and status is None:
        kind = TroubleKind.PERMANENT
    else:
        kind = _by_status(status or 0)
    payload: Any = error.payload
    interval = payload.get("interval") if isinstance(payload, dict) else None
    trouble = Trouble(kind, status, error.code or "", error.request_id or "", (error.message or "")[:500])
    if kind is TroubleKind.QUOTA:
        return replace(trouble, pause=_retry_after(error) or QUOTA_PAUSES.get(str(interval), 60.0))
    return trouble


def _retry_after(error: ApiError) -> float:
    text = error.response.headers.get("Retry-After", "") if error.response is not None else ""
    return float(text) if text.isdigit() else 0.0


def _by_status(status: int) -> TroubleKind:
    if status == 429:
        return TroubleKind.QUOTA
    if status in {401, 403}:
        return TroubleKind.AUTH
    if status == 409:
        return TroubleKind.CONFLICT
    if status in TRANSIENT_STATUSES or status >= 500:
        return TroubleKind.TRANSIENT
    return TroubleKind.PERMANENT if 400 <= status < 500 else TroubleKind.UNKNOWN


class Breaker:
    """Keeps us from knocking on a closed door: after an error, one try a pause, and pauses double up to a minute."""

    def __init__(self, clock: Callable[[], float], *, first: float = 1.0, longest: float = 60.0) -> None:
        self.clock = clock
        self.first, self.longest = first, longest
        self.pause = 0.0
        self.until = 0.0

    @property
    def closed(self) -> bool:
        """Say whether a try may be made now."""
        return self.clock() >= self.until

    def failed(self, asked: float = 0.0) -> None:
        """Note an error; `asked` is how many seconds the platform wants us to wait."""
        self.pause = min(self.longest, self.pause * 2 or self.first)
        self.until = self.clock() + max(self.pause, asked)

    def worked(self) -> None:
        """Note that the door is open."""
        self.pause, self.until = 0.0, 0.0
