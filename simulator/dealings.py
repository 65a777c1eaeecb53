"""What passes between the requester and performers beside pages: files, bonuses."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that somebody handed in with a page; `content` None is a picture that is drawn when it is asked for."""

    id: str
    name: str
    media_type: str
    content: bytes | None
    assignment_id: str
    user_id: str
    pool_id: str
    created: float


@dataclass(frozen=True, slots=True)
class Bonus:
    """Dollars given to a performer; `body` is what the requester sent, `price` the cost in millionths, fee included."""

    id: str
    body: dict[str, Any]
    price: int
    created: float
