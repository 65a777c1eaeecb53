"""Preliminary answers to a task, which somebody or something gave before any performer, with the confidence in each."""

from collections.abc import Mapping
from typing import Any

from simulator.contents.spec import flaws_of
from simulator.elements.errors import Flaw, required
from simulator.elements.shapes import anything, closed, fields, listed, mapped, number
from simulator.records.state import Json

FIELD = "baseline_solutions"
SOLUTION = closed({"output_values": mapped(anything), "confidence_weight": number(0, 1)}, "output_values")
FORM = fields({FIELD: listed(SOLUTION)})


def flaws(body: Json, output_spec: Mapping[str, Any]) -> dict[str, Flaw]:
    """What is wrong with the preliminary answers of a task, by path; each has some of the project's output fields."""
    found = FORM(body, "")
    for place, solution in enumerate([] if found else body.get(FIELD) or []):
        values, path = solution["output_values"], f"{FIELD}[{place}].output_values"
        asked = {name: output_spec[name] for name in values if name in output_spec}
        found |= flaws_of(values, asked, path) if values else {path: required()}
    return found


def part(body: Json) -> Json:
    """The preliminary answers in a task or a change of one, if there are any."""
    return {FIELD: body[FIELD]} if body.get(FIELD) is not None else {}
