"""What a run's verdicts and control questions came to so far, and whether refusals may be sent. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from handlers.actions import Accept, Action, Appeal, Hold, Recall, Reject
from store.records import Decision, DecisionState, Standing

KINDS = ("accept", "reject", "hold", "recall", "appeal")
LENGTH = 2000  # decisions that a record looks back on


@dataclass(frozen=True, slots=True)
class Caution:
    """When refusals may be sent without a person, and when they stop; counts of pages and answers, shares in 0..1."""

    window: int = 20  # verdicts of which at most `tripped_at` may be refusals
    tripped_at: float = 0.5
    warn_window: int = 50
    warned_at: float = 0.3  # the platform marks a requester who refuses more
    overturned_window: int = 200
    overturned_at: int = 2  # refusals that a person overturned: back to proposals
    pages: int = 200  # gate A: good pages known, every proposal among them seen by a person
    pages_overturned: int = 1
    answers: int = 40  # gate B: answers to known-good control questions
    answerers: int = 8
    answers_right: float = 0.75
    smallest_page: int = 3  # tasks; gate B does not open for smaller pages
    bad_answers: int = 40  # to known-bad control questions, before "bad paid" may be believed
    bad_right: float = 0.7


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the ledger about a page, as far as the record needs it."""

    kind: str
    assignment_id: str
    by_person: bool = False
    proposal: bool = False
    unsent: bool = False
    comment: str = ""  # what a refusal tells its performer


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one page."""

    assignment_id: str
    what: str  # paid | refused | proposed
    seen: bool = False  # by a person
    overturned: bool = False  # a person paid what the rule refused or would have refused
    unsent: bool = False  # a refusal that its performer does not know of yet
    comment: str = ""  # of a refusal


@dataclass(frozen=True)
class Record:
    """A run's record, oldest first."""

    said: tuple[Said, ...] = ()
    standings: tuple[Standing, ...] = ()  # of all its verifiers
    caution: Caution = Caution()

    @classmethod
    def of(
        cls, decisions: Iterable[Decision], standings: Sequence[Standing] = (), caution: Caution | None = None
    ) -> "Record":
        """Make the record of a ledger's decisions (kinds: KINDS), oldest first."""
        said = tuple(_said(each) for each in decisions if each.state is not DecisionState.SUPERSEDED)
        return cls(said, tuple(standings), caution or Caution())

    def after(self, actions: Iterable[Action]) -> "Record":
        """Return the record as it is once these actions are in the ledger."""
        more = tuple(said for action in actions if (said := _will_say(action)) is not None)
        return replace(self, said=(*self.said, *more)) if more else self

    @cached_property
    def pages(self) -> tuple[Judged, ...]:
        """What became of each page, in the order in which they were first judged."""
        judged: dict[str, Judged] = {}
        for said in self.said:
            after = _judged(judged.get(said.assignment_id), said)
            if after is not None:
                judged[said.assignment_id] = after
        return tuple(judged.values())

    @property
    def tripped(self) -> bool:
        """Whether so many of the last pages were (or would be) refused that something is wrong: all refusals stop."""
        return self._refused(self.caution.window) > self.caution.tripped_at * self.caution.window

    @property
    def warned(self) -> bool:
        """Whether more are refused than the platform likes."""
        return self._refused(self.caution.warn_window) > self.caution.warned_at * self.caution.warn_window

    @property
    def unsent(self) -> tuple[str, ...]:
        """The pages whose refusal was decided and not sent."""
        return tuple(page.assignment_id for page in self.pages if page.unsent)

    def proposed(self, assignment_id: str) -> bool:
        """Say whether the refusal of this page is proposed: then a person decides, whatever the rule may do by now."""
        return any(page.assignment_id == assignment_id and page.what == "proposed" for page in self.pages)

    @property
    def overturned(self) -> int:
        """How many of the last refusals, sent or proposed, a person overturned."""
        return sum(page.overturned for page in self.pages[-self.caution.overturned_window :])

    def live(self, mode: str, n_tasks: int) -> bool:
        """Say whether the rule may refuse without a person: always, never (proposed), or once it has earned it."""
        if mode != "earned":
            return mode in {"always", "unguarded"}
        if self.overturned >= self.caution.overturned_at:
            return False
        return self._gate_a() or self._gate_b(n_tasks)

    def gate(self, mode: str, n_tasks: int) -> str:
        """Say in words why refusals are sent, or what is missing until they are."""
        if mode != "earned":
            return f"refusals are {'proposed' if mode == 'proposed' else 'sent'}: --refuse {mode}"
        if self.overturned >= self.caution.overturned_at:
            return f"refusals are proposed: {self.overturned} of the last were overturned"
        if self.live(mode, n_tasks):
            return f"refusals are sent: gate {'A' if self._gate_a() else 'B'} is open"
        return f"refusals are proposed: {self._missing_a()}; {self._missing_b(n_tasks)}"

    @property
    def bad_paid(self) -> str:
        """Say whether bad work would be noticed: "unknown" until enough known-bad control questions were answered."""
        answers, right = self._answers("bad")
        if answers < self.caution.bad_answers or right < self.caution.bad_right * answers:
            return f"unknown ({right} of {answers} answers about known-bad outlines right)"
        return f"verifiers find {right} of {answers} known-bad outlines"

    def _refused(self, window: int) -> int:
        return sum(page.what != "paid" or page.overturned for page in self.pages[-window:])

    def _answers(self, truth: str) -> tuple[int, int]:
        asked = sum(getattr(each, truth) for each in self.standings)
        return asked, sum(getattr(each, f"{truth}_right") for each in self.standings)

    @property
    def _good(self) -> int:
        return sum(page.what == "paid" for page in self.pages)

    def _gate_a(self) -> bool:
        unseen = sum(page.what == "proposed" for page in self.pages)
        overturned = sum(page.overturned for page in self.pages)
        return self._good >= self.caution.pages and not unseen and overturned <= self.caution.pages_overturned

    def _gate_b(self, n_tasks: int) -> bool:
        answers, right = self._answers("good")
        people = sum(each.good > 0 for each in self.standings)
        enough = answers >= self.caution.answers and people >= self.caution.answerers
        return n_tasks >= self.caution.smallest_page and enough and right >= self.caution.answers_right * answers

    def _missing_a(self) -> str:
        unseen = sum(page.what == "proposed" for page in self.pages)
        return f"gate A has {self._good} of {self.caution.pages} good pages and {unseen} proposals not seen"

    def _missing_b(self, n_tasks: int) -> str:
        if n_tasks < self.caution.smallest_page:
            return f"gate B is for pages of {self.caution.smallest_page} and more"
        answers, right = self._answers("good")
        people = sum(each.good > 0 for each in self.standings)
        return f"gate B has {right} of {answers} right (of {self.caution.answers}) by {people} verifiers"


