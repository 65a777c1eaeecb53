"""How a classification stands while it runs: answers, agreement, control tasks, and which of these may be wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from handlers.routing import Running
from store.contract import Store
from store.records import DecisionState

FIELD = "result"
ROLE = "main"
GOOD = 0.75  # share of his other control answers that are right, of a performer who is believed about one
FEWEST = 3  # such performers who say otherwise, before a control task is doubted

Answer = tuple[str, str, str]  # task id, user id, label


@dataclass(frozen=True, slots=True)
class Doubt:
    """A control task that most otherwise good performers answer otherwise: its known answer may be wrong."""

    task_id: str
    key: str  # of the image
    known: str  # what its answer is said to be
    said: str  # what most of them say
    right: int  # of them, those who say what is known
    asked: int

    def __str__(self) -> str:
        """Ask whether its known answer is right, and say what speaks against it."""
        against = f"{self.asked - self.right} of {self.asked} good performers say otherwise, most {self.said}"
        return f"is {self.key} really {self.known}? {against}"


@dataclass(frozen=True, slots=True)
class Labelling:
    """The numbers of a run; shares are in 0..1."""

    images: int
    answered: int  # images with all the answers that were asked for
    answers: int
    performers: int
    agreement: float | None  # share of answers that are what most say of their image
    control_answers: int
    control_right: int
    doubts: tuple[Doubt, ...]


def labelling(store: Store, running: Running) -> Labelling:
    """Count what a run's performers said so far."""
    pool_id = running.pool_ids[ROLE]
    known = {task: str(solution[FIELD]) for task, solution in store.solutions_of(pool_id).items()}
    keys = {task: str(shown.get("item", task)) for task, _, shown in store.tasks_of(pool_id)}
    answers = list(store.labels_of(pool_id, FIELD))
    real = [each for each in answers if each[0] not in known]
    control = [each for each in answers if each[0] in known]
    by_task = _by_task(real)
    wanted = _wanted(store, pool_id)
    return Labelling(
        images=sum(task not in known for task in keys),
        answered=sum(said.total() >= wanted.get(task, running.settings.overlap) for task, said in by_task.items()),
        answers=len(real),
        performers=len({user for _, user, _ in real}),
        agreement=sum(max(said.values()) for said in by_task.values()) / len(real) if real else None,
        control_answers=len(control),
        control_right=sum(known[task] == label for task, _, label in control),
        doubts=tuple(doubts(control, known, keys)),
    )


def doubts(control: Sequence[Answer], known: Mapping[str, str], keys: Mapping[str, str]) -> Iterable[Doubt]:
    """Yield the control tasks that most performers fail who are right about the others, by key."""
    right, asked = Counter[str](), Counter[str]()
    for task, user, label in control:
        asked[user] += 1
        right[user] += label == known[task]
    found = []
    for task, given in sorted(_by_performer(control).items(), key=lambda each: keys.get(each[0], each[0])):
        said = [label for user, label in given.items() if _good(user, label == known[task], right, asked)]
        agree = sum(label == known[task] for label in said)
        if len(said) - agree >= FEWEST and 2 * agree < len(said):
            most = Counter(said).most_common(1)[0][0]
            found.append(Doubt(task, keys.get(task, task), known[task], most, agree, len(said)))
    return found


def _good(user: str, was_right: bool, right: Mapping[str, int], asked: Mapping[str, int]) -> bool:
    """Say whether a performer is right about the other control tasks, this one left out."""
    others = asked[user] - 1
    return others > 0 and (right[user] - was_right) / others >= GOOD


def _wanted(store: Store, pool_id: str) -> dict[str, int]:
    """Return how many answers each task was to have that has an end."""
    asks = [each for each in store.decisions(kind="ask", state=DecisionState.DONE) if each.lane == pool_id]
    return {str(each.result["task_id"]): int(each.payload["overlap"]) for each in asks if each.payload["overlap"]}


def _by_task(answers: Iterable[Answer]) -> dict[str, Counter[str]]:
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for task, _, label in answers:
        said[task][label] += 1
    return said


def _by_performer(answers: Iterable[Answer]) -> dict[str, dict[str, str]]:
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for task, user, label in answers:
        said[task][user] = label
    return said
