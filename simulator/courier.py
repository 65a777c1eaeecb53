"""The courier: posts every notification until it is answered; loses, repeats and shuffles on request."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from itertools import groupby

from simulator.draws import fraction
from simulator.sending import Sender
from simulator.state import Notice
from simulator.world import World

CONNECTIONS = 4
FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.5


class CourierGaveUp(Exception):
    """The receiver did not take a notification for as long as the courier is patient."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one delivery (or all of them, added up) did, counted in notifications.

    `displaceable` were in deliveries that held two or more, `displaced` of them were moved, by `places` in total.
    """

    sent: int = 0
    lost: int = 0
    repeated: int = 0
    displaceable: int = 0
    displaced: int = 0
    places: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(*(mine + its for mine, its in zip(astuple(self), astuple(other), strict=True)))


class Courier:
    """Delivers a world's notifications over HTTP.

    `clock` is machine time in epoch seconds. `lose` is the share that is never sent; `patience` the machine seconds
    after which an unanswered notification raises CourierGaveUp; `timeout` is for one request.
    """

    def __init__(
        self,
        world: World,
        clock: Callable[[], float],
        *,
        repeat: bool = False,
        shuffle: bool = False,
        lose: float = 0.0,
        seed: int = 0,
        batch_max: int = 20,
        timeout: float = 10.0,
        patience: float = 60.0,
    ) -> None:
        self._world, self._clock = world, clock
        self._repeat, self._shuffle, self._lose, self._seed = repeat, shuffle, lose, seed
        self._batch_max, self._patience = batch_max, patience
        self._sender = Sender(clock, timeout)
        self._posting = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="courier")
        self._closed = threading.Event()
        self.total = Delivered()
        self.sent_at: dict[str, float] = {}

    def deliver(self) -> Delivered:
        """Send every waiting notification and return when all are answered with 2xx; raises CourierGaveUp."""
        due = self._world.due_notices()
        kept = [notice for notice in due if fraction(self._seed, "lose", notice.uuid) >= self._lose]
        queue = self._queue(kept)
        answers = [self._posting.submit(self._insist, envelope) for envelope in self._envelopes(queue)]
        for answer in answers:
            answer.result()
        self._world.forget_notices(due)
        done = Delivered(len(queue), len(due) - len(kept), len(queue) - len(kept)) + displacement(kept, queue)
        self.total += done
        return done

    def close(self) -> None:
        """Stop waiting for receivers and close all connections."""
        self._closed.set()
        self._posting.shutdown()
        self._sender.close()

    def _queue(self, notices: list[Notice]) -> list[Notice]:
        copies = [(notice, copy) for copy in range(2 if self._repeat else 1) for notice in notices]
        if self._shuffle:
            straight = copies
            copies = sorted(copies, key=lambda each: fraction(self._seed, "shuffle", _key(each[0]), each[1]))
            if copies == straight:
                copies = copies[1:] + copies[:1]
        return [notice for notice, _ in copies]

    def _envelopes(self, queue: list[Notice]) -> Iterator[list[Notice]]:
        """The queue as requests: one address and secret each, at most `batch_max` notifications."""
        addressed = sorted(queue, key=_address)
        for _, group in groupby(addressed, key=_address):
            notices = list(group)
            for first in range(0, len(notices), self._batch_max):
                yield notices[first : first + self._batch_max]

    def _insist(self, notices: list[Notice]) -> None:
        """Post one envelope until it is answered with 2xx."""
        started, pause = self._clock(), FIRST_PAUSE
        for notice in notices:
            self.sent_at.setdefault(notice.uuid, started)
        while (trouble := self._attempt(notices)) is not None:
            if self._clock() - started > self._patience or self._closed.wait(pause):
                raise CourierGaveUp(f"{notices[0].url} does not take notifications: {trouble}")
            pause = min(2 * pause, LONGEST_PAUSE)

    def _attempt(self, notices: list[Notice]) -> str | None:
        try:
            status = self._sender.post(notices)
        except OSError as error:
            return str(error)
        return None if 200 <= status < 300 else f"HTTP {status}"


def displacement(straight: list[Notice], queue: list[Notice]) -> Delivered:
    """How far the first copies in a queue are from their order in time."""
    if len(straight) < 2:
        return Delivered()
    places = {key: place for place, key in enumerate(dict.fromkeys(map(_key, queue)))}
    moves = [abs(places[_key(notice)] - place) for place, notice in enumerate(straight)]
    return Delivered(displaceable=len(straight), displaced=sum(move > 0 for move in moves), places=sum(moves))


def _key(notice: Notice) -> tuple[str, str]:
    return notice.uuid, notice.body["webhook_subscription_id"]


def _address(notice: Notice) -> tuple[str, str]:
    return notice.url, notice.secret or ""
