"""The frozen records that tell of one assignment: what it is, what was decided about it, and why."""

from dataclasses import dataclass
from enum import StrEnum

from store.records import Answer, Attempt, Decision, DecisionState, LoggedEvent, Page

STANDS = ("accept", "reject", "hold", "appeal")  # kinds of decisions after which an assignment stands differently
TAKEN_BACK = (DecisionState.SUPERSEDED, DecisionState.RECALLED)


class Decided(StrEnum):
    """How an assignment stands after all that was decided about it."""

    ACCEPTED = "accepted"  # by a verdict, or by taking a refusal back
    REFUSED = "refused"
    HELD = "held"  # a person must look; with a proposal or without
    PROPOSED = "proposed"  # held, and a person's word is enough to refuse it


@dataclass(frozen=True, slots=True)
class AssignmentFile:
    """All that is known about one assignment: for the page that tells its story. Everything is oldest first."""

    assignment_id: str
    page: Page | None  # as last folded; None when the platform never showed it
    events: tuple[LoggedEvent, ...]
    decisions: tuple[Decision, ...]  # about it, and those that ask for more votes on a question about it
    attempts: tuple[Attempt, ...]  # at carrying these decisions out, those of their calls too
    votes: tuple[tuple[Page, Answer], ...]  # answers given to questions about it, with the pages they are on

    @property
    def standing(self) -> Decision | None:
        """Return the decision by which it stands now: the last verdict, hold or appeal that was not taken back."""
        live = (each for each in self.decisions if each.kind in STANDS and each.state not in TAKEN_BACK)
        return max(live, key=lambda each: each.id, default=None)


@dataclass(frozen=True, slots=True)
class DecidedAssignment:
    """One line of the list of assignments: the decision by which it stands, and the page if it is known."""

    decision: Decision
    page: Page | None


@dataclass(frozen=True, slots=True)
class AssignmentList:
    """A page of assignments, last decided first, and the decision id below which the next one starts."""

    assignments: tuple[DecidedAssignment, ...]
    next_before: int | None
