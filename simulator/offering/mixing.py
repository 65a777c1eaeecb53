"""Smart mixing: which page of tasks a pool has for a person now."""

from collections.abc import Sequence
from heapq import nsmallest
from itertools import islice

from simulator.offering.admission import admits
from simulator.offering.offers import (
    KNOWN,
    another_page,
    available,
    count,
    fresh,
    is_varied,
    least,
    mixer,
    stocked,
    wanted,
)
from simulator.offering.speed_quality import lets_in
from simulator.records.state import SUITE, Person, Place, Pool, State


def attracts(state: State, pool: Pool, person: Person) -> bool:
    """Whether there is anything here that this person, if he is let in, may get in a page that may have to wait."""
    return stocked(pool) and admits(state, pool, person) and another_page(state, pool, person)


def page(state: State, pool: Pool, person: Person) -> Sequence[Place]:
    """The tasks, or the suite, of the page for this person now; empty when there is none.

    Real tasks may lack only when that may be so.
    """
    if not stocked(pool) or not admits(state, pool, person) or not lets_in(state, pool, person):
        return []
    if not mixer(pool):
        return list(islice(available(state, pool, person, SUITE), 1))
    unseen = fresh(state, pool, person)
    if unseen is None:
        return []
    known = [t for kind in KNOWN for t in _first(pool, person, unseen[kind], wanted(state, pool, person, kind))]
    places = max(0, count(pool, "real") - len(known)) if is_varied(pool) else count(pool, "real")
    if not places:
        return _arranged(pool, person, known)
    real = list(islice(available(state, pool, person, "real"), places))
    enough = real and (len(real) >= min(places, least(pool, "real")) or state.now >= short_page_at(pool))
    return _arranged(pool, person, [*real, *known]) if enough else []


def is_full(pool: Pool, tasks: Sequence[Place]) -> bool:
    """Whether a page with these tasks has all the real ones that it should."""
    return sum(is_varied(pool) or task.kind == "real" for task in tasks) == count(pool, "real")


def short_page_at(pool: Pool) -> float:
    """From when the pool issues pages without all real tasks: a delay after the last supply or full page; or never."""
    if not mixer(pool).get("force_last_assignment", True):
        return float("inf")
    return pool.quiet_since + float(mixer(pool).get("force_last_assignment_delay_seconds") or 0)


def _first(pool: Pool, person: Person, unseen: list[Place], wanted: int) -> list[Place]:
    """The first in the order of creation; where there is none, everybody has an order of his own."""
    if mixer(pool).get("mix_tasks_in_creation_order"):
        return unseen[:wanted]
    return nsmallest(wanted, unseen, key=lambda task: person.performer.draw("mixed", task.id))


def _arranged(pool: Pool, person: Person, tasks: Sequence[Place]) -> list[Place]:
    """The tasks as they stand on the page: in order of creation, or shuffled."""
    ordered = sorted(tasks, key=lambda task: (task.created, task.id))
    if not mixer(pool).get("shuffle_tasks_in_task_suite", True):
        return ordered
    return sorted(ordered, key=lambda task: person.performer.draw("shuffled", task.id))
