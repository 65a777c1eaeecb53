"""What a person at the requester's site does, act by act, with the same means and refusals as the API."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from simulator.account import money
from simulator.elements.clock import exact
from simulator.elements.errors import Refused, missing
from simulator.nouns import pools, projects, skills
from simulator.offering import lifecycle, overlap, shelves
from simulator.records.hands import OPERATOR, Act, Hands
from simulator.records.state import Assignment, Pool, Project, State
from simulator.world import reviews

Thing = TypeVar("Thing")


def script(state: State, hands: Hands) -> None:
    """Put a person's acts on the calendar."""
    state.undone = sorted(hands.acts, key=lambda act: act.at)
    for number, act in enumerate(state.undone):
        state.acts.put(_moment(state, act), "act", f"{number:06}")


def _moment(state: State, act: Act) -> float:
    return exact(state.start + act.at)


def do_what_is_due(state: State) -> bool:
    """Try every act whose moment has come, in the script's order; whether any was done. The others are kept."""
    due = [act for act in state.undone if _moment(state, act) <= state.now]
    done = [act for act in due if _attempt(state, act)]
    for act in done:
        state.undone.remove(act)
    return bool(done)


def _attempt(state: State, act: Act) -> bool:
    state.by = OPERATOR
    try:
        DEEDS[act.what](state, act)
    except Refused:
        return False
    finally:
        state.by = None
    return True


def _first(named: Sequence[Thing], kind: str, act: Act) -> Thing:
    if not named:
        raise missing(kind, act.pick)
    return named[0]


def _nth(things: Sequence[Thing], kind: str, act: Act) -> Thing:
    if not 1 <= act.nth <= len(things):
        raise missing(kind, f"{act.nth} of {act.pick}")
    return things[act.nth - 1]


def _pool(state: State, act: Act) -> Pool:
    named = [pool for pool in state.pools.values() if act.pick in (pool.id, pool.body["private_name"])]
    return _first(sorted(named, key=lambda pool: (pool.created, pool.id)), "pool", act)


def _project(state: State, act: Act) -> Project:
    named = [each for each in state.projects.values() if act.pick in (each.id, each.body["public_name"])]
    return _first(sorted(named, key=lambda project: (project.created, project.id)), "project", act)


def _page(state: State, act: Act) -> Assignment:
    pages = (state.assignments[identity] for identity in _pool(state, act).assignment_ids)
    waiting = [page for page in pages if page.status == "SUBMITTED"]
    return _nth(sorted(waiting, key=lambda page: (page.submitted or 0.0, page.id)), "submitted page", act)


def _review(verdict: str) -> Callable[[State, Act], None]:
    return lambda state, act: reviews.review(state, _page(state, act), verdict, act.text or None)


def _bring_to(status: str) -> Callable[[State, Act], None]:
    """Bring a pool to this status; in it already, it is as if the pool was not there."""

    def deed(state: State, act: Act) -> None:
        if not lifecycle.bring_to(state, _pool(state, act), status):
            raise missing(f"pool that is not {status}", act.pick)

    return deed


def _close_for_update(state: State, act: Act) -> None:
    if not lifecycle.close_for_update(state, _pool(state, act)):
        raise missing("pool that is not closed for update", act.pick)


def _stop_task(state: State, act: Act) -> None:
    shelf = shelves.open_places(state, _pool(state, act), "real")
    task = _nth(sorted(shelf, key=lambda task: (task.created, task.id)), "open task", act)
    overlap.change(state, task, 0, or_least=True)


def _set_price(state: State, act: Act) -> None:
    pool = _pool(state, act)
    pools.update(state, pool, pool.body | {"reward_per_assignment": act.amount})


def _delete_user_skill(state: State, act: Act) -> None:
    named = [each for each in state.skills.values() if act.pick in (each.id, each.body["name"])]
    skill = _first(sorted(named, key=lambda skill: (skill.created, skill.id)), "skill", act)
    held = [each for each in state.user_skills.values() if each.skill_id == skill.id]
    lost = _nth(sorted(held, key=lambda each: (each.created, each.user_id)), "performer with skill", act)
    skills.delete_user_skill(state, lost.id)


def _edit_project(state: State, act: Act) -> None:
    project = _project(state, act)
    projects.update(state, project, project.body | {"public_instructions": act.text})


DEEDS: dict[str, Callable[[State, Act], None]] = {
    "accept": _review("ACCEPTED"),
    "reject": _review("REJECTED"),
    "close": _bring_to("CLOSED"),
    "close-for-update": _close_for_update,
    "open": _bring_to("OPEN"),
    "archive": _bring_to("ARCHIVED"),
    "expire": lambda state, act: lifecycle.expire(state, _pool(state, act)),
    "stop-task": _stop_task,
    "set-price": _set_price,
    "money": lambda state, act: money.refill(state, act.amount),
    "delete-user-skill": _delete_user_skill,
    "edit-project": _edit_project,
}
"""What each kind of act does; raises Refused when that cannot be done now."""
