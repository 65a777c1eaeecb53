"""The simulated platform: everything it remembers behind one lock, and time that moves when told."""

import math
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulator.account import money
from simulator.account.subscriptions import EVENT_TYPES
from simulator.crowd.performers import Answers, Population
from simulator.elements.clock import exact
from simulator.elements.limits import TOLOKAS, Limits
from simulator.elements.schedule import Happening, Schedule
from simulator.nouns import assignments, messages, skills, trainings
from simulator.offering import lifecycle
from simulator.records.asked import Asked
from simulator.records.hands import Act, Hands
from simulator.records.nobody import Replenish, Stranded
from simulator.records.notices import Notice
from simulator.records.state import Json, Pool, State
from simulator.world import deeds, people, reviews, rules, stranding

NOBODY = Hands()
_RANKS = {name: rank for rank, name in enumerate(EVENT_TYPES)}


class World:
    """A Toloka of its own: requests change it at the present moment, `advance` lets people act; thread-safe.

    `crowd` is who lives there, `answers` what they say; recorded answers are both. `start` is platform seconds,
    `balance` dollars, `fee` a share of rewards. With `instant`, a request that opens a pool is answered after the
    crowd's work on it is done. `hands` is what a person at the site does meanwhile. `quotas` bounds what may be
    created in a minute, an hour and a day; `limits` what a pool may hold, and requests in a platform second: not where
    time stands still meanwhile. With `replenish`, fresh people come when nobody is left for open work.
    """

    def __init__(
        self,
        crowd: Population,
        answers: Answers,
        *,
        start: float,
        balance: float = 10_000.0,
        fee: float = 0.3,
        instant: bool = False,
        hands: Hands = NOBODY,
        quotas: bool = True,
        limits: Limits = TOLOKAS,
        replenish: Replenish | None = None,
    ) -> None:
        self.state = State(crowd, answers, start=start, balance=balance, fee=fee, quotas=quotas)
        self.state.limits = limits
        self.state.replenish = replenish
        deeds.script(self.state, hands)
        self.lock = threading.RLock()
        self.noted: Callable[[list[Any]], None] | None = None
        self.instant = instant
        self.latest: Callable[[], float] = lambda: math.inf
        """How far instant work may take platform time; asked once for each input."""
        self.restoring = False
        """Whether what happened before happens again, to bring the world back: then nobody is told of it."""
        self._until: float | None = None
        self.carry_out: Callable[[str, Asked], None] = lambda identity, asked: None

    @property
    def now(self) -> float:
        """Platform seconds."""
        return self.state.now

    @property
    def origin(self) -> str:
        """The server's own address, which ids and the history must not depend on."""
        return self.state.origin

    @origin.setter
    def origin(self, origin: str) -> None:
        self.state.origin = origin

    @property
    def within(self) -> bool:
        """Whether the present thread, which holds the lock, is in an input: what it asks for is a part of that."""
        return self._until is not None

    @contextmanager
    def given(self, what: str, tell: Callable[[], Iterable[Any]] = tuple) -> Iterator[State]:
        """Hold the world still for one input that changes it.

        `noted` hears of it first, and how far instant work may go; but not of those within it.
        """
        with self.lock:
            noted, outer = self.noted, self._until
            self.noted, self._until = None, self.latest() if outer is None else outer
            try:
                if noted is not None:
                    noted([what, self._until, *tell()])
                yield self.state
            finally:
                self.noted, self._until = noted, outer

    def advance(self, to: float) -> None:
        """Let everything happen that is due until platform time `to`; a moment that has passed changes nothing."""
        with self.given("advance", lambda: [to]):
            _catch_up(self.state)
            while (schedule := _next(self.state)) and (first := schedule.first()) and first.at <= to:
                self.state.now = max(self.state.now, first.at)
                self._happen(schedule.take())
                _catch_up(self.state)
            self.state.now = max(self.state.now, exact(to))

    def _happen(self, happening: Happening) -> None:
        if happening.kind == "late":
            self.carry_out(happening.id, self.state.late.pop(happening.id))
        else:
            _HAPPENINGS[happening.kind](self.state, happening.id)

    def put_off(self, about: str, asked: Asked, seconds: float) -> None:
        """Have a request carried out so many platform seconds from now, under this name and a number of its own."""
        with self.given("put_off", lambda: [about, *asked.texts(), seconds]) as state:
            state.put_off += 1
            identity = f"{about}-{state.put_off}"
            state.late[identity] = asked
            state.doings.put(exact(self.now + seconds), "late", identity)

    def next_event_at(self) -> float | None:
        """When a performer, a pool or a person at the site acts next, or a notification waits; None for never.

        Call it when no request is under way: what requests changed at this moment is worked in first.
        """
        with self.given("look"):
            settle(self.state)
            stranding.look(self.state)
            firsts = (self.state.doings.first(), self.state.acts.first())
            moments = [notice.moment for notice in self.state.notices.values()]
            return min([*moments, *(first.at for first in firsts if first)], default=None)

    def next_deadline_at(self) -> float | None:
        """When the platform next acts by the calendar alone: accepts a page, ends a ban, takes an old skill away …"""
        with self.lock:
            first = self.state.deadlines.first()
            return first.at if first else None

    def stranded(self) -> dict[str, Stranded]:
        """Open pools whose work nobody can do or will do, by id, and why: noticed when time moves, or is looked at."""
        with self.lock:
            return dict(self.state.stranded)

    def tell_stranded(self, patience: float) -> None:
        """Log, once each, the pools that nobody has been left for during so many platform seconds."""
        with self.lock:
            stranding.tell(self.state, patience)

    def finish_if_instant(self) -> None:
        """In instant mode, advance until no pool has work or nobody will do it, and log whom nobody is left for.

        Where that takes longer than to the `latest` moment, it ends there.
        """
        until = math.inf if self._until is None else self._until
        while self.instant:
            with self.lock:
                settle(self.state)
                first = self.state.doings.first()
                if first and (first.at > until or not any(map(_in_work, self.state.pools.values()))):
                    return
                self.advance(first.at if first else self.state.now)
                if self.state.doings.first() is None:
                    stranding.tell(self.state, 0.0)
                    return

    def due_notices(self) -> list[Notice]:
        """Notifications that are to be sent now, by (platform time, place in EVENT_TYPES, uuid, subscription)."""
        with self.lock:
            due = [notice for notice in self.state.notices.values() if notice.moment <= self.now]
        return sorted(due, key=lambda notice: (notice.at, _RANKS[notice.body["type"]], *notice.key))

    def postpone(self, keys: Iterable[tuple[str, str]], until: float) -> None:
        """Let these notifications be due at that moment of platform time."""
        chosen = [*keys]
        with self.given("postpone", lambda: [chosen, until]) as state:
            for uuid, subscription_id in chosen:
                key = (uuid, subscription_id)
                state.notices[key] = replace(state.notices[key], due=until)

    def forget_notices(self, notices: list[Notice]) -> None:
        """These were sent, or are lost."""
        if notices:
            self.forget([notice.key for notice in notices])

    def forget(self, keys: list[tuple[str, str]]) -> None:
        """The notifications of these (uuid, subscription id) wait no more."""
        with self.given("forget", lambda: [keys]) as state:
            for uuid, subscription_id in keys:
                state.notices.pop((uuid, subscription_id), None)

    def undone_acts(self) -> list[Act]:
        """What the person at the site has not done, or not yet: the pool, page or money for it was not there."""
        with self.lock:
            return list(self.state.undone)

    def history(self) -> list[Json]:
        """What happened, sorted by (platform time, kind, id): content only, equal for equal runs."""
        with self.lock:
            return self.state.history.lines()

    def write_history(self, path: Path) -> None:
        """Write the history as JSON lines."""
        with path.open("w", encoding="utf-8") as file:
            file.writelines(self.history_lines())

    def history_lines(self) -> Iterator[str]:
        """The history until now as JSON lines, each with its end."""
        with self.lock:
            texts = self.state.history.texts()
        return (f"{text}\n" for text in texts)

    def spent_by_pool(self) -> dict[str, float]:
        """Dollars charged so far, fee included, by pool id; "" for bonuses that are for no page."""
        with self.lock:
            return {pool_id: amount / money.UNIT for pool_id, amount in sorted(self.state.spent.items())}


