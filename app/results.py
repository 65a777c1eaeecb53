"""What came out: for each image, and for each outline that was refused."""

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
class CountedVote:
    """What one verifier said of an outline, and what a vote of his counts by all that is known of him now."""

    verifier: str
    ok: bool
    wrong: str  # what he said is wrong, in the pipeline's word for it; "" when nothing
    weight: float  # log-odds; 0 for a coin, and for a verifier who is not believed any more


@dataclass(frozen=True, slots=True)
class ImageResult:
    """One image, how it ended, by whom it was outlined, who said so, and what it cost."""

    key: str
    status: str  # an ImageStatus
    boxes: tuple[Box, ...]  # the result; empty unless accepted
    width: int | None  # pixels; None: not known
    height: int | None
    rounds: int  # outlining rounds so far
    performer: str | None  # of its last outline, which is the result if it is accepted; the same below
    assignment_id: str | None  # the page it came from
    reason: str = ""  # why it is not accepted
    task_id: str | None = None
    verified: bool = False  # its page was accepted by a decision of ours, not by a hand or a deadline on the site
    outline: tuple[Box, ...] = ()  # what was drawn last: to look at, and no result unless accepted
    votes: tuple[CountedVote, ...] = ()  # oldest first
    verdict: str = ""  # what was decided about its page: accept, reject, appeal or hold
    verdict_reason: str = ""
    cost: float = 0.0  # dollars so far
    events: tuple[int, ...] = ()  # seq of the events that its decisions hang on


@dataclass(frozen=True, slots=True)
class RefusedOutline:
    """One outline of a page that was refused."""

    key: str  # of its image
    boxes: tuple[Box, ...]
    width: int | None  # pixels; None: not known
    height: int | None
    round: int
    performer: str
    assignment_id: str
    picture: int  # its number on the page, from 1 on, as the refusal names it
    pictures: int  # how many the page had
    votes: tuple[CountedVote, ...]
    comment: str  # what the performer was told
    by: str = ""  # who refused it; "": the rule, or somebody on the site
