"""Other ways from votes to pay, beside the shipped policy: majorities, and the platform's own formula. Pure."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, prod

from app.replay import Ending, Replayed, Rule, shipped
from app.replay_votes import RecordedPage, RecordedTask, RecordedVote
from handlers.verdict import Policy, TaskState

FIRST = 5  # votes that the majority of the first so many waits for
OVERLAP, MOST_OVERLAP = 2, 5  # votes that the platform's dynamic overlap starts with, and ends with
CONFIDENCE = 0.8  # from which it asks for no more
STRANGER = 0.5  # the platform's accuracy of a performer without a skill
LEAST, MOST = 0.01, 0.99  # a skill of 0 or of 100 percent must not silence everybody else
MAJORITY = 2  # performers who must give an answer for it to be one of the majority
HISTORY, ENOUGH = 10, 3  # the skill is the share right of the last ten such answers, from the third on


@dataclass(frozen=True, slots=True)
class Decided:
    """What a rule makes of one task, the votes it took, and the line of the last of them."""

    state: TaskState
    votes: int
    line: int
    short: bool  # more votes were wanted than were recorded


def majority(pages: Sequence[RecordedPage], policy: Policy) -> list[Replayed]:
    """A task is what most of all its recorded votes say, a page what the shares say; a tie leaves a task open."""
    return [_by_shares(page, [_most(task, None) for task in page.tasks], policy) for page in pages]


def majority_of_first(pages: Sequence[RecordedPage], policy: Policy) -> list[Replayed]:
    """The same from the first five votes: a task is what three of them say, else open."""
    return [_by_shares(page, [_most(task, FIRST) for task in page.tasks], policy) for page in pages]


def platform(pages: Sequence[RecordedPage], policy: Policy) -> list[Replayed]:
    """A task is what Toloka's dynamic overlap and aggregation make of it, a page what the shares say."""
    skills = Skills()
    return [_by_shares(page, [_overlap(task, skills) for task in page.tasks], policy) for page in pages]


def first_task(pages: Sequence[RecordedPage], policy: Policy) -> list[Replayed]:
    """The same tasks, but the page is paid or refused as soon as its first one is decided, by that one alone."""
    skills = Skills()
    return [_by_first(page, [_overlap(task, skills) for task in page.tasks]) for page in pages]


RULES: Mapping[str, Rule] = {
    "shipped policy": shipped,
    "majority of all votes": majority,
    f"majority of first {FIRST}": majority_of_first,
    "platform's formula": platform,
    "first task decides": first_task,
}
"""Every rule that recorded votes are replayed through, the shipped one first."""


class Skills:
    """What Toloka's majority rule makes of each verifier: the share of his last answers that others gave too."""

    def __init__(self) -> None:
        self._marks: dict[str, deque[bool]] = {}

    def accuracy(self, verifier: str) -> float:
        """The chance that Toloka gives his answers; one half until it has seen three."""
        marks = self._marks.get(verifier, ())
        return min(max(sum(marks) / len(marks), LEAST), MOST) if len(marks) >= ENOUGH else STRANGER

    def take(self, votes: Sequence[RecordedVote]) -> None:
        """Mark the answers to a task that is done; where none was given twice, it counts for nobody."""
        given = [vote.ok for vote in votes]
        if max(given.count(True), given.count(False)) >= MAJORITY:
            for vote in votes:
                self._marks.setdefault(vote.verifier, deque(maxlen=HISTORY)).append(given.count(vote.ok) >= MAJORITY)


def confidence(votes: Sequence[RecordedVote], skills: Skills) -> tuple[TaskState, float]:
    """What Toloka concludes from the votes, and its chance of that; with as much weight on both sides, OPEN."""
    weights = [skills.accuracy(vote.verifier) for vote in votes]
    pairs = list(zip(votes, weights, strict=True))
    ok = prod(q if vote.ok else 1 - q for vote, q in pairs)
    bad = prod(1 - q if vote.ok else q for vote, q in pairs)
    lead = fsum(q if vote.ok else -q for vote, q in pairs)
    if lead == 0:
        return TaskState.OPEN, 0.5
    return (TaskState.OK, ok / (ok + bad)) if lead > 0 else (TaskState.BAD, bad / (ok + bad))


def _overlap(task: RecordedTask, skills: Skills) -> Decided:
    """Take votes until Toloka is confident, at most five; where the record ends before, the task stays open."""
    for count in range(OVERLAP, min(MOST_OVERLAP, len(task.votes)) + 1):
        votes = task.votes[:count]
        state, sure = confidence(votes, skills)
        if sure >= CONFIDENCE or count == MOST_OVERLAP:
            skills.take(votes)
            return Decided(state, count, votes[-1].line, short=False)
    return Decided(TaskState.OPEN, len(task.votes), task.votes[-1].line, short=True)


def _most(task: RecordedTask, first: int | None) -> Decided:
    votes = task.votes[:first]
    ok, wanted = sum(vote.ok for vote in votes), first or len(votes)
    state = TaskState.OK if 2 * ok > wanted else TaskState.OPEN
    if 2 * (len(votes) - ok) > wanted:
        state = TaskState.BAD
    return Decided(state, len(votes), votes[-1].line, short=len(votes) < wanted)


def _by_shares(page: RecordedPage, tasks: Sequence[Decided], policy: Policy) -> Replayed:
    states = [task.state for task in tasks]
    if states.count(TaskState.OK) >= policy.need(len(tasks)):
        return _ended(page, Ending.PAID, tasks)
    refused = len(tasks) - states.count(TaskState.BAD) <= policy.floor_ok(len(tasks))
    return _ended(page, Ending.REFUSED if refused else Ending.HELD, tasks)


def _by_first(page: RecordedPage, tasks: Sequence[Decided]) -> Replayed:
    done = [task for task in tasks if task.state is not TaskState.OPEN]
    first = min(done, key=lambda task: task.line, default=None)
    if first is None:
        return _ended(page, Ending.HELD, tasks)
    return _ended(page, Ending.PAID if first.state is TaskState.OK else Ending.REFUSED, tasks)


def _ended(page: RecordedPage, ending: Ending, tasks: Sequence[Decided]) -> Replayed:
    short = ending is Ending.HELD and any(task.short and task.state is TaskState.OPEN for task in tasks)
    return Replayed(page.name, ending, sum(task.votes for task in tasks), short)
