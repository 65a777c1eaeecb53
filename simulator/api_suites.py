"""Task suites over HTTP."""

from flask import Blueprint, request

from simulator import api_batches, pools, suites, tasks
from simulator.errors import invalid, required
from simulator.search import Listing
from simulator.state import State, Suite
from simulator.wire import Answer, blueprint, body, switch
from simulator.world import World


def routes(world: World) -> Blueprint:
    """/task-suites: create one or many, list, get, change the overlap or the order."""
    return blueprint(
        "suites",
        world,
        {
            "POST /task-suites": lambda state: api_batches.create(state, suites.NOUN, suites.view),
            "GET /task-suites": _find,
            "GET /task-suites/<suite_id>": _get,
            "PATCH /task-suites/<suite_id>": _patch,
            "PATCH /task-suites/<suite_id>/set-overlap-or-min": _set_overlap_or_min,
        },
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
        most=100_000,
    )


def _find(state: State) -> Answer:
    found = (state.suites[identity] for identity in _candidates(state))
    return 200, _listing(state).page(found, request.args)


def _candidates(state: State) -> list[str]:
    if "task_id" in request.args:
        return tasks.suite_ids(state, tasks.get(state, request.args["task_id"]))
    if "pool_id" in request.args:
        return pools.get(state, request.args["pool_id"]).suite_ids
    raise invalid({"pool_id": required()})


def _get(state: State, suite_id: str) -> Answer:
    return 200, suites.view(state, suites.get(state, suite_id))


def _patch(state: State, suite_id: str) -> Answer:
    suite = suites.patch(state, suites.get(state, suite_id), body(), open_pool=switch("open_pool"))
    return 200, suites.view(state, suite)


def _set_overlap_or_min(state: State, suite_id: str) -> Answer:
    return 200, suites.view(state, suites.patch_overlap(state, suites.get(state, suite_id), body()))
