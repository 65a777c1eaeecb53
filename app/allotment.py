"""Which known examples teach, which examine and which watch; none does two things, and none is to be labelled, too."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from app.examples import Example, LeftOut
from handlers.classification_settings import Settings
from store.errors import CrowdhookError

REAL, CONTROL, TRAINING, EXAM = "main", "control", "training", "exam"
SPARE = 1  # training and exam have so many more tasks than a page of theirs
CONTROL_PAGES = 20  # that a performer can do before no control task is new to him


class TooFewKnown(CrowdhookError):
    """There are not enough images whose class is known: give more of them, or ask for less."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many known tasks there are to be of each sort."""

    training: int = 16
    exam: int = 16
    control: int = 40

    @property
    def total(self) -> int:
        """All of them."""
        return self.training + self.exam + self.control


@dataclass(frozen=True, slots=True)
class Task:
    """One example and what it is for."""

    example: Example
    purpose: str  # main, control, training, exam

    def item(self, address: str | None = None) -> dict[str, Any]:
        """Return the item that a classification pipeline is given; `address` is where the image can be seen.

        Without one it is the example's own address, or the text itself. The class goes with known tasks alone.
        """
        shown = address or self.example.url or self.example.text
        item = {"key": self.example.key, "url": shown, "for": self.purpose}
        return item if self.purpose == REAL else {**item, "label": self.example.label}


@dataclass(frozen=True, slots=True)
class Allotment:
    """The tasks of a run: known ones by class in turn, real ones by key; and what none of them shows."""

    tasks: tuple[Task, ...]
    left_out: tuple[LeftOut, ...]

    def of(self, purpose: str) -> list[Example]:
        """Return the examples of one purpose."""
        return [task.example for task in self.tasks if task.purpose == purpose]

    @property
    def truths(self) -> dict[str, str]:
        """Return the true classes of real tasks where they are known, by key: for measuring, never to be shown."""
        return {each.key: each.label for each in self.of(REAL) if each.label is not None}


def numbers_for(chosen: Settings, known: int, *, alone: bool) -> Numbers:
    """Return sensible numbers: a page and one more for training and exam, control tasks for 20 pages a performer.

    Where nobody is examined there are none.

    Where there are fewer, the exam has its page first, and the rest is shared by training and control tasks.
    `alone` says that the known examples are all there are: then half of them stay to be labelled.
    """
    if not chosen.examined:
        return Numbers(0, 0, 0)
    room = known // 2 if alone else known
    training, exam = chosen.training_page + SPARE, chosen.exam_page + SPARE
    control = CONTROL_PAGES * chosen.control_tasks
    if room >= training + exam + control:
        return Numbers(training, exam, control)
    exam = min(chosen.exam_page, room)
    training = min(training, (room - exam) * training // (training + control))
    return Numbers(training, exam, min(control, room - exam - training))


def allot(
    known: Sequence[Example],
    unknown: Sequence[Example] | None,
    numbers: Numbers,
    seed: int = 0,
    limit: int | None = None,
) -> Allotment:
    """Draw the known tasks, balanced over the classes; `unknown` is then to be labelled, or what is left of `known`.

    Drawn by a hash of content and seed: the same examples give the same tasks, in whatever order they come. Of what is
    left of `known` at most `limit` are labelled. Raises TooFewKnown.
    """
    drawn = _drawn(known, numbers, seed)
    contents = {task.example.digest: task for task in drawn}
    if unknown is None:
        rest = [each for each in _shuffled(known, seed) if each.digest not in contents][:limit]
        return Allotment((*drawn, *_real(rest)), ())
    taken = [each for each in unknown if each.digest in contents]
    left_out = (LeftOut(each.key, _why(contents[each.digest])) for each in taken)
    rest = [each for each in unknown if each.digest not in contents]
    return Allotment((*map(_renamed, drawn), *_real(rest)), tuple(left_out))


def _drawn(known: Sequence[Example], numbers: Numbers, seed: int) -> list[Task]:
    """Give whichever sort lacks most the class that it has least of, rare classes first."""
    if numbers.total > len(known):
        raise TooFewKnown(
            f"{len(known)} are there; {numbers.training} for the training, {numbers.exam} for the exam and"
            f" {numbers.control} control tasks are {numbers.total}."
        )
    wanted = {CONTROL: numbers.control, TRAINING: numbers.training, EXAM: numbers.exam}
    left: dict[str, list[Example]] = {}
    for each in _shuffled(known, seed):
        left.setdefault(each.label or "", []).append(each)
    had = {purpose: Counter[str]() for purpose in wanted}
    drawn = []
    for _ in range(numbers.total):
        purpose = min((each for each in wanted if wanted[each]), key=lambda each: had[each].total() / wanted[each])
        label = _scarcest(had[purpose], left)
        drawn.append(Task(left[label].pop(), purpose))
        had[purpose][label] += 1
        if had[purpose].total() == wanted[purpose]:
            del wanted[purpose]
    return drawn


def _scarcest(had: Mapping[str, int], left: Mapping[str, Sequence[Example]]) -> str:
    return min((label for label in left if left[label]), key=lambda label: (had[label], len(left[label]), label))


def _shuffled(examples: Iterable[Example], seed: int) -> list[Example]:
    return sorted(examples, key=lambda each: sha256(f"{seed}:{each.digest}".encode()).digest())


def _real(examples: Iterable[Example]) -> list[Task]:
    return [Task(each, REAL) for each in sorted(examples, key=lambda each: each.key)]


def _renamed(task: Task) -> Task:
    """Name a known task so that it is not taken for a real one of another data set."""
    return replace(task, example=replace(task.example, key=f"known:{task.example.key}"))


def _why(task: Task) -> str:
    return f"its class is known ({task.example.label}): it is used for {task.purpose}"
