"""Rehearsals of made-up images with known boxes; no picture is needed, for simulated people know the truth."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.boxes import Box, from_shapes, right, to_shape
from app.crowds import SegmentationPeople
from app.rehearsal import Plan
from simulator.crowd.performers import Answers, Crowd
from simulator.elements.draws import fraction
from store.records import Answer

SEED = 5


def truth_of(key: str) -> tuple[Box, ...]:
    """One to three boxes, side by side."""

    def draw(*what: object) -> float:
        return fraction(SEED, key, *what)

    boxes = range(1 + int(3 * draw("number")))
    return tuple(Box(0.05 + 0.3 * at, 0.1 + 0.4 * draw(at), 0.15 + 0.1 * draw("width", at), 0.3) for at in boxes)


def plan(out: Path, images: int, crowd: Crowd, *, wrap: Any = None, accuracy: float = 0.8, **settings: Any) -> Plan:
    """A rehearsal of so many images; `wrap` turns the answers of honest people into others."""
    keys = [f"{number:03}.png" for number in range(images)]
    truths = {key: truth_of(key) for key in keys}
    answers: Answers = SegmentationPeople(truths, SEED, accuracy)
    return Plan(
        pipeline="image-segmentation",
        items=[{"key": key, "url": f"https://pictures.example/{key}"} for key in keys],
        crowd=crowd,
        answers=answers if wrap is None else wrap(answers),
        out=out,
        settings={"known": known(truths), **settings},
    )


def known(truths: Mapping[str, tuple[Box, ...]]) -> list[dict[str, Any]]:
    """What control questions are made of."""
    return [
        {"key": key, "image": f"https://pictures.example/{key}", "shapes": [to_shape(box) for box in boxes]}
        for key, boxes in truths.items()
    ]


def is_right(answer: Answer) -> bool:
    """Whether an outline is what verifiers are told to say OK to."""
    found = from_shapes((answer.output or {}).get("result"))
    return right(found, truth_of(str(answer.input["item"])), 0.7)
