"""The simulated people: who they are, what they draw, and how they answer when nobody says better."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any, Protocol, TypeVar

from simulator.crowd import patterns
from simulator.crowd.conduct import Conduct
from simulator.crowd.profiles import Profile, Profiles
from simulator.crowd.saying import any_of, choice, confused
from simulator.elements.draws import digest, fraction

Thing = TypeVar("Thing")
KINDS_OF_PEOPLE = ("careless", "always_yes", "always_no", "guesser", "cheater")
"""Kinds of people who are not careful, in the order in which chance is shared out."""
HASTY_SECONDS = (1.0, 5.0)
"""How long a cheater looks at a page, whatever is on it."""


@dataclass(frozen=True, slots=True)
class Performer:
    """One person: `kind` is one of Crowd's, `accuracy` a share, `pace` multiplies time.

    `profile` is what filters ask about; who is not `screened` is let in by all that do not ask for a skill.
    `taught` are the right answers (output values) of the project's training tasks that he was shown so far, oldest
    first, those of the same page included. When he is asked, `project` is its public name, `pages` are those that he
    did in it, `accuracy` is what he has in it by now, and `truth` what the requester said is right (None: nothing).
    """

    id: str
    kind: str
    accuracy: float
    seed: int
    pace: float
    profile: Profile = field(default_factory=Profile)
    screened: bool = True
    conduct: Conduct = field(default_factory=Conduct, hash=False)
    taught: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    project: str | None = None
    pages: int = 0
    truth: Mapping[str, Any] | None = field(default=None, hash=False)
    voice: str | None = None

    def draw(self, *what: object) -> float:
        """This person's own uniform number in [0, 1) for what is asked; the same question has the same answer."""
        return fraction(self.seed, self.voice or self.id, *what)

    def chance(self, truth: Any, output: str | None = None) -> float:
        """How likely he is right where this is the truth, about this output field."""
        ability = self.conduct.ability(self.project, output)
        told = ability.classes.get(str(truth), ability.accuracy)
        return self.accuracy if told is None else self.conduct.grown(told, self.pages, len(self.taught))

    def says(self, truth: Any, options: Sequence[Any], about: object, output: str | None = None) -> Any:
        """What he says where `truth` is right and these may be said: for answers functions that know the truth.

        `about` names the thing that is looked at: of the same he says the same. He may be right, take the truth for
        something else by habit or for once, or not look at all, as his kind and his conduct are.
        """

        def draw(what: str) -> float:
            return self.draw(what, truth if what == "takes it for" else about, *((output,) if output else ()))

        return self.choose(truth, options, self.care * self.chance(truth, output), draw, output)

    @property
    def care(self) -> float:
        """By what the chance that he is right is multiplied: careless people look half as well."""
        return 0.5 if self.kind == "careless" else 1.0

    def choose(
        self, truth: Thing, options: Sequence[Thing], chance: float, draw: Callable[[str], float], output: str | None
    ) -> Thing:
        """What he says with this chance to be right, for answers functions with draws of their own (see `saying`)."""
        conduct = self.conduct
        if conduct.carelessness and draw("careless") < conduct.carelessness:
            return any_of(options, draw("guess"))
        confusion = conduct.ability(self.project, output).confusions.get(str(truth))
        if confusion is not None:
            return confused(confusion, truth, options, draw("confused"))
        return choice(self.kind, truth, options, chance, draw)


Answers = Callable[[Mapping[str, Any], Mapping[str, Any], Performer], dict[str, Any]]
"""answer(task, project, performer) -> output values; task = {id, pool_id, input_values}, project as in the API.

Nothing tells whether the task is a real, a control or a training one. The same arguments must give the same answer.
"""


class Population(Protocol):
    """Who lives in a world: a drawn crowd, or recorded performers."""

    @property
    def seed(self) -> int:
        """What every draw about the world depends on."""

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

        kind = self._kind(draw("kind"))
        return Performer(
            id=identity,
            kind=kind,
            accuracy=self.accuracy,
            seed=self.seed,
            pace=0.7 + 0.6 * draw("pace"),
            profile=self.profiles.draw(draw),
            conduct=Conduct(
                skip=self.skip,
                expire=self.expire,
                likes=self.likes,
                replies=self.replies,
                seconds_per_task=self.seconds_per_task,
                page_seconds=HASTY_SECONDS if kind == "cheater" else None,
            ),
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
    """A valid answer for every output field, drawn from the output spec; a cheater's is always the same.

    Where the requester said what is right, the person knows it as well as he does. What may be left empty he leaves
    empty one time in two, a cheater always.
    """
    spec, truth = project["task_spec"]["output_spec"], performer.truth or {}
    return {
        name: _known(task, name, field, truth[name], performer)
        if name in truth
        else _drawn(task, name, field, performer)
        for name, field in sorted(spec.items())
        if name in truth or field.get("required", True) or _is_filled_in(task, name, performer)
    }


def answers_as_imagined(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
    """The same, but what nobody told the whole crowd imagines alike, and each is right about it as often as he is."""
    nobody = replace(performer, voice="the truth", kind="careful")
    truth = performer.truth or answers_by_spec(task, project, nobody)
    return answers_by_spec(task, project, replace(performer, truth=truth))


def _is_filled_in(task: Mapping[str, Any], name: str, performer: Performer) -> bool:
    return performer.kind != "cheater" and performer.draw("filled in", task["id"], name) < 0.5


def _drawn(task: Mapping[str, Any], name: str, field: Mapping[str, Any], performer: Performer) -> Any:
    return _value(field, 0.0 if performer.kind == "cheater" else performer.draw("answer", task["id"], name))


def _known(task: Mapping[str, Any], name: str, field: Mapping[str, Any], truth: Any, performer: Performer) -> Any:
    options = [True, False] if field["type"] == "boolean" else field.get("allowed_values")
    if options and not isinstance(truth, list):
        return performer.says(truth, options, task["id"], name)
    is_right = performer.says(True, (False, True), task["id"], name)
    return truth if is_right else _drawn(task, name, field, performer)


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
    low, high = field.get("min_length") or 0, field.get("max_length") or patterns.LONGEST
    found = patterns.fitting(field["pattern"], low, high, chance) if field.get("pattern") else None
    return f"answer {chance:.6f}".ljust(low, ".")[:high] if found is None else found


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
