"""Which events should be sent where, what Toloka has registered of it, and what its test calls say."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from store.subscriptions import Subscription, Trial
from webhooks.statuses import meaning

ERRORS: Mapping[str, str] = {
    "REQUEST_TIMEOUT": "the answer took too long: look at /readyz, the disk, and the proxy's time-outs",
    "CONNECTION_ERROR": "Toloka cannot connect: the name, the firewall or the certificate differs from what is seen"
    " from here",
    "TOO_MANY_CONNECTIONS": "Toloka has too many connections open to this host: run the command again in a minute; if"
    " that stays, the receiver is too slow",
    "INTERNAL_ERROR": "Toloka itself failed: run the command again later",
}


class Platform(Protocol):
    """What is asked of Toloka here."""

    def all(self) -> Sequence[Subscription]:
        """Return all subscriptions of the account."""

    def put(self, pairs: Sequence[tuple[str, str]], url: str, secret: str) -> Sequence[Subscription]:
        """Have these (pool id, event type) sent to `url`, signed with `secret`; returned in order."""

    def delete(self, subscription_id: str) -> None:
        """Delete one."""

    def try_out(self, subscription_id: str) -> Trial:
        """Have test events sent to one, and say what came of it."""


@dataclass(frozen=True, slots=True)
class Listening:
    """A pool of a run, and the event types that its handlers listen to."""

    pipeline: str
    run: str
    role: str
    pool_id: str
    types: tuple[str, ...]


class State(StrEnum):
    """How a subscription that is there, or should be, stands to what we want."""

    PRESENT = "present"
    MISSING = "missing"
    ELSEWHERE = "elsewhere"  # of a pool of ours, sent to another URL: not ours to touch
    SUPERFLUOUS = "superfluous"  # sent to our URL, but nobody listens


@dataclass(frozen=True, slots=True)
class Line:
    """One (pool, event type) at one URL. `pool` is None for a pool that is none of ours."""

    state: State
    pool_id: str
    event_type: str
    pool: Listening | None
    subscription: Subscription | None  # None: missing

    @property
    def pair(self) -> tuple[str, str]:
        """Return what a subscription is about."""
        return self.pool_id, self.event_type


def compared(pools: Iterable[Listening], found: Sequence[Subscription], url: str) -> list[Line]:
    """Say what is there, missing, elsewhere and superfluous at `url`: by pool, first what is wanted of it."""
    ours = {each.pool_id: each for each in pools}
    here = {(each.pool_id, each.event_type): each for each in found if each.url == url}
    lines: list[Line] = []
    for pool in ours.values():
        lines += _wanted(pool, here)
        others = (each for each in found if each.pool_id == pool.pool_id and each.url != url)
        lines += [_line(State.ELSEWHERE, each, pool) for each in others]
    known = {line.pair for line in lines if line.state is State.PRESENT}
    return lines + [
        _line(State.SUPERFLUOUS, each, ours.get(each.pool_id)) for pair, each in here.items() if pair not in known
    ]


def _wanted(pool: Listening, here: Mapping[tuple[str, str], Subscription]) -> Iterator[Line]:
    for event_type in pool.types:
        there = here.get((pool.pool_id, event_type))
        state = State.MISSING if there is None else State.PRESENT
        yield Line(state, pool.pool_id, event_type, pool, there)


def _line(state: State, each: Subscription, pool: Listening | None) -> Line:
    return Line(state, each.pool_id, each.event_type, pool, each)


def registered(platform: Platform, lines: Sequence[Line], url: str, secret: str) -> list[Line]:
    """Register these at `url`, in one batch: what is missing is created, what is there gets the secret anew."""
    put = platform.put([line.pair for line in lines], url, secret)
    return [
        Line(State.PRESENT, line.pool_id, line.event_type, line.pool, each)
        for line, each in zip(lines, put, strict=True)
    ]


def explained(trial: Trial) -> str:
    """Say in words what a test call came to, and what to do about it."""
    if trial.success:
        return "works"
    if trial.error == "WRONG_STATUS_CODE" and trial.status is not None:
        return meaning(trial.status)
    return ERRORS.get(trial.error, f"Toloka does not say why ({trial.error}): the receiver's log may")
