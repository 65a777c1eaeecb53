"""Control questions: ordinary questions whose truth only we know. Pure: which are asked, and what they show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

PREFIX = "control:"  # of the assignment id that a control question claims to be about
WAYS = ("shifted", "left out", "added")
SHIFT = 0.6  # of a box's own size: what is shifted by so much overlaps the truth by less than half

Shape = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """An image whose outline is known: its address, its key, and the true boxes as Toloka's shapes (fractions)."""

    key: str
    image: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Control:
    """One control question: what it shows, and whether that is right."""

    assignment_id: str  # opaque; says nothing of the truth
    task_id: str
    image: str
    shapes: tuple[Shape, ...]
    truth: bool
    shown_as: tuple[str, str] = ("", "")  # assignment and task id that performers are sent: they look like any other

    @property
    def subject(self) -> dict[str, str]:
        """Return the hidden inputs that say what the question claims to be about."""
        assignment_id, task_id = self.shown_as
        return {"assignment_id": assignment_id or self.assignment_id, "task_id": task_id or self.task_id}


def due(question: str, share: float) -> bool:
    """Say whether a control question goes with this question, so that controls are `share` of all questions."""
    return share > 0 and _fraction("due", question) < share / (1 - share)


def control(known: Sequence[Known], question: str) -> Control:
    """Make the control question that goes with a question; right and wrong ones in equal number, by hash."""
    chosen = known[int(_fraction("which", question) * len(known))]
    truth = _fraction("truth", question) < 0.5
    shapes = chosen.shapes if truth else wrong(chosen.shapes, question)
    page, task = _digest("id", question)[:16], _digest("id", question)[16:]
    pool = question.partition("--")[0]
    shown_as = (_masked(page, pool), _masked(task, pool))
    return Control(f"{PREFIX}{page}", task, chosen.image, tuple(shapes), truth, shown_as)


def subject(assignment_id: str | None, task_id: str | None) -> tuple[str | None, str | None]:
    """Return what a question is about, from the ids that performers were sent: a control question is known again."""
    page, task = _unmasked(assignment_id), _unmasked(task_id)
    return (f"{PREFIX}{page}", task) if page and task else (assignment_id, task_id)


def _masked(opaque: str, pool: str) -> str:
    """Make 16 hex digits look like an id of the platform's: its pool, then 24 digits."""
    return f"{pool}--{opaque}{_digest('mask', opaque)[:8]}"


def _unmasked(shown: str | None) -> str | None:
    opaque = (shown or "").partition("--")[2][:16]
    return opaque if opaque and shown == _masked(opaque, (shown or "").partition("--")[0]) else None


def wrong(shapes: Sequence[Shape], question: str) -> tuple[Shape, ...]:
    """Spoil a right outline: one box shifted, one left out, or one added; where there is none, one is added."""
    way = WAYS[int(_fraction("way", question) * len(WAYS))] if shapes else "added"
    at = int(_fraction("box", question) * len(shapes))
    if way == "left out":
        return tuple(shapes[:at]) + tuple(shapes[at + 1 :])
    if way == "shifted":
        return (*shapes[:at], _shifted(shapes[at]), *shapes[at + 1 :])
    return (*shapes, _added(question))


def _shifted(shape: Shape) -> Shape:
    """Move a box sideways by more than half its width, to the side where there is room."""
    width, left = float(shape["width"]), float(shape["left"])
    step = SHIFT * width if left + width * (1 + SHIFT) <= 1 else -SHIFT * width
    if left + step >= 0:
        return {**shape, "left": round(left + step, 4)}
    return {**shape, "width": round(width * 0.4, 4)}  # as wide as the image: no room, so it is cut


def _added(question: str) -> Shape:
    left, top = 0.75 * _fraction("left", question), 0.75 * _fraction("top", question)
    return {"shape": "rectangle", "left": round(left, 4), "top": round(top, 4), "width": 0.2, "height": 0.2}


def known_from(values: Sequence[Mapping[str, Any]]) -> tuple[Known, ...]:
    """Read known outlines from plain values, as they are kept with a run."""
    return tuple(Known(each["key"], each["image"], tuple(each["shapes"])) for each in values)


def _digest(*what: object) -> str:
    return blake2b("\0".join(map(str, what)).encode(), digest_size=16).hexdigest()


def _fraction(*what: object) -> float:
    return int(_digest(*what)[:13], 16) / 16**13


def each_due(known: Sequence[Known], questions: Sequence[str], share: float) -> Iterator[Control]:
    """Return the control questions that go with these questions."""
    for question in questions:
        if known and due(question, share):
            yield control(known, question)
