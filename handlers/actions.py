"""All that a handler may decide. An action is a value; the dispatcher records it, carries it out, once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.controls import Control
from store.records import Answer, Lesson

Input = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Accept:
    """Pay this page: the money is gone for good."""

    assignment_id: str
    reason: str = ""
    anew: tuple[str, ...] = ()  # tasks of the page that are paid for, but no results
    by: str = ""  # the person who decided it; "": the rule


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse this page; the comment tells its performer why."""

    assignment_id: str
    comment: str
    reason: str = ""
    late: float | None = None  # platform time by which it must be sent; it waits, to be recalled. None: sent at once
    by: str = ""  # the person who decided it; "": the rule

    def __post_init__(self) -> None:
        if not self.comment.strip():
            raise ValueError("A refusal needs a comment: its performer has a right to know why.")


@dataclass(frozen=True, slots=True)
class Hold:
    """Leave this page to a person; `occasion` tells one hold of a page from its next."""

    assignment_id: str
    occasion: int
    reason: str
    proposal: str = ""  # the comment of a refusal that only waits for a person's word


@dataclass(frozen=True, slots=True)
class Recall:
    """Take back a refusal of this page that was not sent yet; its performer never hears of it."""

    assignment_id: str
    reason: str
    occasion: int = 0


@dataclass(frozen=True, slots=True)
class Appeal:
    """Pay a page whose refusal was sent: a person took it back."""

    assignment_id: str
    by: str
    occasion: int = 0
    comment: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Put a task into a pool. Two asks with the same key are one."""

    pool: str  # role
    key: str  # what makes it once: subject and generation, without the role
    input: Input
    overlap: int | None = 1  # None: everybody may answer it, once
    about: Answer | None = None  # a question about this answer; its author is never asked
    unavailable_for: tuple[str, ...] = ()
    generation: int = 0
    control: Control | None = None  # a control question: what it claims to be about, and its truth
    solution: Input | None = None  # a task whose answer is known, and that the platform compares answers with
    hint: str = ""  # shown to who answers it wrongly: then it is a training task


@dataclass(frozen=True, slots=True)
class MoreVotes:
    """Show a question to more performers: raise its overlap to `overlap`."""

    pool: str  # role
    task_id: str
    overlap: int
    reason: str = ""
    about: str = ""  # assignment that the question is about


@dataclass(frozen=True, slots=True)
class Open:
    """Open a pool; `occasion` tells one opening from the next."""

    pool: str
    occasion: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close a pool; `occasion` tells one closing from the next."""

    pool: str
    occasion: str


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Make one label of all answers to each task; long work, told by an event when it is done."""

    pool: str
    occasion: str
    method: str  # as `handlers.aggregators` names it, or platform:DAWID_SKENE
    field: str = "result"  # the output value that is the label
    without_banned: bool = False  # leave out the answers of performers who are banned by then


@dataclass(frozen=True, slots=True)
class Publish:
    """Write the results as they stand; `occasion` is the pool's last start."""

    pool: str
    occasion: str


@dataclass(frozen=True, slots=True)
class Learn:
    """Remember what a decided page says about its verifiers, once."""

    lessons: tuple[Lesson, ...] = field(default=())


Action = Accept | Reject | Hold | Recall | Appeal | Ask | MoreVotes | Open | Close | Aggregate | Publish | Learn
