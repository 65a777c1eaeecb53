"""From votes to a verdict: what a page of tasks has earned, and what its verifiers taught us. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from math import ceil, exp, floor, fsum, inf, log

from store.errors import CrowdhookError

SLACK = 1e-9  # comparisons of probabilities and shares forgive this much, so that rounding never turns a page


class BadPolicy(CrowdhookError):
    """These thresholds contradict each other: change the one that is named."""


class EmptyPage(CrowdhookError):
    """A page without tasks has no verdict: give every task of the page, also those without votes."""


class TaskState(StrEnum):
    """What the votes say of one task."""

    OK = "OK"
    BAD = "BAD"
    OPEN = "OPEN"  # not sure enough either way, or votes are still out


class Outcome(StrEnum):
    """What follows for the page."""

    PAY = "PAY"
    REFUSE = "REFUSE"
    MORE = "MORE"  # one more vote on each of the named tasks
    HOLD = "HOLD"  # no votes that may still be asked for can decide it: a person must look
    WAIT = "WAIT"  # votes that were asked for are still out, and they may decide it


@dataclass(frozen=True, slots=True)
class Policy:
    """Every number that turns votes into a verdict; chances and shares lie in 0..1."""

    accept_at: float = 0.8  # a page is paid when at least this share of its tasks is OK
    reject_at: float = 0.5  # a page may be refused when at most this share of its tasks can still be OK
    sure: float = 0.97  # a task is OK from this chance of being right
    unsure: float = 0.1  # a task is BAD up to this chance of being right
    strict_sure: float = 0.98  # the same two where a single task can turn the page
    strict_unsure: float = 0.01
    refuse_chance: float = 0.01  # a page is refused only if it deserves pay with at most this chance
    max_votes: int = 7  # votes on one task, at most
    first_votes: int = 2  # votes on each task asked for at once
    strict_first_votes: int = 3  # the same where a single task can turn the page
    stranger: float = 0.8  # accuracy of a verifier of whom nothing is known; nobody counts more
    stranger_weight: float = 10.0  # how many known answers the stranger's accuracy is worth
    least: float = 0.5  # accuracy of a coin, which counts nothing; nobody counts less

    def __post_init__(self) -> None:
        for holds, complaint in self._rules():
            if not holds:
                raise BadPolicy(complaint)

    def _rules(self) -> tuple[tuple[bool, str], ...]:
        return (
            (0 <= self.reject_at <= self.accept_at - 0.01, "reject_at must be at least 0.01 below accept_at."),
            (self.accept_at <= 1, "accept_at must be at most 1."),
            (0 < self.unsure < 0.5 < self.sure < 1, "unsure must be in (0, 0.5) and sure in (0.5, 1)."),
            (0 < self.strict_unsure <= self.unsure, "strict_unsure must be above 0 and at most unsure."),
            (self.sure <= self.strict_sure < 1, "strict_sure must be at least sure and below 1."),
            (0 < self.refuse_chance < 0.5, "refuse_chance must be in (0, 0.5)."),
            (1 <= self.first_votes <= self.max_votes, "first_votes must be in 1..max_votes."),
            (1 <= self.strict_first_votes <= self.max_votes, "strict_first_votes must be in 1..max_votes."),
            (0.5 <= self.least <= self.stranger < 1, "least must be at least 0.5 and stranger in least..1."),
            (0 < self.stranger_weight < inf, "stranger_weight must be above 0, and finite."),
        )

    def need(self, n_tasks: int) -> int:
        """How many of a page's tasks must be OK for it to be paid."""
        return ceil(self.accept_at * n_tasks - SLACK)

    def floor_ok(self, n_tasks: int) -> int:
        """With how many OK tasks, at most, a page may be refused."""
        return floor(self.reject_at * n_tasks + SLACK)

    def strict(self, n_tasks: int) -> bool:
        """Whether one task can turn a page of this size from paid to refused."""
        return self.need(n_tasks) - self.floor_ok(n_tasks) <= 1

    def votes_first(self, n_tasks: int) -> int:
        """How many votes to ask for on each task of a fresh page of this size."""
        return self.strict_first_votes if self.strict(n_tasks) else self.first_votes

    def accuracy(self, known: float, agreed: float) -> float:
        """How often a verifier is right, from the sum of his lessons: `agreed` of `known`."""
        seen = (self.stranger * self.stranger_weight + agreed) / (self.stranger_weight + known)
        return self._clamped(seen)

    def weight(self, accuracy: float) -> float:
        """What a vote of a verifier of this accuracy counts, in log-odds; a coin's counts 0."""
        q = self._clamped(accuracy)
        return log(q / (1 - q))

    def bars(self, n_tasks: int) -> tuple[float, float]:
        """The chances (sure, unsure) from which and up to which a task of such a page is OK and BAD."""
        return (self.strict_sure, self.strict_unsure) if self.strict(n_tasks) else (self.sure, self.unsure)

    def _clamped(self, accuracy: float) -> float:
        return min(max(accuracy, self.least), self.stranger)


