"""Smart mixing: which page of tasks a pool has for a person now."""

from collections.abc import Iterator
from itertools import islice

from simulator import filters
from simulator.state import Person, Pool, Restriction, State, Task


def banned(state: State, pool: Pool, user_id: str) -> bool:
    """Whether a ban keeps this performer out of the pool now."""
    return any(ban.user_id == user_id and _covers(state, ban, pool) for ban in state.restrictions.values())


def _covers(state: State, ban: Restriction, pool: Pool) -> bool:
    if ban.until is not None and ban.until <= state.now:
        return False
    return ban.scope == "ALL_PROJECTS" or ban.object_id in (pool.id, pool.project_id)


def likers(state: State, pool: Pool) -> tuple[str, ...]:
    """Ids of those who like the project's kind of work: about half of the people, at least eight, by its name."""
    name = str(state.project_of(pool).body["public_name"])
    if name not in state.likers:
        draws = sorted((person.performer.draw("likes", name), key) for key, person in state.people.items())
        chosen = [key for rank, (chance, key) in enumerate(draws) if chance < 0.5 or rank < 8]
        state.likers[name] = tuple(sorted(chosen))
    return state.likers[name]


def admits(state: State, pool: Pool, person: Person) -> bool:
    """Whether the pool is open to this person: liked, filter passed, not banned."""
    return (
        pool.status == "OPEN"
        and person.performer.id in likers(state, pool)
        and filters.passes(state, pool.body.get("filter"), person)
        and not banned(state, pool, person.performer.id)
    )


def available(state: State, pool: Pool, person: Person) -> Iterator[Task]:
    """Tasks that this person may get, in order of (created, id): wanted, new to him and not kept from him."""
    had, me = person.had[pool.id], person.performer.id
    for _, identity in pool.open_tasks:
        if identity in had:
            continue
        task = state.tasks[identity]
        reserved = task.body.get("reserved_for")
        if me not in (task.body.get("unavailable_for") or ()) and (not reserved or me in reserved):
            yield task


def attracts(state: State, pool: Pool, person: Person) -> bool:
    """Whether there is any task here that this person may get."""
    return bool(pool.open_tasks) and admits(state, pool, person) and any(True for _ in available(state, pool, person))


def page(state: State, pool: Pool, person: Person) -> list[Task]:
    """The page for this person now; empty when there is none. A page that is not full only when it may be issued."""
    if not pool.open_tasks or not admits(state, pool, person):
        return []
    found = list(islice(available(state, pool, person), page_size(pool)))
    return found if len(found) == page_size(pool) or state.now >= short_page_at(pool) else []


def page_size(pool: Pool) -> int:
    """How many tasks a full page has."""
    size: int = pool.body["mixer_config"]["real_tasks_count"]
    return size


def short_page_at(pool: Pool) -> float:
    """From when the pool issues pages that are not full: a delay after the last supply or full page; or never."""
    mixer = pool.body["mixer_config"]
    if not mixer.get("force_last_assignment", True):
        return float("inf")
    return pool.quiet_since + float(mixer.get("force_last_assignment_delay_seconds") or 0)
