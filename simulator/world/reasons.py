"""Why nobody is left for a pool: for each person what keeps him away, and what the pool itself lacks."""

from collections import Counter
from collections.abc import Mapping, Sequence

from simulator.offering import admission, offers, shelves, speed_quality
from simulator.records.state import KINDS, SUITE, Person, Pool, State

NAMES = {"real": "real", "golden": "control", "training": "training"}
"""What people call the kinds of tasks."""


def count(state: State, pool: Pool) -> dict[str, int]:
    """How many people are kept away from an open pool by what, in the words of `Stranded`, sorted by them."""
    return dict(sorted(Counter(_reason(state, pool, person) for person in state.people.values()).items()))


def _reason(state: State, pool: Pool, person: Person) -> str:
    obstacle = admission.obstacle(state, pool, person)
    if obstacle:
        return obstacle
    if not offers.another_page(state, pool, person):
        return _without_page(state, pool, person)
    return "waiting" if speed_quality.lets_in(state, pool, person) else "outranked"


def _without_page(state: State, pool: Pool, person: Person) -> str:
    """Why there is no page for somebody who is let in, by what of the kinds that he lacks can still be issued."""
    kinds = _lacking(state, pool, person)
    places = [place for kind in kinds for place in shelves.open_places(state, pool, kind)]
    if any(place.id in person.flawed for place in places):
        return "answers_not_allowed"
    if any(not offers.takes(state, person, place) for place in places if place.id not in person.had[pool.id]):
        return "no_vote"
    more = set(kinds) <= {*offers.KNOWN} and offers.count(pool, "real")
    short = [kind for kind in kinds if more or len(pool.shelves[kind].open) < _needed(pool, kind)]
    return _lacks(short[0]) if short else "had_all"


def _lacking(state: State, pool: Pool, person: Person) -> Sequence[str]:
    """Of which kinds there is too little for him: of the known ones only where he could get others."""
    if not offers.mixer(pool):
        return [SUITE]
    if offers.count(pool, "real") and not any(True for _ in offers.available(state, pool, person, "real")):
        return ["real"]
    return offers.short_of(state, pool, person) or offers.KNOWN


def _needed(pool: Pool, kind: str) -> int:
    return offers.least(pool, kind) if kind in offers.KNOWN else min(1, offers.count(pool, kind))


def _lacks(kind: str) -> str:
    return f"lacks_{NAMES[kind]}_tasks"


def causes(pool: Pool, why: Mapping[str, int]) -> list[str]:
    """What is wrong with the pool itself, where that keeps people away, in words."""
    told = [_lack(pool, kind) for kind in KINDS if _lacks(kind) in why]
    if "answers_not_allowed" in why:
        told.append(f"{_many(pool.flawed, 'page')} skipped for want of an answer that the project allows")
    return told


def _lack(pool: Pool, kind: str) -> str:
    needed, there = _needed(pool, kind), len(pool.shelves[kind].open)
    new = "" if there < needed else " that the performer has not had"
    return f"pages need {_many(needed, f'{NAMES[kind]} task')}{new}, and the pool has {there}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
