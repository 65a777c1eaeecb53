"""What may go wrong, and when: kinds of faults, faults of a kind that strike here and there, and plans of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from simulator.delivery.habits import Habits

USUAL = Habits()
Moment = float | datetime
"""Platform time: seconds after the world's start, or a date."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A number or word of a kind's own: what it is when not given, what it may be in words, and whether it is that."""

    usual: Any
    words: str
    fits: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault: `meaning` is a sentence for people, `act` what it does, `of` whether to answers or notices."""

    name: str
    of: str
    meaning: str
    details: Mapping[str, Detail]
    act: Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A kind of fault, how often it strikes (`rate` 0..1, or the `nth` that fit), and what: all that is given must fit.

    `methods` and `path` (a pattern, below /api/v1) are of requests, `event_type` of notifications. It strikes `at_most`
    so many times, `since` and `until` moments of platform time. `place` counts the faults of a kind in a plan.
    """

    kind: Kind
    rate: float = 1.0
    nth: tuple[int, ...] = ()
    methods: tuple[str, ...] = ()
    path: str | None = None
    event_type: str | None = None
    since: Moment | None = None
    until: Moment | None = None
    at_most: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    place: int = 0

    def detail(self, name: str) -> Any:
        """One of the kind's own details, as given or as usual."""
        return self.details.get(name, self.kind.details[name].usual)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which faults strike, in the order in which they are tried; how the courier works; and what draws depend on."""

    faults: Sequence[Fault] = ()
    seed: int = 0
    habits: Habits = USUAL

    @classmethod
    def of(cls, *faults: Fault, seed: int = 0, habits: Habits = USUAL) -> "Plan":
        """A plan of these faults."""
        return cls(tuple(_numbered(faults)), seed, habits)


def _numbered(faults: Iterable[Fault]) -> Iterable[Fault]:
    """Tell faults of one kind from each other, so that they are drawn apart."""
    seen: dict[str, int] = {}
    for fault in faults:
        place = seen.get(fault.kind.name, 0)
        seen[fault.kind.name] = place + 1
        yield replace(fault, place=place)


NO_FAULTS = Plan()


def whole(low: int, high: int | None = None) -> Callable[[Any], bool]:
    """A check for whole numbers within bounds, both allowed."""
    return lambda value: (
        isinstance(value, int) and not isinstance(value, bool) and value >= low and (high is None or value <= high)
    )


def number(low: float | None = None, high: float | None = None) -> Callable[[Any], bool]:
    """A check for numbers within bounds, both allowed."""
    return lambda value: (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and value == value
        and (low is None or value >= low)
        and (high is None or value <= high)
    )


def seconds(usual: float) -> Detail:
    """So many seconds, from 0 to ten years."""
    return Detail(usual, "a number of seconds, 0 or more", number(0, 3.2e8))
