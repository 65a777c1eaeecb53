"""The simulated people: who they are, what they draw, and how they answer when nobody says better."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Protocol

from simulator.draws import digest, fraction
from simulator.profiles import Profile, Profiles

KINDS_OF_PEOPLE = ("careless", "always_yes", "always_no", "guesser", "cheater")
"""Kinds of people who are not careful, in the order in which chance is shared out."""


@dataclass(frozen=True, slots=True)
class Performer:
    """One person: `kind` is one of Crowd's, `accuracy` a share, `pace` multiplies time.

    `profile` is what filters ask about; who is not `screened` is let in by all that do not ask for a skill.
    `taught` are the right answers (output values) of the project's training tasks that he was shown so far, oldest
    first, those of the same page included.
    """

    id: str
    kind: str
    accuracy: float
    seed: int
    pace: float
    profile: Profile = field(default_factory=Profile)
    screened: bool = True
    taught: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)

    def draw(self, *what: object) -> float:
        """This person's own uniform number in [0, 1) for what is asked; the same question has the same answer."""
        return fraction(self.seed, self.id, *what)


Answers = Callable[[Mapping[str, Any], Mapping[str, Any], Performer], dict[str, Any]]
"""answer(task, project, performer) -> output values; task = {id, pool_id, input_values}, project as in the API.

Nothing tells whether the task is a real, a control or a training one. The same arguments must give the same answer.
"""


class Population(Protocol):
    """Who lives in a world: a drawn crowd, or recorded performers."""

    @property
    def seed(self) -> int:
        """What every draw about the world depends on."""

    @property
    def skip(self) -> float:
        """The chance that a page is skipped."""

    @property
    def expire(self) -> float:
        """The chance that a page is left until its time runs out."""

    @property
    def likes(self) -> float:
        """The share of people who like a project's kind of work."""

    @property
    def replies(self) -> float:
        """The share of people who reply to a message that may be answered."""

    @property
    def seconds_per_task(self) -> float:
        """How long a task takes somebody of usual pace, about."""

    def people(self) -> list[Performer]:
        """Everybody, sorted by id."""

    def newcomer(self, number: int) -> Performer | None:
        """Somebody who may come later, by a number from 0 on; None where nobody ever does."""

    def takes(self, performer: Performer, inputs: Mapping[str, Any]) -> bool:
        """Say whether this person would take a task with these input values at all."""

    def seconds(self, performer: Performer, inputs: Mapping[str, Any]) -> float | None:
        """How long exactly this task takes this person; None when that is drawn."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The settings of a crowd: shares in 0..1; `skip` and `expire` are chances per page.

    `careless`, `always_yes`, `always_no`, `guesser` and `cheater` are shares of kinds of people, the others are
    careful; a cheater is done with any page in 1 to 5 seconds.
    """

    performers: int = 60
    seed: int = 0
    accuracy: float = 0.9
    careless: float = 0.0
    always_yes: float = 0.0
    always_no: float = 0.0
    guesser: float = 0.0
    cheater: float = 0.0
    skip: float = 0.02
    expire: float = 0.01
    seconds_per_task: float = 12.0
    likes: float = 0.5
    replies: float = 0.0
    profiles: Profiles = field(default_factory=Profiles)

    def people(self) -> list[Performer]:
        """Everybody, sorted by id."""
        return sorted((self._person(number) for number in range(self.performers)), key=lambda person: person.id)

    def newcomer(self, number: int) -> Performer:
        """Somebody like the others."""
        return self._person(self.performers + number)

    def _person(self, number: int) -> Performer:
        identity = digest("performer", self.seed, number)

        def draw(*what: object) -> float:
            return fraction(self.seed, identity, *what)

        return Performer(
            id=identity,
            kind=self._kind(draw("kind")),
            accuracy=self.accuracy,
            seed=self.seed,
            pace=0.7 + 0.6 * draw("pace"),
            profile=self.profiles.draw(draw),
        )

    def _kind(self, chance: float) -> str:
        shares = {kind: getattr(self, kind) for kind in KINDS_OF_PEOPLE}
        up_to = accumulate(shares.values())
        return next((kind for kind, bound in zip(shares, up_to, strict=True) if chance < bound), "careful")

    def takes(self, performer: Performer, inputs: Mapping[str, Any]) -> bool:
        """Say yes: a drawn person takes whatever comes."""
        return True

    def seconds(self, performer: Performer, inputs: Mapping[str, Any]) -> float | None:
        """Nobody told how long it takes."""
        return None


def answers_by_spec(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
    """A valid answer for every required output field, drawn from the output spec; a cheater's is always the same."""
    spec = project["task_spec"]["output_spec"]
    return {
        name: _value(field, 0.0 if performer.kind == "cheater" else performer.draw("answer", task["id"], name))
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
