"""The frozen records that count what a database holds: for measuring it from outside, at any size, at no cost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventCount:
    """How many events of a type came from one pool by one way, and when the last of them came (machine time)."""

    pool_id: str
    type: str
    source: str  # webhook | reconciler | crowdhook
    n: int
    last_received_at: float


@dataclass(frozen=True, slots=True)
class DecisionCount:
    """How many decisions of a kind are in a state now."""

    kind: str
    state: str
    n: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What a database holds, counted, and since when its oldest work waits."""

    events: tuple[EventCount, ...]
    decisions: tuple[DecisionCount, ...]
    waiting_since: float | None  # machine time at which the oldest came of the events that are next in their pools


@dataclass(frozen=True, slots=True)
class Size:
    """How large a database is, in bytes."""

    database: int
    write_ahead: int  # of the write-ahead log that the worker empties
