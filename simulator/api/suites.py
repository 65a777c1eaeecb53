"""Task suites over HTTP."""

from flask import Blueprint, request

from simulator.api import creating
from simulator.api.search import Listing
from simulator.api.wire import Answer, blueprint, body, only, switch
from simulator.elements.errors import invalid, required
from simulator.elements.registers import Register
from simulator.nouns import pools, suites, tasks
from simulator.records.state import State, Suite
from simulator.world.world import World


def routes(world: World) -> Blueprint:
    """/task-suites: create one or many, list, get, change the overlap or the order."""
    return blueprint(
        "suites",
        world,
        {
            "POST /task-suites": _create,
            "GET /task-suites": _find,
            "GET /task-suites/<suite_id>": _get,
            "PATCH /task-suites/<suite_id>": _patch,
            "PATCH /task-suites/<suite_id>/set-overlap-or-min": _set_overlap_or_min,
        },
    )


def _create(state: State) -> Answer:
    return creating.create(
        state, "TASK_SUITE.BATCH_CREATE", suites.NOUN, lambda identity: suites.view(state, state.suites[identity])
    )


def _listing(state: State) -> Listing[Suite]:
    return Listing(
        view=lambda suite: suites.view(state, suite),
        ranges={"id": lambda suite: suite.id, "created": lambda suite: suite.created},
        equals={
            "pool_id": lambda suite: suite.pool_id,
            "task_id": lambda suite: next((i for i in suite.task_ids if i == request.args["task_id"]), None),
            "overlap": lambda suite: suite.overlap,
        },
        bounds={"overlap": lambda suite: suite.overlap},
        most=100_000,
    )


def _find(state: State) -> Answer:
    return 200, _listing(state).page(_candidates(state), request.args)


def _candidates(state: State) -> Register[Suite] | list[Suite]:
    if "task_id" in request.args:
        task = tasks.get(state, request.args["task_id"])
        return [state.suites[identity] for identity in tasks.suite_ids(state, task)]
    if "pool_id" in request.args:
        return pools.get(state, request.args["pool_id"]).suites
    raise invalid({"pool_id": required()})


def _get(state: State, suite_id: str) -> Answer:
    return 200, suites.view(state, suites.get(state, suite_id))


def _patch(state: State, suite_id: str) -> Answer:
    only("open_pool")
    suite = suites.patch(state, suites.get(state, suite_id), body(), open_pool=switch("open_pool"))
    return 200, suites.view(state, suite)


def _set_overlap_or_min(state: State, suite_id: str) -> Answer:
    return 200, suites.view(state, suites.patch_overlap(state, suites.get(state, suite_id), body()))
