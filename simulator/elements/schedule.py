"""What will happen when, in one fixed order: by moment, then by id, then by kind."""

import heapq
from typing import NamedTuple


class Happening(NamedTuple):
    """Something due at a platform moment: `kind` says what, `id` to whom."""

    at: float
    id: str
    kind: str


class Schedule:
    """A calendar in which each (kind, id) has at most one moment; an old moment is forgotten."""

    def __init__(self) -> None:
        self._heap: list[Happening] = []
        self._due: dict[tuple[str, str], float] = {}

    def put(self, at: float, kind: str, identity: str) -> None:
        """Let this happen at that moment, and no longer at any other."""
        self._due[kind, identity] = at
        heapq.heappush(self._heap, Happening(at, identity, kind))

    def cancel(self, kind: str, identity: str) -> None:
        """Let this not happen; it may be absent already."""
        self._due.pop((kind, identity), None)

    def has(self, kind: str, identity: str) -> bool:
        """Whether this is going to happen."""
        return (kind, identity) in self._due

    def first(self) -> Happening | None:
        """The first that is going to happen; None when nothing is."""
        while self._heap and self._due.get((self._heap[0].kind, self._heap[0].id)) != self._heap[0].at:
            heapq.heappop(self._heap)
        return self._heap[0] if self._heap else None

    def take(self) -> Happening:
        """Remove and return the first. Raises LookupError when nothing is due."""
        happening = self.first()
        if happening is None:
            raise LookupError("nothing is scheduled")
        heapq.heappop(self._heap)
        del self._due[happening.kind, happening.id]
        return happening
