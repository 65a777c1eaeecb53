"""How much happened lately: counted in parts of a window of time, so that it takes the same room however much it is."""

from collections import deque

PARTS = 500
"""Into how many parts a window is divided; a part counts until its first moment is out of the window."""


class Window:
    """What happened in the last `seconds`; moments must not go back."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._parts: deque[tuple[float, int]] = deque()
        self._total = 0

    def total(self, now: float) -> int:
        """How much there is within the window that ends now."""
        while self._parts and self._parts[0][0] <= now - self.seconds:
            self._total -= self._parts.popleft()[1]
        return self._total

    def add(self, now: float, count: int) -> None:
        """Note that so much happens now."""
        at, before = self._parts[-1] if self._parts else (now, 0)
        if self._parts and now < at + self.seconds / PARTS:
            self._parts[-1] = (at, before + count)
        else:
            self._parts.append((now, count))
        self._total += count
