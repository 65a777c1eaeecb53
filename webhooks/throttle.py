"""How often an address may be wrong: so that a password cannot be guessed, and nobody else is locked out."""

import threading
from collections import deque
from collections.abc import Callable

MOST_WRONG = 10  # by one address, within so many seconds
WITHIN_SECONDS = 60.0
MOST_ADDRESSES = 10_000  # remembered at once; the one that began first is forgotten first


class Throttle:
    """Remembers wrong tries by address; each process of the receiver has its own. `clock` is machine time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: dict[str, deque[float]] = {}

    def full(self, address: str) -> bool:
        """Say whether an address was wrong so often lately that it must wait."""
        with self._lock:
            tries = self._wrong.get(address)
            return tries is not None and len(tries) == MOST_WRONG and tries[0] > self._clock() - WITHIN_SECONDS

    def add(self, address: str) -> None:
        """Note a wrong try; of each address the last few are kept."""
        with self._lock:
            if address not in self._wrong and len(self._wrong) >= MOST_ADDRESSES:
                del self._wrong[next(iter(self._wrong))]
            self._wrong.setdefault(address, deque(maxlen=MOST_WRONG)).append(self._clock())
