"""When nobody is left who may or will do a pool's work: that is seen, told, and fresh people may come then."""

import logging
from collections.abc import Iterator

from simulator.offering import mixing, shelves, speed_quality
from simulator.records.nobody import Replenish, Stranded, in_words
from simulator.records.state import Person, Pool, State
from simulator.world import people, reasons

logger = logging.getLogger(__name__)
LOOKED_AT = 100
"""How many people are looked at for each that is wanted: filters and likings keep some away."""


def look(state: State) -> None:
    """Where nobody has anything to do any more, see which pools lack answers; and let fresh people come if any may."""
    if state.doings.first() is not None:
        return
    for pool in state.pools.values():
        left = shelves.unfinished(pool) if pool.status == "OPEN" else 0
        if left:
            _note(state, pool, left)
    if state.replenish and any(not each.sought for each in state.stranded.values()):
        _replenish(state, state.replenish)


def _note(state: State, pool: Pool, left: int) -> None:
    noted = state.stranded.get(pool.id)
    if noted is not None and noted.tasks == left:
        return
    why = reasons.count(state, pool)
    if noted is None:
        state.stranded[pool.id] = Stranded(state.now, left, why, reasons.causes(pool, why))
        state.record("POOL_STRANDED", pool.id, tasks=left, why=why)
    else:
        noted.tasks, noted.why, noted.causes = left, why, reasons.causes(pool, why)
        noted.sought, noted.fresh = False, ""


def tell(state: State, patience: float) -> None:
    """Log, once each, the pools that nobody has been left for during so many platform seconds."""
    for pool_id, noted in state.stranded.items():
        if not noted.told and state.now >= noted.since + patience:
            noted.told = True
            extra = {"pool_id": pool_id, "tasks": noted.tasks, "why": in_words(noted.why)}
            beside = {"cause": "; ".join(noted.causes), "fresh_people": noted.fresh}
            extra |= {name: words for name, words in beside.items() if words}
            logger.warning("nobody is left who may take the pool's tasks", extra=extra)


def _replenish(state: State, wanted: Replenish) -> None:
    """Let those come who would find something; where nobody would, nobody is looked for again until that changes."""
    came = 0
    for person in _candidates(state, wanted):
        if _comes(state, person):
            came += 1
            state.arrived += 1
            state.record("PERFORMER_ARRIVED", person.performer.id)
            people.wake(state, person)
        if came == wanted.at_a_time or state.arrived == wanted.at_most:
            break
    if not came:
        for noted in state.stranded.values():
            noted.sought, noted.fresh = True, _why_nobody(state, wanted)


def _why_nobody(state: State, wanted: Replenish) -> str:
    if state.arrived >= wanted.at_most:
        return f"all {wanted.at_most} who may come have come"
    if state.crowd.newcomer(state.candidates) is None:
        return "there is nobody else"
    return "none who was looked at would find anything to do"


def _candidates(state: State, wanted: Replenish) -> Iterator[Person]:
    if state.arrived >= wanted.at_most:
        return
    for number in range(state.candidates, state.candidates + LOOKED_AT * wanted.at_a_time):
        newcomer = state.crowd.newcomer(number)
        if newcomer is None:
            return
        state.candidates = number + 1
        yield Person(newcomer)


def _comes(state: State, person: Person) -> bool:
    """Whether there is something for him: then he is one of the people.

    He likes the work that nobody is left for; whether he likes other work is drawn as it is for everybody.
    """
    me = person.performer
    meant = {state.project_of(state.pools[pool_id]).body["public_name"] for pool_id in state.stranded}
    liked = [name for name in state.likers if name in meant or me.draw("likes", name) < me.conduct.likes_share(name)]
    state.people[me.id] = person
    for name in liked:
        state.likers[name].add(me.id)
    pools = state.pools.values()
    if any(mixing.attracts(state, p, person) and speed_quality.lets_in(state, p, person) for p in pools):
        return True
    for name in liked:
        state.likers[name].discard(me.id)
    del state.people[me.id]
    return False
