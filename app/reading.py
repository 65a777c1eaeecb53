"""One reading of the store about one run: its pages with what the ledger says of each, and where each page stands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.run_status import decisions_of
from handlers.routing import Running
from store.contract import Store
from store.records import Decision, DecisionState, Page

HANDED_IN = frozenset({"SUBMITTED", "ACCEPTED", "REJECTED"})
IN_FORCE = frozenset({DecisionState.PLANNED, DecisionState.SENT, DecisionState.DONE, DecisionState.UNKNOWN})
TURNED_DOWN = frozenset({DecisionState.FAILED, DecisionState.CONFLICT})
VERDICTS = frozenset({"accept", "reject", "appeal"})
LEADS_TO = {"accept": "ACCEPTED", "appeal": "ACCEPTED", "reject": "REJECTED"}  # what the platform then says of the page


class PageState(StrEnum):
    """Where a page of outlines is in its life."""

    SUBMITTED = "submitted"  # handed in, nobody asked yet
    IN_VERIFICATION = "in verification"
    DECIDED = "decided"  # a verdict is in the ledger, the platform does not show it yet
    HELD = "held"  # waits for a person
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ELSEWHERE = "decided elsewhere"  # by a hand or a deadline on the platform, not by this run


@dataclass(frozen=True, slots=True)
class Dossier:
    """A page that was handed in, and all decisions about it in the order in which they were taken."""

    page: Page
    history: tuple[Decision, ...]

    @property
    def verdict(self) -> Decision | None:
        """Return the verdict in force: not superseded, not recalled, not turned down by the platform."""
        return _last(each for each in self.history if each.kind in VERDICTS and each.state in IN_FORCE)

    @property
    def hold(self) -> Decision | None:
        """Return what a person must look at: the last hold, or the verdict that the platform did not take."""
        if self.page.status != "SUBMITTED" or self.verdict is not None:
            return None
        return _last(each for each in self.history if _halts(each)) if self._halted else None

    @property
    def proposal(self) -> bool:
        """Say whether the page is held as a proposed refusal, which one act confirms."""
        return self.hold is not None and bool(self.hold.payload.get("proposal"))

    @property
    def anew(self) -> frozenset[str]:
        """Return the ids of the tasks that were paid for but are no results."""
        return frozenset(self.verdict.payload.get("anew", ())) if self.verdict else frozenset()

    @property
    def state(self) -> PageState:
        """Say where the page stands."""
        if self.page.status != "SUBMITTED":
            return self._reviewed
        if self.verdict is not None:
            return PageState.DECIDED
        if self.hold is not None:
            return PageState.HELD
        asked = any(each.kind == "ask" for each in self.history)
        return PageState.IN_VERIFICATION if asked else PageState.SUBMITTED

    @property
    def _reviewed(self) -> PageState:
        if self.verdict is None or LEADS_TO[self.verdict.kind] != self.page.status:
            return PageState.ELSEWHERE
        return PageState.ACCEPTED if self.page.status == "ACCEPTED" else PageState.REFUSED

    @property
    def _halted(self) -> bool:
        """Whether nothing was asked since somebody had to look."""
        turns = [_halts(each) for each in self.history if _halts(each) or each.kind == "votes"]
        return bool(turns) and turns[-1]


@dataclass(frozen=True, slots=True)
class Reading:
    """All that the store says of one run of a segmentation pipeline, read once."""

    running: Running
    decisions: tuple[Decision, ...]  # of this run, in the order in which they were taken
    outlining: tuple[Dossier, ...]  # pages handed in, by assignment id
    checking: tuple[Page, ...]  # pages of votes handed in, by assignment id

    def of_kind(self, *kinds: str) -> list[Decision]:
        """Return this run's decisions of these kinds."""
        return [each for each in self.decisions if each.kind in kinds]

    def asked(self, role: str) -> list[Decision]:
        """Return the tasks put into a pool: those that are on the platform."""
        lane = self.running.pool_ids[role]
        return [each for each in self.of_kind("ask") if each.lane == lane and each.state is DecisionState.DONE]


def read(store: Store, running: Running) -> Reading:
    """Read a run; its pools are those bound as "outlining" and "checking"."""
    decisions = decisions_of(store, running)
    about = _about(decisions)
    pages = {role: store.pages_of(running.pool_ids[role]) for role in ("outlining", "checking")}
    return Reading(
        running=running,
        decisions=decisions,
        outlining=tuple(Dossier(each, tuple(about[each.assignment_id])) for each in _handed_in(pages["outlining"])),
        checking=tuple(_handed_in(pages["checking"])),
    )


def _about(decisions: Sequence[Decision]) -> Mapping[str, list[Decision]]:
    """Gather what was decided by the page of outlines that it is about; more votes by way of their question."""
    questions = {each.result.get("task_id"): each.assignment_id for each in decisions if each.kind == "ask"}
    about: dict[str, list[Decision]] = defaultdict(list)
    for each in decisions:
        subject = questions.get(each.task_id) if each.kind == "votes" else each.assignment_id
        if subject and each.state is not DecisionState.SUPERSEDED:
            about[subject].append(each)
    return about


def _handed_in(pages: Iterable[Page]) -> list[Page]:
    return [page for page in pages if page.status in HANDED_IN]


def _halts(decision: Decision) -> bool:
    return decision.kind == "hold" or (decision.kind in VERDICTS and decision.state in TURNED_DOWN)


def _last(decisions: Iterable[Decision]) -> Decision | None:
    return next(reversed(list(decisions)), None)
