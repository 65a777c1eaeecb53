"""How a classification stands while it runs: answers, agreement, control tasks, and which of these may be wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from handlers.routing import Running
from store.contract import Store
from store.records import Decision, DecisionState

FIELD = "result"
ROLE = "main"
LOST = frozenset({DecisionState.FAILED, DecisionState.SUPERSEDED, DecisionState.RECALLED})  # never to be answered
GOOD = 0.75  # share of his other control answers that are right, of a performer who is believed about one
FEWEST = 3  # such performers who say otherwise, before a control task is doubted

Answer = tuple[str, str, str]  # task id, user id, label


@dataclass(frozen=True, slots=True)
class Doubt:
    """A control task that most otherwise good performers answer otherwise: its known answer may be wrong."""

    task_id: str
    key: str  # of the image
    known: str  # what its answer is said to be
    said: str  # what most of them say who say otherwise
    right: int  # of them, those who say what is known
    asked: int

    def __str__(self) -> str:
        """Ask whether its known answer is right, and say what speaks against it."""
        against = f"{self.asked - self.right} of {self.asked} good performers say otherwise, most {self.said}"
        return f"is {self.key} really {self.known}? {against}"


@dataclass(frozen=True, slots=True)
class Labelling:
    """The numbers of a run; shares are in 0..1."""

    images: int  # to be labelled
    asked: int  # of them, those that performers may meet
    complete: int  # those with all the answers that were asked for
    wanted: int  # answers in all
    answers: int  # so far
    performers: int
    agreement: float | None  # share of answers that are what most say of their image
    control_tasks: int
    control_answers: int
    control_right: int
    doubts: tuple[Doubt, ...]


def labelling(store: Store, running: Running, decisions: Iterable[Decision]) -> Labelling:
    """Count what a run's performers said so far; `decisions` are the run's."""
    asks = [each for each in decisions if each.kind == "ask" and each.lane == running.pool_ids[ROLE]]
    there = {str(each.result["task_id"]): each for each in asks if "task_id" in each.result}
    known = {task: str(each.payload["solution"][FIELD]) for task, each in there.items() if "solution" in each.payload}
    real = [each for each in asks if "solution" not in each.payload and each.state not in LOST]
    control: list[Answer] = []
    said: dict[str, Counter[str]] = defaultdict(Counter)
    performers = set()
    for task, user, label in store.labels_of(running.pool_ids[ROLE], FIELD):
        if task in known:
            control.append((task, user, label))
        elif task in there:
            said[task][label] += 1
            performers.add(user)
    answers = sum(each.total() for each in said.values())
    keys = {task: str(each.payload["input"].get("item", task)) for task, each in there.items()}
    return Labelling(
        images=len(real),
        asked=sum("task_id" in each.result for each in real),
        complete=sum(each.total() >= int(there[task].payload["overlap"]) for task, each in said.items()),
        wanted=sum(int(each.payload["overlap"]) for each in real),
        answers=answers,
        performers=len(performers),
        agreement=sum(max(each.values()) for each in said.values()) / answers if answers else None,
        control_tasks=len(known),
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
            most = Counter(sorted(label for label in said if label != known[task])).most_common(1)[0][0]
            found.append(Doubt(task, keys.get(task, task), known[task], most, agree, len(said)))
    return found


def _good(user: str, was_right: bool, right: Mapping[str, int], asked: Mapping[str, int]) -> bool:
    """Say whether a performer is right about the other control tasks, this one left out."""
    others = asked[user] - 1
    return others > 0 and (right[user] - was_right) / others >= GOOD


def _by_performer(answers: Iterable[Answer]) -> dict[str, dict[str, str]]:
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for task, user, label in answers:
        said[task][user] = label
    return said
