"""Aggregated answers over HTTP."""

from flask import Blueprint, request

from simulator.account import quotas
from simulator.api.search import Listing
from simulator.api.wire import Answer, blueprint, body
from simulator.elements.errors import missing
from simulator.nouns import operations, pools
from simulator.records.state import Json, State
from simulator.results import aggregation
from simulator.world.world import World

LISTING: Listing[Json] = Listing(
    view=lambda solution: solution,
    ranges={"task_id": lambda solution: solution["task_id"]},
    equals={},
    most=100_000,
    default_sort="task_id",
)


def routes(world: World) -> Blueprint:
    """/aggregated-solutions: by pool, by task, and the list of what an operation came to."""
    return blueprint(
        "aggregation",
        world,
        {
            "POST /aggregated-solutions/aggregate-by-pool": _by_pool,
            "POST /aggregated-solutions/aggregate-by-task": _by_task,
            "GET /aggregated-solutions/<operation_id>": _find,
        },
    )


def _by_pool(state: State) -> Answer:
    sent = body()
    solutions = aggregation.of_pool(state, sent)
    told = aggregation.parameters(pools.get(state, sent["pool_id"]), sent)
    operation = operations.finish(state, "SOLUTION.AGGREGATE", told)
    state.aggregated[operation.id] = solutions
    return 202, operations.view(operation)


def _by_task(state: State) -> Answer:
    return 201, aggregation.of_task(state, body())


def _find(state: State, operation_id: str) -> Answer:
    quotas.count(state, "list of aggregated answers")
    if operation_id not in state.aggregated:
        raise missing("aggregation", operation_id)
    return 200, LISTING.page(state.aggregated[operation_id], request.args)
