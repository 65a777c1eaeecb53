"""One or many things created by one request, at once or as an operation: the same for tasks and bonuses."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import request

from simulator.api.wire import Answer, batch, content, only, switch
from simulator.elements.errors import flaw, invalid
from simulator.nouns import operations
from simulator.nouns.batches import Batch
from simulator.records.state import Json, Operation, State


def create(
    state: State,
    kind: str,
    flags: tuple[str, ...],
    make: Callable[[list[Json], bool], Batch],
    view: Callable[[str], Json],
) -> Answer:
    """Create what is asked for by an operation of this kind, and answer with it or, in async_mode, with the operation.

    `flags` are its parameters, `make` creates items and is told whether in async_mode, `view` shows one by its id.
    """
    only("operation_id", "async_mode", *flags)
    sent, identity, later = content(), _identity(), switch("async_mode")
    operations.refuse_reuse(state, identity)
    made = make(_items(sent), later)
    if made.refused and not later:
        raise invalid(made.flawed[0] if isinstance(sent, dict) else _by_index(made))
    operation = _operation(state, kind, flags, made, identity)
    if later:
        return 202, operations.view(operation)
    views = {index: view(created) for index, created in made.created.items()}
    return 201, views[0] if isinstance(sent, dict) else batch(views, dict(made.flawed))


def _identity() -> str | None:
    text = request.args.get("operation_id")
    try:
        return text if text is None else str(UUID(text))
    except ValueError:
        raise invalid({"operation_id": flaw("UUID_EXPECTED", f"not a UUID: {text}")}) from None


def _items(sent: Any) -> list[Json]:
    items: list[Json] = sent if isinstance(sent, list) else [sent]
    if not all(isinstance(item, dict) for item in items):
        raise invalid({"": flaw("OBJECT_EXPECTED", "must be objects")})
    return items


def _by_index(made: Batch) -> Json:
    return {str(index): flaws for index, flaws in made.flawed.items()}


def _operation(state: State, kind: str, flags: tuple[str, ...], made: Batch, identity: str | None) -> Operation:
    operation = operations.finish(state, kind, {name: switch(name) for name in flags}, identity)
    operation.status = "FAIL" if made.refused else "SUCCESS"
    operation.details, operation.log = made.counts(), made.log()
    return operation