def settle(state: State) -> None:
    """Work in what requests and performers changed at this moment, in sorted order, until nothing is left."""
    while state.completed or state.touched or state.losses or state.supplied or state.freed:
        rules.look_again(state)
        people.hear(state)
    for pool in state.pools.values():
        lifecycle.watch(state, pool)


def _in_work(pool: Pool) -> bool:
    return pool.status == "OPEN" or pool.active > 0


def _catch_up(state: State) -> None:
    """Work in what is new at this moment, then let the person at the site do what can be done now."""
    settle(state)
    while deeds.do_what_is_due(state):
        settle(state)
    stranding.look(state)


def _next(state: State) -> Schedule | None:
    """The schedule that has the next happening; at the same moment performers go first, the calendar last."""
    waiting = [each for each in (state.doings, state.acts, state.deadlines) if each.first()]
    return min(waiting, key=_moment, default=None)


def _moment(schedule: Schedule) -> float:
    first = schedule.first()
    return first.at if first else math.inf


def _look(state: State, identity: str) -> None:
    people.look(state, state.people[identity])


def _submit(state: State, identity: str) -> None:
    assignments.submit(state, state.assignments[identity])
    people.rest(state, state.people[state.assignments[identity].user_id])


def _skip(state: State, identity: str) -> None:
    assignments.skip(state, state.assignments[identity])
    people.rest(state, state.people[state.assignments[identity].user_id])


def _expire(state: State, identity: str) -> None:
    assignments.expire(state, state.assignments[identity])
    people.rest(state, state.people[state.assignments[identity].user_id])


def _accept(state: State, identity: str) -> None:
    reviews.review(state, state.assignments[identity], "ACCEPTED", None)


def _unban(state: State, identity: str) -> None:
    state.freed.add(state.restrictions[identity].user_id)


_HAPPENINGS: dict[str, Callable[[State, str], object]] = {
    "look": _look,
    "submit": _submit,
    "skip": _skip,
    "expire": _expire,
    "quiet": lambda state, identity: people.quiet(state, state.pools[identity]),
    "close": lambda state, identity: lifecycle.close_pool(state, state.pools[identity], "COMPLETED"),
    "reopen": lambda state, identity: lifecycle.reopen(state, state.pools[identity]),
    "expiry": lambda state, identity: lifecycle.close_pool(state, state.pools[identity], "EXPIRED"),
    "disuse": lambda state, identity: lifecycle.archive_unused(state, state.pools[identity]),
    "reply": messages.answer,
    "accept": _accept,
    "act": lambda state, identity: None,
    "unban": _unban,
    "outdate": skills.delete_user_skill,
    "retrain": trainings.lapse,
}
