"""The simulated people: who they are, what they draw, and how they answer when nobody says better."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from simulator.draws import digest, fraction


@dataclass(frozen=True, slots=True)
class Performer:
    """One person: `kind` is careful, careless, always_yes or always_no, `accuracy` a share, `pace` multiplies time."""

    id: str
    languages: tuple[str, ...]
    kind: str
    accuracy: float
    seed: int
    pace: float

    def draw(self, *what: object) -> float:
        """This person's own uniform number in [0, 1) for what is asked; the same question has the same answer."""
        return fraction(self.seed, self.id, *what)


Answers = Callable[[Mapping[str, Any], Mapping[str, Any], Performer], dict[str, Any]]
"""answer(task, project, performer) -> output values; task = {id, pool_id, input_values}, project as in the API."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The settings of a crowd: shares in 0..1; `skip` and `expire` are chances per page."""

    performers: int = 60
    seed: int = 0
    accuracy: float = 0.9
    careless: float = 0.0
    always_yes: float = 0.0
    always_no: float = 0.0
    skip: float = 0.02
    expire: float = 0.01
    languages: tuple[str, ...] = ("EN",)
    seconds_per_task: float = 12.0

    def people(self) -> list[Performer]:
        """Everybody, sorted by id."""
        return sorted((self._person(number) for number in range(self.performers)), key=lambda person: person.id)

    def _person(self, number: int) -> Performer:
        identity = digest("performer", self.seed, number)
        return Performer(
            id=identity,
            languages=self.languages,
            kind=self._kind(fraction(self.seed, identity, "kind")),
            accuracy=self.accuracy,
            seed=self.seed,
            pace=0.7 + 0.6 * fraction(self.seed, identity, "pace"),
        )

    def _kind(self, chance: float) -> str:
        shares = {"careless": self.careless, "always_yes": self.always_yes, "always_no": self.always_no}
        up_to = accumulate(shares.values())
        return next((kind for kind, bound in zip(shares, up_to, strict=True) if chance < bound), "careful")


def answers_by_spec(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
    """A valid answer for every required output field, drawn from the project's output spec."""
    spec = project["task_spec"]["output_spec"]
    return {
        name: _value(field, performer.draw("answer", task["id"], name))
        for name, field in sorted(spec.items())
        if field.get("required", True)
    }


def _value(field: Mapping[str, Any], chance: float) -> Any:
    if field["type"].startswith("array_"):
        size = max(1, field.get("min_size", 1))
        return [_value(dict(field, type=field["type"].removeprefix("array_")), chance)] * size
    if field.get("allowed_values"):
        return field["allowed_values"][int(chance * len(field["allowed_values"]))]
    return _DRAWN[field["type"]](field, chance)


def _number(field: Mapping[str, Any], chance: float) -> float:
    low = float(field.get("min_value", 0))
    return low + chance * (float(field.get("max_value", low + 1)) - low)


def _text(field: Mapping[str, Any], chance: float) -> str:
    return f"answer {chance:.6f}".ljust(field.get("min_length", 0), ".")[: field.get("max_length", 1000)]


_DRAWN: dict[str, Callable[[Mapping[str, Any], float], Any]] = {
    "boolean": lambda field, chance: chance < 0.5,
    "integer": lambda field, chance: round(_number(field, chance)),
    "float": _number,
    "string": _text,
    "url": lambda field, chance: f"https://example.com/{chance:.6f}",
    "file": lambda field, chance: f"attachment-{chance:.6f}",
    "coordinates": lambda field, chance: f"{chance * 80:.4f},{chance * 170:.4f}",
    "json": lambda field, chance: {"drawn": round(chance, 6)},
}
