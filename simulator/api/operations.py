"""Operations over HTTP."""

from flask import Blueprint, request

from simulator.api.search import Listing
from simulator.api.wire import Answer, blueprint
from simulator.nouns import operations
from simulator.records.state import Operation, State
from simulator.world.world import World

LISTING: Listing[Operation] = Listing(
    view=operations.view,
    ranges={
        "id": lambda operation: operation.id,
        "submitted": lambda operation: operation.at,
        "finished": lambda operation: operation.at,
    },
    equals={"type": lambda operation: operation.type, "status": lambda operation: operation.status},
    choices={"type": operations.TYPES, "status": ("PENDING", "RUNNING", "SUCCESS", "FAIL")},
    most=500,
)


def routes(world: World) -> Blueprint:
    """/operations: list, get, log."""
    return blueprint(
        "operations",
        world,
        {
            "GET /operations": _find,
            "GET /operations/<operation_id>": _get,
            "GET /operations/<operation_id>/log": _get_log,
        },
    )


def _find(state: State) -> Answer:
    return 200, LISTING.page(state.operations.values(), request.args)


def _get(state: State, operation_id: str) -> Answer:
    return 200, operations.view(operations.get(state, operation_id))


def _get_log(state: State, operation_id: str) -> Answer:
    return 200, operations.log(state, operations.get(state, operation_id))
