"""Tasks over HTTP."""

from typing import Any

from flask import Blueprint, request

from simulator import operations, pools, tasks
from simulator.errors import flaw, invalid
from simulator.search import Listing
from simulator.state import Json, Operation, State, Task
from simulator.task_forms import MOST_TASKS, Wishes
from simulator.wire import Answer, batch, blueprint, body, content, needed, switch
from simulator.world import World

MOST_ASYNC = 200_000
LISTING: Listing[Task] = Listing(
    view=tasks.view,
    ranges={"id": lambda task: task.id, "created": lambda task: task.created},
    equals={"pool_id": lambda task: task.pool_id, "overlap": lambda task: task.overlap},
    most=100_000,
)


def routes(world: World) -> Blueprint:
    """/tasks: create one or many, list, get, change the overlap."""
    return blueprint(
        "tasks",
        world,
        {
            "POST /tasks": _create,
            "GET /tasks": _find,
            "GET /tasks/<task_id>": _get,
            "PATCH /tasks/<task_id>": _patch,
            "PATCH /tasks/<task_id>/set-overlap-or-min": _set_overlap_or_min,
        },
    )


def _create(state: State) -> Answer:
    sent, identity, later = content(), request.args.get("operation_id"), switch("async_mode")
    operations.refuse_reuse(state, identity)
    made = tasks.create(state, _items(sent), _wishes(later))
    refused = bool(made.flawed) and not made.created
    if refused and not later:
        raise invalid(made.flawed[0] if isinstance(sent, dict) else _by_index(made.flawed))
    operation = _operation(state, made, identity, failed=refused)
    if later:
        return 202, operations.view(operation)
    views = {index: tasks.view(task) for index, task in made.created.items()}
    return 201, views[0] if isinstance(sent, dict) else batch(views, made.flawed)


def _items(sent: Any) -> list[Json]:
    items: list[Json] = sent if isinstance(sent, list) else [sent]
    if not all(isinstance(item, dict) for item in items):
        raise invalid({"": flaw("VALUE_TYPE_MISMATCH", "must be tasks")})
    return items


def _wishes(later: bool) -> Wishes:
    return Wishes(
        allow_defaults=switch("allow_defaults"),
        skip_invalid_items=switch("skip_invalid_items"),
        open_pool=switch("open_pool"),
        most=MOST_ASYNC if later else MOST_TASKS,
    )


def _by_index(flawed: dict[int, Json]) -> Json:
    return {str(index): flaws for index, flaws in flawed.items()}


def _operation(state: State, made: tasks.Batch, identity: str | None, *, failed: bool) -> Operation:
    operation = operations.finish(state, "TASK.BATCH_CREATE", _parameters(), identity)
    operation.status = "FAIL" if failed else "SUCCESS"
    operation.details, operation.log = made.counts(), made.log()
    return operation


def _parameters() -> Json:
    names = ("allow_defaults", "skip_invalid_items", "open_pool")
    return {name: switch(name) for name in names}


def _find(state: State) -> Answer:
    pool = pools.get(state, needed("pool_id"))
    return 200, LISTING.page(pool.tasks, request.args)


def _get(state: State, task_id: str) -> Answer:
    return 200, tasks.view(tasks.get(state, task_id))


def _patch(state: State, task_id: str) -> Answer:
    return 200, tasks.view(tasks.patch(state, tasks.get(state, task_id), body()))


def _set_overlap_or_min(state: State, task_id: str) -> Answer:
    return 200, tasks.view(tasks.patch_overlap(state, tasks.get(state, task_id), body()))
