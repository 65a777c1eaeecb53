"""Tasks over HTTP."""

from flask import Blueprint, request

from simulator.api import creating
from simulator.api.search import Listing
from simulator.api.wire import Answer, blueprint, body, needed, only, switch
from simulator.nouns import pools, tasks
from simulator.offering import shelves
from simulator.records.state import State, Task
from simulator.world.world import World


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
    return creating.create(
        state, "TASK.BATCH_CREATE", tasks.NOUN, lambda identity: tasks.view(state, state.tasks[identity])
    )


def _listing(state: State) -> Listing[Task]:
    return Listing(
        view=lambda task: tasks.view(state, task),
        ranges={"id": lambda task: task.id, "created": lambda task: task.created},
        equals={
            "pool_id": lambda task: task.pool_id,
            "overlap": lambda task: shelves.place_of(state, task).overlap,
        },
        bounds={"overlap": lambda task: shelves.place_of(state, task).overlap},
        most=100_000,
    )


def _find(state: State) -> Answer:
    pool = pools.get(state, needed("pool_id"))
    return 200, _listing(state).page(pool.tasks, request.args)


def _get(state: State, task_id: str) -> Answer:
    return 200, tasks.view(state, tasks.get(state, task_id))


def _patch(state: State, task_id: str) -> Answer:
    only("open_pool")
    task = tasks.patch(state, tasks.get(state, task_id), body(), open_pool=switch("open_pool"))
    return 200, tasks.view(state, task)


def _set_overlap_or_min(state: State, task_id: str) -> Answer:
    return 200, tasks.view(state, tasks.patch_overlap(state, tasks.get(state, task_id), body()))
