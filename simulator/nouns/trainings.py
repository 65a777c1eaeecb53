"""Trainings: pools of tasks with hints that make people's training skill, and may be taken again after some days."""

import math

from simulator.account import quotas
from simulator.account.requester import OWNER
from simulator.elements.clock import DAY, exact, iso
from simulator.elements.errors import conflict, missing, wrong_status
from simulator.nouns import skills
from simulator.nouns.training_forms import as_pool, check, form_of
from simulator.offering import lifecycle, shelves
from simulator.records.standing import Skill
from simulator.records.state import Json, Pool, State

CHANGEABLE_WHEN_OPEN = ("private_name", "metadata")


def create(state: State, body: Json) -> Pool:
    """A new, closed training; its project's training skill is made with the first."""
    check(state, body)
    quotas.count(state, "training")
    identity = state.number("pool", [body["project_id"], body["private_name"]])
    form = form_of(body)
    pool = Pool(identity, form["project_id"], {}, state.now, math.inf, training=form)
    pool.body = as_pool(pool.id, form, _skill(state, form["project_id"]).id)
    lifecycle.found(state, pool)
    state.record("TRAINING_CREATED", identity, project_id=pool.project_id, private_name=form["private_name"])
    return pool


def update(state: State, pool: Pool, body: Json) -> Pool:
    """Replace a training's settings; an open one may change its name only, and none its project."""
    check(state, body)
    form, old = form_of(body), pool.training or {}
    if form["project_id"] != pool.project_id:
        raise conflict("PROJECT_INAPPROPRIATE_STATUS", "a training stays in its project")
    if pool.status == "ARCHIVED":
        raise wrong_status("the training is archived", "OPEN", "CLOSED")
    fixed = {name for name in {*form, *old} - {*CHANGEABLE_WHEN_OPEN} if form.get(name) != old.get(name)}
    if pool.status == "OPEN" and fixed:
        raise wrong_status("an open training cannot be changed so", "CLOSED")
    pool.training, pool.body = form, as_pool(pool.id, form, _skill(state, pool.project_id).id)
    pool.used = state.now
    shelves.rearrange(state, pool)
    state.record_change("TRAINING_UPDATED", pool.id, old, form)
    return pool


def _skill(state: State, project_id: str) -> Skill:
    """The skill that all trainings of a project give."""
    project = state.projects[project_id]
    if project.training_skill not in state.skills:
        name = f"{project.body['public_name']} - training"
        project.training_skill = skills.add(state, {"name": name, "training": True}).id
    return state.skills[str(project.training_skill)]


def get(state: State, identity: str) -> Pool:
    """The training with this id, or DOES_NOT_EXIST."""
    pool = state.pools.get(identity)
    if pool is None or pool.training is None:
        raise missing("training", identity)
    return pool


def passed(state: State, pool: Pool, user_id: str) -> None:
    """A performer got the training skill: from when on it is gone, and the training may be taken again."""
    days = (pool.training or {}).get("retry_training_after_days")
    if days:
        state.deadlines.put(exact(state.now + days * DAY), "retrain", f"{pool.id}/{user_id}")


def lapse(state: State, identity: str) -> None:
    """The days are over: the skill is taken away, and the performer may begin the training anew."""
    pool_id, user_id = identity.split("/", 1)
    pool, person = state.pools[pool_id], state.people[user_id]
    person.had.pop(pool_id, None)
    for rank in range(len(pool.body["quality_control"]["configs"][0]["rules"])):
        state.forgiven[f"{pool_id}/0/{rank}", user_id] = state.now
    held = state.user_skills.get((str(state.project_of(pool).training_skill), user_id))
    state.freed.add(user_id)
    if held is not None:
        skills.delete_user_skill(state, held.id)


def view(pool: Pool) -> Json:
    """A training as the API shows it: what was sent, and what Toloka adds."""
    shown: Json = {"owner": OWNER} | (pool.training or {})
    shown |= {"id": pool.id, "status": pool.status, "created": iso(pool.created)}
    moments = {"last_started": pool.last_started, "last_stopped": pool.last_stopped}
    shown |= {name: iso(moment) for name, moment in moments.items() if moment is not None}
    return shown | ({"last_close_reason": pool.close_reason} if pool.close_reason else {})
