"""Aggregation by skill, as dynamic overlap does it: the likelier an answer, the better those who gave it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from simulator.elements.draws import canonical

UNKNOWN = 0.5
LOWEST, HIGHEST = 0.01, 0.99
MOST_OPTIONS = 32


def options(field: Mapping[str, Any]) -> int | None:
    """How many different answers an output field allows; None for a field that cannot be aggregated."""
    if field.get("allowed_values"):
        return len(field["allowed_values"])
    if field["type"] == "boolean":
        return 2
    low, high = field.get("min_value"), field.get("max_value")
    if field["type"] != "integer" or low is None or high is None:
        return None
    count = int(high) - int(low) + 1
    return count if 0 < count <= MOST_OPTIONS else None


def weight(skill: float | None) -> float:
    """The chance that a performer is right, from his skill (0..100); half when he has none."""
    return UNKNOWN if skill is None else min(HIGHEST, max(LOWEST, skill / 100.0))


def decide(answers: Sequence[tuple[Any, float]], count: int) -> tuple[Any, float]:
    """The answer of a task and the confidence in it, from (answer, weight of who gave it), of `count` options.

    The answer is that with the most weight behind it, of equals the first by its JSON text. The confidence is its
    probability if all options were equally likely beforehand.
    """
    behind: dict[str, float] = {}
    for value, known in answers:
        behind[canonical(value)] = behind.get(canonical(value), 0.0) + known
    chosen = min(behind, key=lambda text: (-behind[text], text))
    logs = {text: sum(_log(canonical(value) == text, known, count) for value, known in answers) for text in behind}
    nowhere = sum(_log(False, known, count) for _, known in answers)
    top = max(*logs.values(), nowhere)
    total = sum(math.exp(each - top) for each in logs.values()) + max(0, count - len(logs)) * math.exp(nowhere - top)
    value = next(value for value, _ in answers if canonical(value) == chosen)
    return value, math.exp(logs[chosen] - top) / total


def _log(gave: bool, known: float, count: int) -> float:
    return math.log(known if gave else (1.0 - known) / max(1, count - 1))
