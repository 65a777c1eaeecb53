"""Objects created one by one or in bulk over HTTP, at once or by an operation."""

from collections.abc import Callable
from typing import Any

from flask import request

from simulator import batches, operations
from simulator.batches import MOST_TASKS, Batch, Noun, Thing, Wishes
from simulator.errors import flaw, invalid, required
from simulator.state import Json, Operation, State
from simulator.wire import Answer, batch, content, switch

MOST_ASYNC = 200_000
FLAGS = ("allow_defaults", "skip_invalid_items", "open_pool")


def create(state: State, noun: Noun[Thing], view: Callable[[State, Thing], Json]) -> Answer:
    """Answer a POST of one object or a list of them: with the objects, or with the operation that made them."""
    sent, identity, later = content(), request.args.get("operation_id"), switch("async_mode")
    operations.refuse_reuse(state, identity)
    made = batches.create(state, noun, _items(sent), _wishes(later))
    refused = bool(made.flawed) and not made.created
    if refused and not later:
        raise invalid(made.flawed[0] if isinstance(sent, dict) else _by_index(made.flawed))
    operation = _operation(state, made, identity, failed=refused)
    if later:
        return 202, operations.view(operation)
    views = {index: view(state, thing) for index, thing in made.created.items()}
    return 201, views[0] if isinstance(sent, dict) else batch(views, made.flawed)


def _items(sent: Any) -> list[Json]:
    items: list[Json] = sent if isinstance(sent, list) else [sent]
    if not items:
        raise invalid({"": required()})
    if not all(isinstance(item, dict) for item in items):
        raise invalid({"": flaw("VALUE_TYPE_MISMATCH", "must be objects")})
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


def _operation(state: State, made: Batch[Thing], identity: str | None, *, failed: bool) -> Operation:
    told: Json = {name: switch(name) for name in FLAGS}
    operation = operations.finish(state, made.noun.operation, told, identity)
    operation.status = "FAIL" if failed else "SUCCESS"
    operation.details, operation.log = made.counts(), made.log()
    return operation
