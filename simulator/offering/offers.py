"""What a pool still has for a person, whether he may come in or not."""

from collections.abc import Iterator

from simulator.offering.distributions import chosen, completed
from simulator.offering.shelves import open_places, tasks_of
from simulator.records.state import KINDS, SUITE, Json, Person, Place, Pool, State

KNOWN = ("golden", "training")


def mixer(pool: Pool) -> Json:
    """How the pool makes its pages; empty when it makes none."""
    return pool.body.get("mixer_config") or {}


def count(pool: Pool, kind: str) -> int:
    """How many tasks of this kind a full page has."""
    return mixer(pool).get(f"{kind}_tasks_count") or 0


def is_varied(pool: Pool) -> bool:
    """Whether known tasks come more or less often as a performer goes on, in the place of real ones."""
    return any(_function(pool, kind) for kind in KNOWN)


def _function(pool: Pool, kind: str) -> Json | None:
    told: Json | None = mixer(pool).get(f"{kind}_task_distribution_function")
    return told


def wanted(state: State, pool: Pool, person: Person, kind: str) -> int:
    """How many known tasks of this kind a full page has for this person."""
    function = _function(pool, kind)
    if function is None:
        return count(pool, kind)
    done = completed(state, pool, person, function, *KINDS)
    return sum(chosen(function, nth) for nth in range(done + 1, done + 1 + count(pool, "real")))


def least(pool: Pool, kind: str) -> int:
    """How many tasks of this kind a page has at least."""
    told: int | None = mixer(pool).get(f"min_{kind}_tasks_count")
    return count(pool, kind) if told is None else told


def stocked(pool: Pool) -> bool:
    """Whether the pool has any suite, or any task of the kind that its pages are made for."""
    kinds = ("real",) if count(pool, "real") else KNOWN
    mixed = any(count(pool, kind) and pool.shelves[kind].open for kind in kinds)
    return mixed or bool(pool.shelves[SUITE].open)


def available(state: State, pool: Pool, person: Person, kind: str) -> Iterator[Place]:
    """What of this kind the person may get, in the pool's order: wanted, new to him and not kept from him."""
    had, me = person.had[pool.id], person.performer
    for place in open_places(state, pool, kind):
        if place.id in had:
            continue
        reserved = place.body.get("reserved_for")
        if me.id in (place.body.get("unavailable_for") or ()) or (reserved and me.id not in reserved):
            continue
        if takes(state, person, place):
            yield place


def takes(state: State, person: Person, place: Place) -> bool:
    """Whether the person would answer all tasks of this; who was recorded has answers to what he answered only."""
    return all(state.crowd.takes(person.performer, task.body["input_values"]) for task in tasks_of(state, place))


def short_of(state: State, pool: Pool, person: Person) -> list[str]:
    """Of which kinds of known tasks the person can get too few for a page."""
    return [kind for kind in KNOWN if len(_unseen(state, pool, person, kind)) < least(pool, kind)]


def _unseen(state: State, pool: Pool, person: Person, kind: str) -> list[Place]:
    return list(available(state, pool, person, kind)) if wanted(state, pool, person, kind) else []


def fresh(state: State, pool: Pool, person: Person) -> dict[str, list[Place]] | None:
    """The golden and training tasks, by kind, that the person can still get; None when they are too few for a page."""
    found: dict[str, list[Place]] = {}
    for kind in KNOWN:
        found[kind] = _unseen(state, pool, person, kind)
        if len(found[kind]) < least(pool, kind):
            return None
    return found


def another_page(state: State, pool: Pool, person: Person) -> bool:
    """Whether there is a suite, or tasks for one more page, for this person; the page may have to wait for others."""
    if not mixer(pool):
        return any(True for _ in available(state, pool, person, SUITE))
    known = fresh(state, pool, person) if stocked(pool) else None
    if known is None or not count(pool, "real"):
        return known is not None and any(known.values())
    return any(True for _ in available(state, pool, person, "real"))
