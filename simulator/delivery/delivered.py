"""What deliveries of notifications did, in numbers."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from simulator.records.notices import Notice


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one delivery (or all of them, added up) did, counted in notifications.

    `displaceable` were in deliveries that held two or more, `displaced` of them were moved, by `places` in total.
    `given_up` were sent and not taken for too long.
    """

    sent: int = 0
    lost: int = 0
    repeated: int = 0
    displaceable: int = 0
    displaced: int = 0
    places: int = 0
    given_up: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(*(mine + its for mine, its in zip(astuple(self), astuple(other), strict=True)))


def displacement(straight: Sequence[Notice], queue: Sequence[Notice]) -> Delivered:
    """How far the first copies in a queue are from their order in time."""
    if len(straight) < 2:
        return Delivered()
    places = {key: place for place, key in enumerate(dict.fromkeys(notice.key for notice in queue))}
    moves = [abs(places[notice.key] - place) for place, notice in enumerate(straight)]
    return Delivered(displaceable=len(straight), displaced=sum(move > 0 for move in moves), places=sum(moves))