def _said(decision: Decision) -> Said:
    return Said(
        kind=decision.kind,
        assignment_id=decision.assignment_id or "",
        by_person="by" in decision.payload,
        proposal=bool(decision.payload.get("proposal")),
        comment=str(decision.payload.get("comment") or ""),
        unsent=decision.kind == "reject" and decision.state is DecisionState.PLANNED and decision.buffer is not None,
    )


def _will_say(action: Action) -> Said | None:
    match action:
        case Accept():
            return Said("accept", action.assignment_id, by_person=bool(action.by))
        case Reject():
            late = action.late is not None
            return Said("reject", action.assignment_id, bool(action.by), unsent=late, comment=action.comment)
        case Hold():
            return Said("hold", action.assignment_id, proposal=bool(action.proposal))
        case Recall():
            return Said("recall", action.assignment_id)
        case Appeal():
            return Said("appeal", action.assignment_id, by_person=True)
        case _:
            return None


def _judged(before: Judged | None, said: Said) -> Judged | None:
    """Return what a page is after one more line about it."""
    page = before or Judged(said.assignment_id, "")
    seen = page.seen or said.by_person
    refused_before = page.what in {"refused", "proposed"}
    match said.kind:
        case "accept" | "appeal":
            return replace(page, what="paid", seen=seen, unsent=False, overturned=said.by_person and refused_before)
        case "reject":
            return replace(page, what="refused", seen=seen, unsent=said.unsent, comment=said.comment)
        case "hold" if said.proposal:
            return replace(page, what="proposed", unsent=False)
        case "recall":
            return replace(page, what="proposed", unsent=False) if before else None
        case _:
            return before
