"""Quality control: when a rule's conditions hold, what it does.

Rules about a performer are looked at when time next moves, in one sorted order, so that reviews made at one moment
may arrive in any order. Only the assessment of a page acts at once: a refused page's overlap is raised, and its pool
opened, before the refusal is answered.
"""

from typing import Any

from simulator import lifecycle, majority, overlap, trainings
from simulator.clock import exact
from simulator.collectors import COLLECTORS, assessment
from simulator.counting import Counting, Metrics
from simulator.filters import COMPARISONS
from simulator.restrictions import restrict
from simulator.skills import set_user_skill
from simulator.state import SUITE, Assignment, Json, Pool, State

UNITS = {"MINUTES": 60.0, "HOURS": 3600.0, "DAYS": 86_400.0}
ALIASES = {"wrong_answers_rate": "incorrect_answers_rate"}


def holds(conditions: list[Json], metrics: Metrics) -> bool:
    """Whether all conditions are true; one about an undefined metric is false."""
    return all(
        condition["key"] in metrics
        and COMPARISONS[condition["operator"]](metrics[condition["key"]], condition["value"])
        for condition in conditions
    )


def look_again(state: State) -> None:
    """Evaluate the rules about everybody whose work changed since time last moved, in sorted order."""
    for task_id in sorted(state.completed):
        task = state.tasks[task_id]
        state.touched.update((task.pool_id, user_id, "majority") for user_id in majority.count(state, task))
    state.completed.clear()
    touched, state.touched = sorted(state.touched), set()
    for pool_id, user_id, occasion in touched:
        _evaluate(state, state.pools[pool_id], user_id, occasion)


def _evaluate(state: State, pool: Pool, user_id: str, occasion: str) -> None:
    for number, config in enumerate(_configs(pool)):
        collector = config["collector_config"]
        if collector["type"] not in COLLECTORS or COLLECTORS[collector["type"]][0] != occasion:
            continue
        _, count = COLLECTORS[collector["type"]]
        for rank, rule in enumerate(config["rules"]):
            name = f"{pool.id}/{number}/{rank}"
            since = state.forgiven.get((name, user_id), 0.0)
            metrics = count(Counting(state, pool, user_id, collector, since))
            if holds(rule["conditions"], metrics):
                _act(state, pool, user_id, name, rule["action"], metrics)


def _configs(pool: Pool) -> list[Json]:
    configs: list[Json] = (pool.body.get("quality_control") or {}).get("configs") or []
    return configs


def _act(state: State, pool: Pool, user_id: str, name: str, action: Json, metrics: Metrics) -> None:
    parameters = action["parameters"]
    if action["type"] == "RESTRICTION_V2":
        _ban(state, pool, user_id, name, parameters)
    elif parameters["skill_id"] not in state.skills:
        return
    elif action["type"] == "SET_SKILL":
        set_user_skill(state, parameters["skill_id"], user_id, float(parameters["skill_value"]))
    else:
        _give_share(state, pool, user_id, parameters, metrics)


def _give_share(state: State, pool: Pool, user_id: str, parameters: Json, metrics: Metrics) -> None:
    source = ALIASES.get(parameters["from_field"], parameters["from_field"])
    if source in metrics:
        set_user_skill(state, parameters["skill_id"], user_id, float(metrics[source]))
        if pool.training is not None:
            trainings.passed(state, pool, user_id)


def _ban(state: State, pool: Pool, user_id: str, name: str, parameters: Json) -> None:
    until = None
    if parameters["duration_unit"] != "PERMANENT":
        until = exact(state.now + float(parameters["duration"]) * UNITS[parameters["duration_unit"]])
        state.forgiven[name, user_id] = until
    of: dict[str, str | None] = {"POOL": pool.id, "PROJECT": pool.project_id, "ALL_PROJECTS": None}
    scope, comment = parameters["scope"], parameters.get("private_comment")
    restrict(state, user_id, scope, of[scope], until, comment, rule=name)


def assess(state: State, page: Assignment, event: str) -> None:
    """Apply the rules about this page's review; they act before the review is answered."""
    pool = state.pools[page.pool_id]
    metrics = assessment(state, page, event)
    for config in _configs(pool):
        if config["collector_config"]["type"] != "ASSIGNMENTS_ASSESSMENT":
            continue
        for rule in config["rules"]:
            if holds(rule["conditions"], metrics):
                _raise_overlap(state, pool, page, rule["action"]["parameters"])


def _raise_overlap(state: State, pool: Pool, page: Assignment, parameters: dict[str, Any]) -> None:
    for place in overlap.held(state, page):
        if place.kind in ("real", SUITE) and place.overlap is not None:
            overlap.change(state, place, place.overlap + int(parameters["delta"]))
    if parameters.get("open_pool"):
        lifecycle.open_if_possible(state, pool)
