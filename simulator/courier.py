"""The courier: posts every notification until it is taken; disturbs those that faults strike on their way."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from simulator.delivery.delivered import Delivered, displacement
from simulator.delivery.habits import Habits, Retry
from simulator.delivery.posting import Posting
from simulator.delivery.sending import STRAIGHT, Sender, Way
from simulator.elements.draws import fraction
from simulator.faults.notice_faults import Fate
from simulator.faults.plans import NO_FAULTS
from simulator.faults.strikes import Strikes
from simulator.memory.request_history import RequestHistory
from simulator.records.notices import Notice
from simulator.world.world import World

logger = logging.getLogger(__name__)
FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.5
GRACE = 1.0
"""Machine seconds that receivers have for their answers when the courier stops."""
Key = tuple[str, str]


class CourierGaveUp(Exception):
    """The receiver did not take a notification for as long as the courier is patient."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is under way: notifications that were due, the queue they made, and the envelopes with their troubles.

    Before it began, `held` waited for another delivery.
    """

    due: Sequence[Notice]
    queue: Sequence[Notice]
    posted: Sequence[tuple[list[Notice], Future[str]]]
    held: Sequence[Key]

    @property
    def answers(self) -> list[Future[str]]:
        """What is wrong with each envelope, or nothing."""
        return [answer for _, answer in self.posted]


class Courier:
    """Delivers a world's notifications over HTTP, by the habits and with the faults of a plan.

    `clock` is machine time in epoch seconds. Where the plan has no `retry`, `retry` is how failed ones are sent again;
    with neither it insists, and `patience` are the machine seconds after which it raises CourierGaveUp. Faults that
    happened are written to `history`. What it remembers belongs to the thread that calls it; those that post note
    `sent_at`, machine time by uuid, and give back what came of it.
    """

    def __init__(
        self,
        world: World,
        clock: Callable[[], float],
        *,
        strikes: Strikes | None = None,
        history: RequestHistory | None = None,
        retry: Retry | None = None,
        patience: float = 60.0,
    ) -> None:
        self._world, self._clock, self._history, self._patience = world, clock, history, patience
        self._strikes = strikes or Strikes(NO_FAULTS, world.state.start)
        self._habits: Habits = self._strikes.plan.habits
        self._insists = not (self._habits.retry or retry)
        self._retry = self._habits.retry or retry or Retry()
        self._sender = Sender(clock, self._habits.timeout)
        self._posting = Posting()
        self._under_way: dict[str, Delivery] = {}
        self._closed = threading.Event()
        self._fates: dict[Key, Fate] = {}
        self._tries: Counter[Key] = Counter()
        self._seed = self._strikes.plan.seed
        self._held: dict[Key, str] = {}
        self._away: set[str] = set()
        self.total = Delivered()
        self.sent_at: dict[str, float] = {}

    def deliver(self) -> Delivered:
        """Send every waiting notification, those that are held back after the others.

        One that insists returns when all are answered with 2xx, or raises CourierGaveUp; else what failed waits for its
        next try.
        """
        held = [*self._held]
        done = self._end(self._begin(self._meet(self._world.due_notices()), held))
        if done.sent:
            let_go = self._let_go(held)
            done += self._end(self._begin([each for each in self._world.due_notices() if each.key in let_go], []))
        self.total += done
        return done

    def look_after(self) -> None:
        """Take in what was answered, and begin to send what is due to addresses that have answered everything before.

        It never waits for a receiver: one that hangs keeps up nobody but itself.
        """
        self._take_in()
        held, met = [*self._held.items()], self._meet(self._world.due_notices())
        free = sorted((each for each in met if each.url not in self._under_way), key=_url)
        for url, due in groupby(free, key=_url):
            self._under_way[url] = self._begin([*due], [key for key, address in held if address == url])

    def close(self) -> None:
        """Wait a moment for answers, take them in, and close all connections: what was not taken still waits."""
        self._closed.set()
        wait([answer for delivery in self._under_way.values() for answer in delivery.answers], GRACE)
        try:
            self._take_in()
        finally:
            self._sender.close()

    def _take_in(self) -> None:
        for url, delivery in [*self._under_way.items()]:
            if all(answer.done() for answer in delivery.answers):
                del self._under_way[url]
                done = self._end(delivery)
                if done.sent:
                    self._let_go(delivery.held)
                self.total += done

    def _let_go(self, held: Iterable[Key]) -> set[Key]:
        """Others have gone before these: those that are still held are due now, and returned."""
        now_due = [key for key in held if self._held.pop(key, None)]
        if now_due:
            self._world.postpone(now_due, self._world.now)
        return {*now_due}

    def _meet(self, due: Sequence[Notice]) -> list[Notice]:
        """Draw the fates of those that are seen first, put off those that wait, and return the others."""
        waiting = set()
        for notice in due:
            if notice.key not in self._fates:
                fate = self._fates[notice.key] = self._draw(notice)
                if fate.wait and not fate.lost:
                    self._world.postpone([notice.key], self._world.now + fate.wait)
                    waiting.add(notice.key)
                if fate.overtaken and not fate.lost:
                    self._held[notice.key] = notice.url
        return [notice for notice in due if notice.key not in waiting]

    def _draw(self, notice: Notice) -> Fate:
        fate, now = Fate(lost=notice.gone), self._world.now
        for fault, chance in self._strikes.of_notice(notice, now):
            fate = fault.kind.act(fate, fault.detail, chance)
            if self._history:
                told = {"fault": fault.kind.name, "notification": notice.uuid, "event": notice.body["type"]}
                self._history.write(now, told)
        return fate

    def _begin(self, due: Sequence[Notice], held: Sequence[Key]) -> Delivery:
        for notice in due:
            self._held.pop(notice.key, None)
        queue = self._queue(self._kept(due))
        envelopes = self._envelopes(queue)
        posted = [
            (each, self._posting.submit(_url(each[0]), partial(self._post, each, way))) for each, way in envelopes
        ]
        return Delivery(due, queue, posted, held)

    def _kept(self, due: Iterable[Notice]) -> list[Notice]:
        return [notice for notice in due if not self._fates[notice.key].lost]

    def _end(self, delivery: Delivery) -> Delivered:
        """Wait until all is answered, and see what becomes of it."""
        due, kept = delivery.due, self._kept(delivery.due)
        answers = [(envelope, not self._told(envelope[0].url, answer.result())) for envelope, answer in delivery.posted]
        taken = [notice.key for envelope, good in answers if good for notice in envelope]
        failed = {notice.key for envelope, good in answers if not good for notice in envelope}
        again = len(taken) - len(set(taken)) + sum(self._fates[key].again for key in set(taken))
        lost = sum(self._fates[notice.key].lost and not notice.gone for notice in due)
        self._settle([notice for notice in due if notice.key not in failed])
        given_up = self._put_off([notice for notice in kept if notice.key in failed])
        return Delivered(len(taken), lost, again, given_up=given_up) + displacement(kept, delivery.queue)

    def _told(self, url: str, trouble: str) -> str:
        """The trouble, in the log when it is the first with this address since all was well."""
        if trouble and url not in self._away:
            logger.warning("notifications wait", extra={"reason": trouble})
        (self._away.add if trouble else self._away.discard)(url)
        return trouble

    def _settle(self, notices: Iterable[Notice]) -> None:
        """These were taken, or are lost; some of them will go again."""
        for notice in notices:
            fate = self._fates.pop(notice.key)
            self._tries.pop(notice.key, None)
            if fate.repeated and not fate.lost:
                self._fates[notice.key] = Fate(again=True)
                self._world.postpone([notice.key], self._world.now + fate.repeated)
            else:
                self._world.forget_notices([notice])

    def _put_off(self, notices: Iterable[Notice]) -> int:
        """These were not taken: they go again after a pause, or are given up; how many are."""
        given_up = []
        for notice in notices:
            self._tries[notice.key] += 1
            if self._world.now - notice.at - self._fates[notice.key].wait >= self._retry.give_up_after:
                given_up.append(notice)
            else:
                pause = self._retry.pause(self._tries[notice.key])
                self._world.postpone([notice.key], self._world.now + pause)
        for notice in given_up:
            self._fates.pop(notice.key)
            del self._tries[notice.key]
            extra = {"uuid": notice.uuid, "event": notice.body["type"]}
            logger.warning("notification given up", extra=extra)
        self._world.forget_notices(given_up)
        return len(given_up)

    def _queue(self, notices: Sequence[Notice]) -> list[Notice]:
        twice = [notice for notice in notices if self._fates[notice.key].repeated == 0.0]
        copies = [*((notice, 0) for notice in notices), *((notice, 1) for notice in twice)]
        moved = [place for place, (notice, _) in enumerate(copies) if self._fates[notice.key].shuffled]
        straight = [copies[place] for place in moved]
        mixed = sorted(straight, key=lambda each: fraction(self._seed, "shuffle", each[0].key, each[1]))
        if mixed == straight:
            mixed = mixed[1:] + mixed[:1]
        for place, each in zip(moved, mixed, strict=True):
            copies[place] = each
        return [notice for notice, _ in copies]

    def _envelopes(self, queue: Sequence[Notice]) -> Iterator[tuple[list[Notice], Way]]:
        """The queue as requests: one address, secret and way each, at most `batch_max` notifications."""
        for (*_, way), group in groupby(sorted(queue, key=self._address), key=self._address):
            notices, most = list(group), self._habits.batch_max
            for first in range(0, len(notices), most):
                yield notices[first : first + most], way

    def _address(self, notice: Notice) -> tuple[str, str, Way]:
        way = STRAIGHT if self._tries[notice.key] else self._fates[notice.key].way
        return notice.url, notice.secret or "", way

    def _post(self, notices: Sequence[Notice], way: Way) -> str:
        """Post one envelope; what is wrong, or nothing. One that insists tries until it is taken."""
        started = self._clock()
        for notice in notices:
            self.sent_at.setdefault(notice.uuid, started)
        trouble = self._attempt(notices, way)
        if self._insists and trouble:
            self._insist(notices, started, trouble)
            return ""
        return trouble

    def _insist(self, notices: Sequence[Notice], started: float, trouble: str) -> None:
        pause, still = FIRST_PAUSE, trouble
        while still:
            if self._clock() - started > self._patience or self._closed.wait(pause):
                raise CourierGaveUp(f"{notices[0].url} does not take notifications: {still}")
            pause = min(2 * pause, LONGEST_PAUSE)
            still = self._attempt(notices, STRAIGHT)

    def _attempt(self, notices: Sequence[Notice], way: Way) -> str:
        """Try once; what is wrong, or nothing."""
        try:
            status = self._sender.post(notices, way)
        except OSError as error:
            return str(error)
        return "" if 200 <= status < 300 else f"HTTP {status}"


def _url(notice: Notice) -> str:
    return notice.url
