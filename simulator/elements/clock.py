"""Time that moves when told: how platform time is written, and the gate that lets a worker see a tick."""

import threading
from datetime import UTC, datetime

MILLISECOND, MINUTE, HOUR, DAY = 0.001, 60.0, 3_600.0, 86_400.0
"""In platform seconds."""


def iso(at: float) -> str:
    """Platform seconds as Toloka writes them: UTC, milliseconds, no zone."""
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


def seconds(text: str) -> float:
    """Platform seconds of an ISO date; a date without a zone is UTC. Raises ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def exact(at: float) -> float:
    """Platform seconds to the millisecond, which is all that the API can say."""
    return round(at, 3)


class Gate:
    """Hands one tick after the other to the worker and tells the driver when it is done with; thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._tick = 0
        self._now = 0.0
        self._done = True
        self._next_due_at: float | None = None

    def open(self, now: float) -> int:
        """Open the next tick, which ends at platform time `now`, and return its number (from 1)."""
        with self._changed:
            self._tick += 1
            self._now, self._done, self._next_due_at = now, False, None
            self._changed.notify_all()
            return self._tick

    def wait(self, after: int, seconds: float) -> tuple[int, float] | None:
        """The open tick with a number above `after` and its time; None if there is none for so many seconds."""
        with self._changed:
            ready = self._changed.wait_for(lambda: self._tick > after and not self._done, timeout=seconds)
            return (self._tick, self._now) if ready else None

    def done(self, tick: int, next_due_at: float | None) -> None:
        """The worker has nothing left to do in this tick; its next due moment, if any. Older ticks are ignored."""
        with self._changed:
            if tick == self._tick:
                self._done, self._next_due_at = True, next_due_at
                self._changed.notify_all()

    def wait_done(self, tick: int, seconds: float) -> tuple[bool, float | None]:
        """Whether this tick is done within so many machine seconds, and the worker's next due moment."""
        with self._changed:
            finished = self._changed.wait_for(lambda: self._tick == tick and self._done, timeout=seconds)
            return finished, self._next_due_at
