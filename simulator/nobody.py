"""Pools that nobody is left for: what is noted of them, and how many fresh people may come then."""

from dataclasses import dataclass


@dataclass(slots=True)
class Stranded:
    """An open pool that nobody is left for: how many `tasks` lack answers, and how many people are kept away by what.

    The words of `why` are left, uninterested, filtered_out, untrained, banned, had_all, waiting (for a
    full page), outranked (by better ones).
    """

    since: float
    tasks: int
    why: dict[str, int]
    told: bool = False
    sought: bool = False


@dataclass(frozen=True, slots=True)
class Replenish:
    """Fresh people come when nobody is left for open work: so many at a time, and so many in all."""

    at_a_time: int = 10
    at_most: int = 1000
