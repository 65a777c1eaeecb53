"""Fifty genuine notifications a second: signed with the secret that the simulated Toloka holds when they happen."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count

from deployment import Live

from simulator.account.subscriptions import announce
from simulator.delivery.sending import Sender
from simulator.elements.draws import fraction
from simulator.records.notices import Notice

A_SECOND = 50
LONGEST_WAY = 0.3  # seconds between what happens and its arrival
KEPT = 4  # tries of one notification over connections that break
KINDS = ("ASSIGNMENT_SUBMITTED", "ASSIGNMENT_APPROVED")


@dataclass
class Genuine:
    """What was sent: the HTTP status of each by its assignment, and how many were signed with each secret."""

    live: Live
    name: str = field(default_factory=lambda: f"genuine-{time.time_ns()}")
    sent: dict[str, Future[int]] = field(default_factory=dict)
    signed: dict[str, int] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    @property
    def refused(self) -> list[int]:
        """Statuses other than 200."""
        return [status for each in self.sent.values() if (status := each.result()) != 200]

    @property
    def stored(self) -> list[str]:
        """The assignments whose events the log holds."""
        logged = (name for kind in KINDS for name in self.live.stored(kind))
        return sorted(name for name in logged if name and name.startswith(self.name))

    def __str__(self) -> str:
        rate = len(self.sent) / self.seconds
        return (
            f"{len(self.sent)} events in {self.seconds:.1f} s ({rate:.0f}/s), signed with {len(self.signed)} secrets: "
            f"{len(self.refused)} refused, {len(self.stored)} stored"
        )


@contextmanager
def genuine(live: Live) -> Iterator[Genuine]:
    """Send until the block ends; afterwards all are answered."""
    traffic, sender, over = Genuine(live), Sender(time.time, 10.0), threading.Event()

    def on_its_way(notice: Notice) -> int:
        over.wait(LONGEST_WAY * fraction(notice.uuid))
        for _ in range(KEPT):
            with suppress(OSError):  # the receiver may close a connection that was kept: the next one is new
                return sender.post([notice])
        return sender.post([notice])

    def happen() -> None:
        for number in count():
            if over.wait(max(0.0, traffic.started + number / A_SECOND - time.monotonic())):
                return
            for notice in _event(traffic, number):
                traffic.signed[notice.secret or ""] = traffic.signed.get(notice.secret or "", 0) + 1
                traffic.sent[notice.body["assignment_id"]] = posting.submit(on_its_way, notice)

    with ThreadPoolExecutor(32) as posting:
        happening = threading.Thread(target=happen)
        happening.start()
        try:
            yield traffic
        finally:
            over.set()
            happening.join()
            traffic.seconds = time.monotonic() - traffic.started
    sender.close()


def _event(traffic: Genuine, number: int) -> list[Notice]:
    """Let one thing happen in one of the pools, and take what Toloka then sends of it."""
    live, name = traffic.live, f"{traffic.name}-{number}"
    pools, kind = sorted(live.pools.values()), KINDS[number % 2]
    with live.world.lock:
        announce(live.world.state, kind, pools[number % len(pools)], name, assignment_id=name)
        notices = live.world.due_notices()
        live.world.forget_notices(notices)
        return notices
