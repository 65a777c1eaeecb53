"""Tasks over HTTP."""

from flask import Blueprint, request

from simulator import api_batches, pools, tasks
from simulator.search import Listing
from simulator.state import State, Task
from simulator.task_forms import MOST_TASKS, Wishes
from simulator.wire import Answer, blueprint, body, needed, switch
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
    return api_batches.create(
        state,
        "TASK.BATCH_CREATE",
        ("allow_defaults", "skip_invalid_items", "open_pool"),
        lambda items, later: tasks.create(state, items, _wishes(later)),
        lambda identity: tasks.view(state.tasks[identity]),
    )


def _wishes(later: bool) -> Wishes:
    return Wishes(
        allow_defaults=switch("allow_defaults"),
        skip_invalid_items=switch("skip_invalid_items"),
        open_pool=switch("open_pool"),
        most=MOST_ASYNC if later else MOST_TASKS,
    )


def _find(state: State) -> Answer:
    pool = pools.get(state, needed("pool_id"))
    return 200, LISTING.page(pool.tasks, request.args)


def _get(state: State, task_id: str) -> Answer:
    return 200, tasks.view(tasks.get(state, task_id))


def _patch(state: State, task_id: str) -> Answer:
    return 200, tasks.view(tasks.patch(state, tasks.get(state, task_id), body()))


def _set_overlap_or_min(state: State, task_id: str) -> Answer:
    return 200, tasks.view(tasks.patch_overlap(state, tasks.get(state, task_id), body()))
