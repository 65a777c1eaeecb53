"""What came out for each image."""

from dataclasses import dataclass
from enum import StrEnum

from app.boxes import Box


class ImageStatus(StrEnum):
    """How an image ended."""

    ACCEPTED = "accepted"  # its boxes are the result; none: nothing is there
    HELD = "held"  # waits for a person
    UNRESOLVED = "unresolved"  # all rounds are used up
    PENDING = "pending"  # still under way


@dataclass(frozen=True, slots=True)
class ImageResult:
    """One image, how it ended, and by whom it was outlined."""

    key: str
    status: str  # an ImageStatus
    boxes: tuple[Box, ...]
    width: int | None  # pixels; None: not known, the image is on the web
    height: int | None
    rounds: int  # outlining rounds so far
    performer: str | None  # whose outline this is
    assignment_id: str | None  # the page it came from
    reason: str = ""  # why it is not accepted
