"""A crowd made of groups of people who are alike in some ways: each with its number, its profiles and its conduct."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from simulator.crowd.conduct import Conduct
from simulator.crowd.performers import Performer
from simulator.crowd.profiles import Profiles
from simulator.elements.draws import digest, fraction


@dataclass(frozen=True, slots=True)
class Group:
    """So many people of one kind (see Crowd), with this accuracy where nothing else is said."""

    name: str
    count: int
    kind: str = "careful"
    accuracy: float = 0.9
    profiles: Profiles = field(default_factory=Profiles)
    conduct: Conduct = field(default_factory=Conduct)


@dataclass(frozen=True, slots=True)
class Groups:
    """The people of a crowd file; who comes later is of one of the groups, by their sizes."""

    groups: Sequence[Group]
    seed: int = 0

    def people(self) -> list[Performer]:
        """Everybody, sorted by id."""
        members = [group for group in self.groups for _ in range(group.count)]
        everybody = (self._person(number, group) for number, group in enumerate(members))
        return sorted(everybody, key=lambda person: person.id)

    def newcomer(self, number: int) -> Performer:
        """Somebody like the others."""
        up_to = list(accumulate(group.count for group in self.groups))
        place = up_to[-1] * fraction(self.seed, "newcomer", number)
        group = next(each for each, bound in zip(self.groups, up_to, strict=True) if place < bound)
        return self._person(up_to[-1] + number, group)

    def _person(self, number: int, group: Group) -> Performer:
        identity = digest("performer", self.seed, number)

        def draw(*what: object) -> float:
            return fraction(self.seed, identity, *what)

        return Performer(
            id=identity,
            kind=group.kind,
            accuracy=group.accuracy,
            seed=self.seed,
            pace=0.7 + 0.6 * draw("pace"),
            profile=group.profiles.draw(draw),
            conduct=group.conduct,
        )

    def takes(self, performer: Performer, inputs: Mapping[str, Any]) -> bool:
        """Say yes: they take whatever comes."""
        return True

    def seconds(self, performer: Performer, inputs: Mapping[str, Any]) -> float | None:
        """Nobody told how long it takes."""
        return None
