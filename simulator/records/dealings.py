"""What passes between the requester and performers beside pages: files, bonuses, messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Message:
    """A text by language, from the requester (None) or from a performer."""

    text: Mapping[str, str]
    user_id: str | None
    created: float


@dataclass(slots=True)
class Thread:
    """Messages on one topic, oldest first; `body` is how the requester composed it, `meta` what it is about.

    `user_ids` are the performers in it, None where they were chosen by a filter or are all; `parent_id` is the thread
    to many that one of them answered.
    """

    id: str
    body: dict[str, Any]
    created: float
    user_ids: tuple[str, ...] | None
    messages: list[Message]
    folders: set[str]
    meta: dict[str, str] = field(default_factory=dict)
    parent_id: str | None = None
