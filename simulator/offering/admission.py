"""Who may come into a pool: who is still there, likes the work, passes its filter, is trained and not banned."""

from simulator.offering import filters
from simulator.offering.offers import another_page
from simulator.records.standing import Restriction
from simulator.records.state import Json, Person, Pool, State


def banned(state: State, pool: Pool, user_id: str) -> bool:
    """Whether a ban keeps this performer out of the pool now."""
    return any(_covers(state, ban, pool) for ban in state.bans.get(user_id, {}).values())


def _covers(state: State, ban: Restriction, pool: Pool) -> bool:
    if ban.until is not None and ban.until <= state.now:
        return False
    return ban.scope == "ALL_PROJECTS" or ban.object_id in (pool.id, pool.project_id)


def likers(state: State, pool: Pool) -> set[str]:
    """Ids of those who like the project's kind of work: a share of the people, at least eight, by its name.

    Those of whom it is said that they never like it are not among them.
    """
    name = str(state.project_of(pool).body["public_name"])
    if name not in state.likers:
        shares = {key: person.performer.conduct.likes_share(name) for key, person in state.people.items()}
        draws = sorted((state.people[key].performer.draw("likes", name), key) for key, share in shares.items() if share)
        state.likers[name] = {key for rank, (chance, key) in enumerate(draws) if chance < shares[key] or rank < 8}
    return state.likers[name]


def requirement(pool: Pool) -> Json | None:
    """The training that performers of this pool must have passed, and the least value of its skill; None for none."""
    wanted: Json | None = (pool.body.get("quality_control") or {}).get("training_requirement")
    return wanted


def admits(state: State, pool: Pool, person: Person) -> bool:
    """Whether the pool is open to this person now."""
    return pool.status == "OPEN" and obstacle(state, pool, person) is None


def obstacle(state: State, pool: Pool, person: Person) -> str | None:
    """What keeps this person out of an open pool, in a word; None when nothing does."""
    if person.gone:
        return "left"
    if person.performer.id not in likers(state, pool):
        return "uninterested"
    if pool.training is None and not filters.passes(state, pool.body.get("filter"), person):
        return "filtered_out"
    if not (_is_trained(state, pool, person) if pool.training is None else _may_train(state, pool, person)):
        return "untrained"
    return "banned" if banned(state, pool, person.performer.id) else None


def _is_trained(state: State, pool: Pool, person: Person) -> bool:
    wanted = requirement(pool)
    if wanted is None:
        return True
    value = _trained(state, state.pools[wanted["training_pool_id"]], person)
    return value is not None and value >= wanted["training_passing_skill_value"]


def _may_train(state: State, training: Pool, person: Person) -> bool:
    """A training is shown to those without its skill, on the way to an open pool that they could go on to."""
    return _trained(state, training, person) is None and any(
        filters.passes(state, pool.body.get("filter"), person) and another_page(state, pool, person)
        for pool in state.pools.values()
        if pool.status == "OPEN" and (requirement(pool) or {}).get("training_pool_id") == training.id
    )


def _trained(state: State, training: Pool, person: Person) -> float | None:
    skill_id = state.project_of(training).training_skill
    held = state.user_skills.get((str(skill_id), person.performer.id))
    return held.value if held else None
