"""The worker's side of a driven rehearsal: wait for a tick, work, say that it is done with."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick: its number, and the platform time at which it ends."""

    number: int
    now: float


class RemoteGate:
    """The gate of the simulator that drives this worker's time."""

    def __init__(self, url: str) -> None:
        self.url = f"{url.rstrip('/')}/simulator/gate"

    def wait(self, after: int, seconds: float) -> Tick | None:
        """Return the open tick, or None when none was opened in so many machine seconds."""
        with urllib.request.urlopen(f"{self.url}?after={after}&seconds={seconds}", timeout=seconds + 10) as answer:  # noqa: S310
            if answer.status != 200:
                return None
            said = json.load(answer)
        return Tick(said["tick"], said["now"])

    def done(self, tick: Tick, next_due_at: float | None) -> None:
        """Say that nothing is left to do in a tick, and when something will be."""
        body = json.dumps({"next_due_at": next_due_at}).encode()
        request = urllib.request.Request(f"{self.url}/{tick.number}/done", body, {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=10):  # noqa: S310
            pass
