"""Operations: work that the API did for a request. Here every operation is finished when it is answered."""

from simulator.elements.clock import iso
from simulator.elements.draws import digest
from simulator.elements.errors import conflict, missing
from simulator.records.state import Json, Operation, State

TYPES = (
    "ANALYTICS",
    "KNOWN_SOLUTIONS.GENERATE",
    "POOL.ARCHIVE",
    "POOL.CLONE",
    "POOL.CLOSE",
    "POOL.OPEN",
    "PROJECT.ARCHIVE",
    "SOLUTION.AGGREGATE",
    "TASK.BATCH_CREATE",
    "TASK_SUITE.BATCH_CREATE",
    "TRAINING.ARCHIVE",
    "TRAINING.CLONE",
    "TRAINING.CLOSE",
    "TRAINING.OPEN",
    "USER_BONUS.BATCH_CREATE",
)
"""All types that Toloka has."""
LOGS_KEPT = 30 * 86_400.0
"""Seconds after which an operation's log is not given out any more."""


def refuse_reuse(state: State, identity: str | None) -> None:
    """Raise OPERATION_ALREADY_EXISTS if a request with this operation_id was carried out before."""
    if identity is not None and identity in state.operations:
        raise conflict("OPERATION_ALREADY_EXISTS", f"operation {identity} exists already")


def finish(
    state: State, kind: str, parameters: Json, identity: str | None = None, details: Json | None = None
) -> Operation:
    """A new operation of this type that has succeeded; without an id it gets one."""
    if identity is None:
        text = digest("operation", kind, state.now, len(state.operations))
        identity = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    operation = Operation(identity, kind, parameters, state.now, details=details or {})
    state.operations[identity] = operation
    return operation


def get(state: State, identity: str) -> Operation:
    """The operation with this id, or DOES_NOT_EXIST."""
    if identity not in state.operations:
        raise missing("operation", identity)
    return state.operations[identity]


def log(state: State, operation: Operation) -> list[Json]:
    """What became of each thing that an operation was about; 409 OPERATION_LOGS_ARCHIVED after a month."""
    if state.now > operation.at + LOGS_KEPT:
        raise conflict("OPERATION_LOGS_ARCHIVED", "logs are kept for a month")
    return operation.log


def view(operation: Operation) -> Json:
    """An operation as the API shows it."""
    at = iso(operation.at)
    return {
        "id": operation.id,
        "type": operation.type,
        "status": operation.status,
        "submitted": at,
        "started": at,
        "finished": at,
        "progress": 100,
        "parameters": operation.parameters,
        "details": operation.details,
    }
