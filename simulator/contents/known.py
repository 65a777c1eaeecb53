"""Tasks whose right answer is known: what makes a task a control or a training one, and how an answer is marked."""

from collections.abc import Mapping
from typing import Any

from simulator.contents.spec import flaws_of
from simulator.elements.errors import Flaw, required
from simulator.elements.shapes import anything, closed, fields, listed, mapped, number, text
from simulator.records.state import Json

SOLUTION = closed({"output_values": mapped(anything), "correctness_weight": number(0, 1)}, "output_values")
FIELDS = {"known_solutions": listed(SOLUTION), "message_on_unknown_solution": text}


def kind_of(body: Json) -> str:
    """Real, golden (it has known solutions) or training (it also has a hint)."""
    if not body.get("known_solutions"):
        return "real"
    return "training" if body.get("message_on_unknown_solution") else "golden"


def flaws(body: Json, output_spec: Mapping[str, Any]) -> dict[str, Flaw]:
    """What is wrong with the known solutions of a task, by path; a hint needs some."""
    found = fields(FIELDS)(body, "")
    if found:
        return found
    solutions: list[Json] | None = body.get("known_solutions")
    if solutions == [] or (body.get("message_on_unknown_solution") and not solutions):
        return {"known_solutions": required()}
    for place, solution in enumerate(solutions or []):
        values, path = solution["output_values"], f"known_solutions[{place}].output_values"
        asked = {name: output_spec[name] for name in values if name in output_spec}
        found |= flaws_of(values, asked, path) if values else {path: required()}
    return found


def credit(body: Json, values: Mapping[str, Any]) -> float:
    """What an answer is worth: the weight of the best known solution whose every field it has, 0 if it has none."""
    weights = [
        float(solution.get("correctness_weight", 1.0))
        for solution in body["known_solutions"]
        if all(values.get(name) == value for name, value in solution["output_values"].items())
    ]
    return max(weights, default=0.0)


def best(body: Json) -> Json:
    """The output values of the known solution that is worth most; of several the first."""
    weights = [float(solution.get("correctness_weight", 1.0)) for solution in body["known_solutions"]]
    values: Json = body["known_solutions"][weights.index(max(weights))]["output_values"]
    return values
