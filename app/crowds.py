"""Simulated people who outline and verify: their answers follow from the true boxes, the question and who they are."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from app.boxes import Box, from_shapes, right, to_shape
from app.outlines import careful_outline, imagined_outline, wrong_outline
from simulator.crowd.performers import Performer
from simulator.elements.draws import fraction
from store.errors import CrowdhookError

LOOSE_AT = 0.3  # a box that overlaps an object this much is loose; below, it is on something else
OK, BAD = "OK", "BAD"
OUTLINED, JUDGED = "result", "verdict"
REASONS = ("missed", "loose", "object", "other")


class UnknownProject(CrowdhookError):
    """Simulated people do not know this kind of task: it must ask for a result (outline) or a verdict (verify)."""


class SegmentationPeople:
    """Answers of a whole crowd: called with a task, its project and a performer, it gives the output values.

    `truths` holds the true boxes by image address or data set key; the address's host and port do not matter. Where
    nobody knows the truth (None, or no entry) the whole crowd imagines one and the same box. `recognise` tells the key
    of the image that an address shows, where the address itself does not.
    """

    def __init__(
        self,
        truths: Mapping[str, Sequence[Box] | None],
        seed: int = 0,
        outline_accuracy: float = 0.8,
        tight_at: float = 0.7,
        recognise: Callable[[str], str | None] = lambda image: None,
    ) -> None:
        self._recognise = recognise
        self._truths = truths
        self._seed = seed
        self._outline_accuracy = outline_accuracy
        self._tight_at = tight_at

    def __call__(self, task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        """Outline or verify, as the project's output fields demand. Raises UnknownProject."""
        fields = project["task_spec"]["output_spec"]
        if "verdict" in fields:
            return self._verify(task["input_values"], performer)
        if "result" in fields:
            return self._outline(task["input_values"]["image"], performer)
        raise UnknownProject(f"Its output fields: {', '.join(sorted(fields))}")

    def _outline(self, image: str, performer: Performer) -> dict[str, Any]:
        truth, place = self._truth(image), _place(image)

        def draw(*what: object) -> float:
            return performer.draw("outline", place, *what)

        told = performer.conduct.ability(performer.project, OUTLINED).accuracy
        chance = self._outline_accuracy if told is None else performer.chance(None, OUTLINED)
        if draw("right") < chance:
            found = careful_outline(truth, self._tight_at, draw)
        else:
            found = wrong_outline(truth, self._tight_at, draw)
        return {"result": [to_shape(box) for box in found]} if found else {"nothing": True}

    def _verify(self, inputs: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        truth, found = self._truth(inputs["image"]), from_shapes(inputs.get("selection"))
        shown = json.dumps([to_shape(box) for box in found], sort_keys=True)
        is_right = right(found, truth, self._tight_at)

        def draw(*what: object) -> float:
            return performer.draw("verify", _place(inputs["image"]), shown, *what)

        if _says(performer, is_right, draw) == OK:
            return {"verdict": OK}
        knows = performer.kind == "careful" and not is_right
        return {"verdict": BAD, "wrong": what_is_wrong(found, truth) if knows else REASONS[int(draw("wrong") * 4)]}

    def _truth(self, image: str) -> tuple[Box, ...]:
        names = (self._recognise(image) or image, *_names(image))
        known = next((self._truths[name] for name in names if name in self._truths), None)
        return self._imagined(_place(image)) if known is None else tuple(known)

    def _imagined(self, place: str) -> tuple[Box, ...]:
        return imagined_outline(lambda *what: fraction(self._seed, "imagined", place, *what))


def what_is_wrong(found: Sequence[Box], truth: Sequence[Box]) -> str:
    """The reason that somebody who knows the truth gives for a wrong outline: missed, object or loose."""
    if len(found) < len(truth):
        return "missed"
    return "loose" if right(found, truth, LOOSE_AT) else "object"


def _says(performer: Performer, is_right: bool, draw: Callable[..., float]) -> str:
    """What somebody says of an outline, by one draw; careless people flip a coin."""

    def said(what: str) -> float:
        return draw("says" if what in ("right", "guess") else what)

    who = replace(performer, kind="guesser") if performer.kind == "careless" else performer
    truth = OK if is_right else BAD
    return who.choose(truth, (OK, BAD), performer.chance(truth, JUDGED), said, JUDGED)


def _place(image: str) -> str:
    """An image's address without host and port, which differ from run to run."""
    return unquote(urlsplit(image).path)


def _names(image: str) -> Iterator[str]:
    """Under which names an image's truth may be known: its address, then its path, then ever shorter ends of it."""
    yield image
    rest = _place(image)
    while rest:
        yield rest
        _, _, rest = rest.partition("/")
