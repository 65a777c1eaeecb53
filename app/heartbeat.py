"""A worker's sign of life: at most one every few seconds, wherever it gets something done."""

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)
BEAT_SECONDS = 5.0


class Heartbeat:
    """Call it often: it beats at most once in BEAT_SECONDS. `clock` is monotonic machine time."""

    def __init__(self, beat: Callable[[], None], clock: Callable[[], float]) -> None:
        self.beat, self.clock = beat, clock
        self.next_at: float | None = None

    def __call__(self) -> None:
        """Beat, unless it beat a moment ago; one that cannot be written stops nobody's work."""
        now = self.clock()
        if self.next_at is not None and now < self.next_at:
            return
        self.next_at = now + BEAT_SECONDS
        try:
            self.beat()
        except OSError:
            log.warning("heartbeat not written", exc_info=True)
