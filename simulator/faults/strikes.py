"""Which fault strikes what: drawn by hash, within its limits, and counted."""

import hashlib
import threading
from collections import Counter
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from simulator.elements.draws import fraction
from simulator.faults.notice_faults import REVIVING
from simulator.faults.plans import Fault, Moment, Plan
from simulator.records.asked import Asked
from simulator.records.notices import Notice

OPERATION = "operation_id="


class Strikes:
    """Draws the faults of a plan; `start` is the world's first moment, `now` platform seconds; thread-safe.

    `counts` are the faults that happened, by kind. A request's draws depend on its content and on how often the same
    was asked before, a notification's on its uuid; neither on what came when.
    """

    def __init__(self, plan: Plan, start: float) -> None:
        self.plan, self._seed, self.start = plan, plan.seed, start
        self._faults = {kind: [each for each in plan.faults if each.kind.of == kind] for kind in ("answers", "notices")}
        self._fitted: Counter[tuple[str, int]] = Counter()
        self._struck: Counter[tuple[str, int]] = Counter()
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()

    def of_request(self, asked: Asked, now: float, origin: str) -> Fault | None:
        """The fault that strikes this request, if one does; `origin` is the server's address, which says nothing."""
        fitting = [each for each in self._faults["answers"] if _fits(each, asked)]
        if not fitting:
            return None
        content = content_of(asked, origin)
        with self._lock:
            self._asked[content] += 1
            what = (content, self._asked[content])
            return next((each for each in fitting if self._strikes(each, now, what)), None)

    def of_notice(self, notice: Notice, now: float) -> list[tuple[Fault, float]]:
        """The faults that strike a notification, each with a number in [0, 1) for what it draws besides.

        One whose subscription is gone is struck by those that revive it, or by none.
        """
        with self._lock:
            fitting = (each for each in self._faults["notices"] if _concerns(each, notice))
            struck = [each for each in fitting if self._strikes(each, now, (notice.uuid,))]
        return [(each, fraction(self._seed, "of", *_name(each), notice.uuid)) for each in struck]

    def told(self) -> str:
        """The faults that happened, for people: kinds and how often."""
        return ", ".join(f"{kind} {count}" for kind, count in sorted(self.counts.items()))

    def _strikes(self, fault: Fault, now: float, what: tuple[object, ...]) -> bool:
        if not self._between(fault.since, now, fault.until):
            return False
        key = (fault.kind.name, fault.place)
        self._fitted[key] += 1
        if fault.at_most is not None and self._struck[key] >= fault.at_most:
            return False
        drawn = fraction(self._seed, *_name(fault), *what) < fault.rate
        if not (self._fitted[key] in fault.nth if fault.nth else drawn):
            return False
        self._struck[key] += 1
        self.counts[fault.kind.name] += 1
        return True

    def _between(self, since: Moment | None, now: float, until: Moment | None) -> bool:
        return (since is None or now >= self._moment(since)) and (until is None or now < self._moment(until))

    def _moment(self, moment: Moment) -> float:
        if isinstance(moment, datetime):
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        return self.start + moment


def _name(fault: Fault) -> tuple[object, ...]:
    return (fault.kind.name, fault.place) if fault.place else (fault.kind.name,)


def _fits(fault: Fault, asked: Asked) -> bool:
    below = asked.place.removeprefix("/api").removeprefix("/v1")
    return (not fault.methods or asked.method in fault.methods) and (
        fault.path is None or fnmatchcase(below, fault.path)
    )


def _concerns(fault: Fault, notice: Notice) -> bool:
    return fault.event_type in (None, notice.body["type"]) and (fault.kind.name == REVIVING) == notice.gone


def content_of(asked: Asked, origin: str) -> str:
    """A hash of what is asked: not of the random id by which a client knows the same creation again."""
    query = "&".join(part for part in asked.query.split("&") if not part.startswith(OPERATION))
    words = "\n".join([asked.method, asked.path, query, ""]).encode()
    return hashlib.blake2b(words + asked.body.replace(origin.encode(), b""), digest_size=16).hexdigest()
