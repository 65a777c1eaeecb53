"""Smart mixing: which page of tasks a pool has for a person now."""

from collections.abc import Iterator
from heapq import nsmallest
from itertools import islice

from simulator.admission import admits
from simulator.state import Json, Person, Pool, State, Task

KNOWN = ("golden", "training")


def stocked(pool: Pool) -> bool:
    """Whether the pool has any task of the kind that its pages are made for."""
    kinds = ("real",) if count(pool, "real") else KNOWN
    return any(count(pool, kind) and pool.shelves[kind].open for kind in kinds)


def attracts(state: State, pool: Pool, person: Person) -> bool:
    """Whether there is anything here that this person may get, in a page that may have to wait."""
    return stocked(pool) and admits(state, pool, person) and could_be_given(state, pool, person)


def could_be_given(state: State, pool: Pool, person: Person) -> bool:
    """Whether there are tasks for one more page for this person, open to him or not."""
    known = _fresh(state, pool, person)
    if known is None or not count(pool, "real"):
        return known is not None and any(known.values())
    return any(True for _ in available(state, pool, person, "real"))


def page(state: State, pool: Pool, person: Person) -> list[Task]:
    """The page for this person now; empty when there is none. Real tasks may lack only when that may be so."""
    if not stocked(pool) or not admits(state, pool, person):
        return []
    fresh = _fresh(state, pool, person)
    if fresh is None:
        return []
    known = [task for kind in KNOWN for task in _first(pool, person, fresh[kind], count(pool, kind))]
    wanted = count(pool, "real")
    if not wanted:
        return _arranged(pool, person, known)
    real = list(islice(available(state, pool, person, "real"), wanted))
    enough = real and (len(real) >= _least(pool, "real") or state.now >= short_page_at(pool))
    return _arranged(pool, person, [*real, *known]) if enough else []


def available(state: State, pool: Pool, person: Person, kind: str) -> Iterator[Task]:
    """Tasks of this kind that the person may get, in the pool's order: wanted, new to him and not kept from him."""
    had, me = person.had[pool.id], person.performer
    for _, identity in pool.shelves[kind].open:
        if identity in had:
            continue
        task = state.tasks[identity]
        reserved = task.body.get("reserved_for")
        if me.id in (task.body.get("unavailable_for") or ()) or (reserved and me.id not in reserved):
            continue
        if state.crowd.takes(me, task.body["input_values"]):
            yield task


def count(pool: Pool, kind: str) -> int:
    """How many tasks of this kind a full page has."""
    return _mixer(pool).get(f"{kind}_tasks_count") or 0


def is_full(pool: Pool, tasks: list[Task]) -> bool:
    """Whether a page with these tasks has all the real ones that it should."""
    return sum(task.kind == "real" for task in tasks) == count(pool, "real")


def short_page_at(pool: Pool) -> float:
    """From when the pool issues pages without all real tasks: a delay after the last supply or full page; or never."""
    mixer = _mixer(pool)
    if not mixer.get("force_last_assignment", True):
        return float("inf")
    return pool.quiet_since + float(mixer.get("force_last_assignment_delay_seconds") or 0)


def _mixer(pool: Pool) -> Json:
    return pool.body.get("mixer_config") or {}


def _least(pool: Pool, kind: str) -> int:
    least: int | None = _mixer(pool).get(f"min_{kind}_tasks_count")
    return count(pool, kind) if least is None else least


def _fresh(state: State, pool: Pool, person: Person) -> dict[str, list[Task]] | None:
    """The golden and training tasks, by kind, that the person can still get; None when they are too few for a page."""
    found: dict[str, list[Task]] = {}
    for kind in KNOWN:
        found[kind] = list(available(state, pool, person, kind)) if count(pool, kind) else []
        if len(found[kind]) < _least(pool, kind):
            return None
    return found


def _first(pool: Pool, person: Person, fresh: list[Task], wanted: int) -> list[Task]:
    """The first in the order of creation; where there is none, everybody has an order of his own."""
    if _mixer(pool).get("mix_tasks_in_creation_order"):
        return fresh[:wanted]
    return nsmallest(wanted, fresh, key=lambda task: person.performer.draw("mixed", task.id))


def _arranged(pool: Pool, person: Person, tasks: list[Task]) -> list[Task]:
    """The tasks as they stand on the page: in order of creation, or shuffled."""
    ordered = sorted(tasks, key=lambda task: (task.created, task.id))
    if not _mixer(pool).get("shuffle_tasks_in_task_suite", True):
        return ordered
    return sorted(ordered, key=lambda task: person.performer.draw("shuffled", task.id))
