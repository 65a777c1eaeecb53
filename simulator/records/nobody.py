"""Pools that nobody is left for: what is noted of them, and how many fresh people may come then."""

from collections.abc import Mapping
from dataclasses import dataclass, field

KEPT_AWAY = {
    "left": "have left for good",
    "uninterested": "do not like such work",
    "filtered_out": "are not let in by the filter",
    "untrained": "lack the training",
    "banned": "are banned",
    "had_all": "had all that they may get",
    "answers_not_allowed": "gave no answer that is allowed",
    "no_vote": "have no recorded answer to it",
    "lacks_real_tasks": "lack real tasks for a page",
    "lacks_control_tasks": "lack control tasks for a page",
    "lacks_training_tasks": "lack training tasks for a page",
    "waiting": "wait for a full page",
    "outranked": "are not among the best",
}
"""What keeps people away, and how it is put when it is several whom it does."""
_ONE = {"have": "has", "do": "does", "are": "is", "lack": "lacks", "wait": "waits"}


def in_words(why: Mapping[str, int]) -> str:
    """How many people are kept away by what, for people to read."""
    return ", ".join(f"{count} {_put(KEPT_AWAY[reason], count)}" for reason, count in why.items())


def _put(words: str, count: int) -> str:
    verb, _, rest = words.partition(" ")
    return f"{_ONE.get(verb, verb)} {rest.replace('they', 'he')}" if count == 1 else words


@dataclass(slots=True)
class Stranded:
    """An open pool that nobody is left for: how many `tasks` lack answers, and how many people are kept away by what.

    `why` is in the words of `KEPT_AWAY`. `causes` says what is wrong with the pool itself, `fresh` why no fresh people
    came, where some may; both are for people to read.
    """

    since: float
    tasks: int
    why: dict[str, int]
    causes: list[str] = field(default_factory=list)
    fresh: str = ""
    told: bool = False
    sought: bool = False


@dataclass(frozen=True, slots=True)
class Replenish:
    """Fresh people come when nobody is left for open work: so many at a time, and so many in all."""

    at_a_time: int = 10
    at_most: int = 1000
