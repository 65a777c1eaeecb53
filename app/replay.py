"""Recorded votes once more through the shipped policy, as if they came in only when it asks for them. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.replay_votes import RecordedPage, RecordedTask
from handlers.verdict import Learned, Outcome, PageVerdict, Policy, TaskVotes, Vote, judge, learn


class Ending(StrEnum):
    """What became of a page."""

    PAID = "paid"
    REFUSED = "refused"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Replayed:
    """How a rule ended one page, and what that took."""

    page: str
    ending: Ending
    votes: int  # that the rule asked for and that were recorded
    short: bool = False  # held because the rule wanted votes that nobody recorded


Rule = Callable[[Sequence[RecordedPage], Policy], list[Replayed]]
"""Ends every page, in order; what it learns of verifiers on one page it may use on the next."""

ENDINGS = {Outcome.PAY: Ending.PAID, Outcome.REFUSE: Ending.REFUSED}


class Standings:
    """What the pages decided so far say of each verifier."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._sums: dict[str, tuple[float, float]] = {}

    def accuracy(self, verifier: str) -> float:
        """How often this verifier is right, in 0.5..0.8; a stranger counts 0.8."""
        return self.policy.accuracy(*self._sums.get(verifier, (0.0, 0.0)))

    def take(self, lessons: Iterable[Learned]) -> None:
        """Add what a decided page says."""
        for each in lessons:
            known, agreed = self._sums.get(each.user_id, (0.0, 0.0))
            self._sums[each.user_id] = known + each.known, agreed + each.agreed


def shipped(pages: Sequence[RecordedPage], policy: Policy) -> list[Replayed]:
    """End the pages as the program would: first votes, one more where that helps, and verifiers learnt of on the way.

    Pages go one after the other, in the file's order; a page without a verdict when its recorded votes run out is held.
    """
    standings = Standings(policy)
    return [_shipped(page, policy, standings) for page in pages]


def _shipped(page: RecordedPage, policy: Policy, standings: Standings) -> Replayed:
    wanted = {task.name: policy.votes_first(len(page.tasks)) for task in page.tasks}
    tasks, verdict = _look(page, wanted, policy, standings)
    while verdict.outcome is Outcome.MORE:
        wanted = {name: votes + (name in verdict.more) for name, votes in wanted.items()}
        tasks, verdict = _look(page, wanted, policy, standings)
    if verdict.outcome in ENDINGS:
        standings.take(learn(tasks, policy))
    votes = sum(len(task.votes) for task in tasks)
    ending = ENDINGS.get(verdict.outcome, Ending.HELD)
    return Replayed(page.name, ending, votes, short=verdict.outcome is Outcome.WAIT)


def _look(
    page: RecordedPage, wanted: Mapping[str, int], policy: Policy, standings: Standings
) -> tuple[list[TaskVotes], PageVerdict]:
    tasks = [_task(task, wanted[task.name], standings) for task in page.tasks]
    return tasks, judge(tasks, policy)


def _task(task: RecordedTask, wanted: int, standings: Standings) -> TaskVotes:
    votes = (Vote(v.verifier, v.ok, accuracy=standings.accuracy(v.verifier)) for v in task.votes[:wanted])
    return TaskVotes(task.name, wanted, tuple(votes))
