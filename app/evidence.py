"""All that the ledger and the folded answers say about the outlines of one run: who drew, who judged, what it cost."""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from typing import TypeVar

from app.results import CountedVote
from handlers.routing import Running
from handlers.verifiers import below_bar
from store.contract import Store
from store.records import Answer, Decision, DecisionState, Page, Standing

GIVEN = frozenset({"SUBMITTED", "ACCEPTED", "REJECTED"})
IN_FORCE = frozenset({DecisionState.PLANNED, DecisionState.SENT, DecisionState.DONE, DecisionState.UNKNOWN})
TURNED_DOWN = frozenset({DecisionState.FAILED, DecisionState.CONFLICT})
VERDICTS = frozenset({"accept", "reject", "appeal"})

Given = tuple[Page, Answer]
T = TypeVar("T")


class Evidence:
    """One reading of the store, and the questions that results ask of it."""

    def __init__(self, store: Store, running: Running) -> None:
        pool_id = running.pool_ids["outlining"]
        self.policy = running.settings.policy
        self.pages = [page for page in store.pages_of(pool_id) if page.status in GIVEN]
        decisions = store.decisions()
        of_pages = [each for each in decisions if each.assignment_id is not None]
        asks = [each for each in decisions if each.kind == "ask"]
        outlining = [each for each in asks if each.lane == pool_id]
        self.asks = grouped(outlining, lambda ask: str(ask.payload["input"]["item"]))
        self._given = grouped(_answers(self.pages), lambda given: given[1].task_id)
        self._verdicts = grouped(_among(of_pages, VERDICTS), lambda verdict: verdict.assignment_id)
        self._turned_down = grouped(_among(of_pages, VERDICTS, TURNED_DOWN), lambda verdict: verdict.assignment_id)
        self._holds = grouped(_among(of_pages, {"hold"}), lambda hold: hold.assignment_id)
        self._questions = grouped(_among(of_pages, {"ask"}), lambda ask: (ask.assignment_id, ask.task_id))
        self._raises = grouped(_among(decisions, {"votes"}), lambda raised: raised.task_id)
        votes = store.votes_about([page.assignment_id for page in self.pages])
        self._votes = grouped(votes, lambda vote: (vote[1].subject_assignment_id, vote[1].subject_task_id))
        self._standings = store.standings({page.user_id for page, _ in votes})

    def given(self, asks: Iterable[Decision]) -> list[Given]:
        """Return the outlines that were handed in for these asks, with their pages."""
        return [each for ask in asks for each in self._given.get(str(ask.result.get("task_id")), ())]

    def verdict(self, page: Page) -> Decision | None:
        """Return our last verdict on a page, if one is in force: it was not superseded, recalled or turned down."""
        return _last(self._verdicts.get(page.assignment_id, ()))

    def turned_down(self, page: Page) -> Decision | None:
        """Return the last verdict on a page that the platform did not take: a person must look."""
        return _last(self._turned_down.get(page.assignment_id, ()))

    def hold(self, page: Page) -> Decision | None:
        """Return why a page waits for a person; None when it was decided, or more votes were asked for since."""
        hold = _last(self._holds.get(page.assignment_id, ()))
        if hold is None or self.verdict(page) is not None:
            return None
        raises = (each for answer in page.answers for each in self._raised(page, answer))
        return None if any(each.id > hold.id for each in raises) else hold

    def votes(self, page: Page, answer: Answer) -> tuple[CountedVote, ...]:
        """Return what verifiers said of an outline, oldest first."""
        said = self._votes.get((page.assignment_id, answer.task_id), ())
        return tuple(self._counted(voting.user_id, vote) for voting, vote in said)

    def cost(self, outlines: Iterable[Given]) -> float:
        """Add up dollars, without the fee: each outline's share of its page if that is paid, each vote's share of its.

        A page's reward is shared equally by its tasks. A voting page is paid when it is submitted.
        """
        shares = []
        for page, answer in outlines:
            if page.status == "ACCEPTED":
                shares.append(_share(page))
            shares += [_share(voting) for voting, _ in self._votes.get((page.assignment_id, answer.task_id), ())]
        return sum(shares)

    def events(self, asks: Iterable[Decision], outlines: Iterable[Given]) -> tuple[int, ...]:
        """Return the seq of every event that an image's decisions hang on: asks, questions, more votes, verdicts."""
        decisions = [*asks, *(each for outline in outlines for each in self._about(*outline))]
        return tuple(sorted({each.event_seq for each in decisions if each.event_seq is not None}))

    def _about(self, page: Page, answer: Answer) -> list[Decision]:
        about_page = [*self._verdicts.get(page.assignment_id, ()), *self._holds.get(page.assignment_id, ())]
        asked = self._questions.get((page.assignment_id, answer.task_id), ())
        return [*about_page, *asked, *self._raised(page, answer)]

    def _raised(self, page: Page, answer: Answer) -> list[Decision]:
        asked = self._questions.get((page.assignment_id, answer.task_id), ())
        return [each for ask in asked for each in self._raises.get(ask.result.get("task_id") or "", ())]

    def _counted(self, user_id: str, vote: Answer) -> CountedVote:
        output = vote.output or {}
        standing = self._standings.get(user_id, Standing(user_id))
        accuracy = self.policy.accuracy(standing.known, standing.agreed)
        weight = 0.0 if below_bar(standing) else self.policy.weight(accuracy)
        return CountedVote(user_id, output.get("verdict") == "OK", str(output.get("wrong") or ""), weight)


def grouped(things: Iterable[T], key: Callable[[T], Hashable]) -> dict[Hashable, list[T]]:
    """Gather things by a key, in their order."""
    groups: dict[Hashable, list[T]] = {}
    for thing in things:
        groups.setdefault(key(thing), []).append(thing)
    return groups


def _answers(pages: Iterable[Page]) -> list[Given]:
    return [(page, answer) for page in pages for answer in page.answers]


def _among(
    decisions: Iterable[Decision], kinds: Collection[str], states: Collection[DecisionState] = IN_FORCE
) -> list[Decision]:
    return [each for each in decisions if each.kind in kinds and each.state in states]


def _last(decisions: Sequence[Decision]) -> Decision | None:
    return decisions[-1] if decisions else None


def _share(page: Page) -> float:
    return page.reward / len(page.answers)
