"""Marks of one performer's work, kept in order with their sum, so that a rule does not count anew what it counted."""

from bisect import bisect_left
from dataclasses import dataclass

Unit = tuple[float, str, float]
"""One thing that is counted: platform seconds, id, and a mark."""


@dataclass(frozen=True, slots=True)
class Marks:
    """How many marks there are, and their sum."""

    count: int
    total: float


class Tally:
    """Units in the order of (time, id), each id once."""

    def __init__(self) -> None:
        self._units: list[Unit] = []
        self._sums: list[float] = []
        self._at: dict[str, float] = {}

    def put(self, at: float, identity: str, mark: float) -> None:
        """Count this; what had the same id before is counted no more."""
        self.drop(identity)
        self._at[identity] = at
        place = bisect_left(self._units, (at, identity))
        self._units.insert(place, (at, identity, mark))
        self._add_up(place)

    def drop(self, identity: str) -> None:
        """Do not count this any more, if it was."""
        if identity in self._at:
            place = bisect_left(self._units, (self._at.pop(identity), identity))
            del self._units[place]
            self._add_up(place)

    def _add_up(self, place: int) -> None:
        del self._sums[place:]
        total = self._sums[-1] if self._sums else 0.0
        for *_, mark in self._units[place:]:
            total += mark
            self._sums.append(total)

    def since(self, moment: float) -> Marks:
        """The marks from this moment on."""
        first = bisect_left(self._units, (moment,))
        before = self._sums[first - 1] if first else 0.0
        return Marks(len(self._units) - first, self._sums[-1] - before if self._sums else 0.0)

    def latest(self, moment: float, size: int | None) -> list[Unit]:
        """The last `size` units, all for None, from this moment on; oldest first."""
        first = bisect_left(self._units, (moment,))
        return self._units[first if size is None else max(first, len(self._units) - size) :]
