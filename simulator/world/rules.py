"""Quality control: when a rule's conditions hold, what it does.

Rules about a performer are looked at when time next moves, in one sorted order, so that reviews made at one moment
may arrive in any order. Only the assessment of a page acts at once, with its review.
"""

from simulator.offering import filters
from simulator.offering.admission import banned
from simulator.quality import dynamic_overlap, majority
from simulator.quality.collectors import COLLECTORS
from simulator.quality.conditions import holds, rules_of
from simulator.records.counting import Counting, Metrics
from simulator.records.state import Person, Pool, State
from simulator.world.consequences import act
from simulator.world.reviews import change_overlap


def look_again(state: State) -> None:
    """Evaluate the rules about everybody whose work or rights changed since time last moved, in sorted order."""
    for task_id in sorted(state.completed):
        task = state.tasks[task_id]
        if dynamic_overlap.stands(state, task):
            state.touched.update((task.pool_id, user_id, "majority") for user_id in majority.count(state, task))
    state.completed.clear()
    touched, state.touched = sorted(state.touched), set()
    for pool_id, user_id, occasion in touched:
        _evaluate(state, state.pools[pool_id], user_id, occasion)
    losses, state.losses = sorted(state.losses), set()
    for user_id, reason, skill_id in losses:
        _shut_out(state, state.people[user_id], reason, skill_id)
    if losses:
        _make_room(state)


def _make_room(state: State) -> None:
    """Somebody may have lost his place among the best of a pool, and another has it."""
    state.supplied.update(pool.id for pool in state.pools.values() if pool.body.get("speed_quality_balance"))


def _evaluate(state: State, pool: Pool, user_id: str, occasion: str) -> None:
    counted = [name for name, (occasions, _) in COLLECTORS.items() if occasion in occasions]
    for rule in rules_of(state, pool, *counted):
        _, count = COLLECTORS[rule.collector["type"]]
        since = state.forgiven.get((rule.name, user_id), 0.0)
        metrics = count(Counting(state, pool, user_id, rule.collector, since, rule.whole))
        if holds(rule, metrics):
            act(state, pool, user_id, rule, metrics)


def _shut_out(state: State, person: Person, reason: str, skill_id: str) -> None:
    """Look which of the pools that he worked in are closed to a performer now, and what follows from that."""
    for pool in [state.pools[pool_id] for pool_id in sorted(person.inside)]:
        if not _closed_to(state, pool, person, skill_id):
            continue
        person.inside.discard(pool.id)
        metrics: Metrics = {"pool_access_revoked_reason": reason}
        metrics |= {"skill_id": skill_id} if skill_id else {}
        for rule in rules_of(state, pool, "USERS_ASSESSMENT") if reason else ():
            if holds(rule, metrics):
                _ask_others(state, pool, person, rule.name, rule.action["parameters"])


def _closed_to(state: State, pool: Pool, person: Person, skill_id: str) -> bool:
    """Whether a ban keeps the performer out, or with a skill's id its change."""
    wanted = pool.body.get("filter")
    if skill_id:
        return skill_id in filters.skills(wanted) and not filters.passes(state, wanted, person)
    return banned(state, pool, person.performer.id)


def _ask_others(state: State, pool: Pool, person: Person, rule: str, parameters: dict[str, int]) -> None:
    """Let others do what the performer did here and was not refused, each page once by each rule."""
    pages = (state.assignments[identity] for identity in person.assignment_ids)
    own = [page for page in pages if page.pool_id == pool.id and page.status in dynamic_overlap.STANDING]
    new = [page for page in own if (rule, page.id) not in state.reassigned]
    state.reassigned.update((rule, page.id) for page in new)
    change_overlap(state, pool, new, parameters)