@dataclass(frozen=True, slots=True)
class Vote:
    """One verifier's answer to one question; `accuracy` is his standing when it is counted."""

    user_id: str
    ok: bool
    reason: str = ""  # what is wrong, when not ok
    accuracy: float = 0.8


@dataclass(frozen=True, slots=True)
class TaskVotes:
    """One task of the page: how many votes were asked for so far, and those that are in, oldest first."""

    task_id: str
    wanted: int
    votes: tuple[Vote, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskView:
    """What the votes say of one task; `chance` is that of the task being right."""

    task_id: str
    chance: float
    state: TaskState
    ok_votes: int
    bad_votes: int


@dataclass(frozen=True, slots=True)
class PageVerdict:
    """What follows for a page, and the numbers it follows from."""

    outcome: Outcome
    tasks: tuple[TaskView, ...]
    more: tuple[str, ...]  # ids of the tasks that need one more vote; empty unless MORE
    chance_of_enough: float  # that at least `need` of the tasks are right, from the votes that are in


@dataclass(frozen=True, slots=True)
class Learned:
    """What one task says about one verifier: he agreed with `agreed` of what is `known`, both in 0..1."""

    task_id: str
    user_id: str
    known: float
    agreed: float


def judge(tasks: Sequence[TaskVotes], policy: Policy) -> PageVerdict:
    """Say what the votes on all tasks of a page mean for its pay.

    A task is looked at only when every vote that was asked for is in: looking earlier would pick the moment at which a
    few votes happen to agree. Until then its state is OPEN and it may still become anything. So a page is paid early
    only if enough *other* tasks are OK, and refused early only if it would be with all the waiting tasks right. No vote
    that is still out can change such a verdict, and it is not waited for: on a refused page nothing is used anyway,
    and on a paid page the outlines that are not OK are asked anew. If neither pay nor refusal can still be reached,
    whatever the missing votes say, the page is held at once. In all other cases missing votes make it WAIT, even if
    another task already needs more: what the missing ones say may make that question needless.

    A tie (as much weight for OK as for BAD) leaves a task OPEN, so ties never refuse. One vote per verifier and task
    counts, the first. Raises EmptyPage.
    """
    if not tasks:
        raise EmptyPage
    looks = [_look(task, policy, *policy.bars(len(tasks))) for task in tasks]
    need = policy.need(len(tasks))
    outcome, more = _decide(looks, need, policy)
    return PageVerdict(
        outcome=outcome,
        tasks=tuple(look.view for look in looks),
        more=more,
        chance_of_enough=chance_of_at_least(need, [look.view.chance for look in looks]),
    )


def learn(tasks: Sequence[TaskVotes], policy: Policy, truth: Mapping[str, bool] | None = None) -> list[Learned]:
    """What a decided page says about its verifiers: each is compared with the OTHER votes on the same task.

    Nobody is judged by a verdict that he helped to make. `truth` (task id -> right or not: a control question, or what
    a person decided) takes the place of the others where it is known. Where the others say nothing, nothing is learnt.
    """
    truth = truth or {}
    return list(chain.from_iterable(_lessons(task, policy, truth.get(task.task_id)) for task in tasks))


def chance_of_at_least(wanted: int, chances: Sequence[float]) -> float:
    """The chance that at least `wanted` of independent events happen (Poisson-binomial tail)."""
    counts = [1.0]  # counts[k]: the chance that k of the events so far happened
    for p in chances:
        happened = [0.0, *(p * c for c in counts)]
        failed = [*((1 - p) * c for c in counts), 0.0]
        counts = [a + b for a, b in zip(happened, failed, strict=True)]
    return min(1.0, sum(counts[max(wanted, 0) :]))


@dataclass(frozen=True, slots=True)
class _Look:
    """A task's view, and how it may still move: by votes that are out, or by votes that may be asked for."""

    view: TaskView
    waiting: bool
    askable: bool

    @property
    def highest(self) -> float:
        """Its chance of being right if all votes that are out said OK."""
        return 1.0 if self.waiting else self.view.chance

    @property
    def lowest(self) -> float:
        """Its chance of being right if all votes that are out, or that may be asked for, said BAD."""
        movable = self.waiting or (self.askable and self.view.state != TaskState.OK)
        return 0.0 if movable else self.view.chance


def _look(task: TaskVotes, policy: Policy, sure: float, unsure: float) -> _Look:
    votes = _first_of_each(task.votes)
    chance = _chance(votes, policy)
    waiting = len(votes) < task.wanted
    ok = sum(vote.ok for vote in votes)
    state = TaskState.OPEN if waiting else _state(chance, sure, unsure)
    view = TaskView(task.task_id, chance, state, ok_votes=ok, bad_votes=len(votes) - ok)
    return _Look(view, waiting, askable=not waiting and len(votes) < policy.max_votes)


def _state(chance: float, sure: float, unsure: float) -> TaskState:
    if chance >= sure - SLACK:
        return TaskState.OK
    return TaskState.BAD if chance <= unsure + SLACK else TaskState.OPEN


def _decide(looks: Sequence[_Look], need: int, policy: Policy) -> tuple[Outcome, tuple[str, ...]]:
    ok = sum(look.view.state == TaskState.OK for look in looks)
    if ok >= need:
        return Outcome.PAY, ()
    floor_ok = policy.floor_ok(len(looks))
    few_enough = _not_bad(looks) <= floor_ok
    if few_enough and _at_most(policy.refuse_chance, need, [look.highest for look in looks]):
        return Outcome.REFUSE, ()
    ask = [look for look in looks if _worth_a_vote(look, few_enough, policy)]
    moving = [look for look in looks if look.waiting or look in ask]
    payable = ok + len(moving) >= need
    refusable = _not_bad([look for look in looks if look not in moving]) <= floor_ok and _at_most(
        policy.refuse_chance, need, [look.lowest for look in looks]
    )
    if not moving or not (payable or refusable):
        return Outcome.HOLD, ()
    if any(look.waiting for look in looks):
        return Outcome.WAIT, ()
    return Outcome.MORE, tuple(look.view.task_id for look in ask)


def _worth_a_vote(look: _Look, few_enough: bool, policy: Policy) -> bool:
    """OPEN tasks are; when only the 1 % test stands against a refusal, BAD ones that are not sure to be are as well."""
    if few_enough:
        return look.askable and look.view.state != TaskState.OK and look.view.chance > policy.refuse_chance + SLACK
    return look.askable and look.view.state == TaskState.OPEN


def _not_bad(looks: Sequence[_Look]) -> int:
    return sum(look.view.state != TaskState.BAD for look in looks)


def _at_most(bound: float, need: int, chances: Sequence[float]) -> bool:
    return chance_of_at_least(need, chances) <= bound + SLACK


def _first_of_each(votes: Sequence[Vote]) -> tuple[Vote, ...]:
    first: dict[str, Vote] = {}
    for vote in votes:
        first.setdefault(vote.user_id, vote)
    return tuple(first.values())


def _chance(votes: Sequence[Vote], policy: Policy) -> float:
    """The chance that a task is right, either as likely before the first vote; fsum: order does not matter."""
    odds = fsum(policy.weight(vote.accuracy) * (1 if vote.ok else -1) for vote in votes)
    return 1 / (1 + exp(-odds))


def _lessons(task: TaskVotes, policy: Policy, truth: bool | None) -> list[Learned]:
    votes = _first_of_each(task.votes)
    lessons = []
    for vote in votes:
        others = [other for other in votes if other.user_id != vote.user_id]
        chance = _chance(others, policy) if truth is None else float(truth)
        known = abs(2 * chance - 1)
        if known > SLACK:
            agrees = vote.ok == (chance > 0.5)
            lessons.append(Learned(task.task_id, vote.user_id, known, known if agrees else 0.0))
    return lessons
