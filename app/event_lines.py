"""One event with what it led to, as a line for people and as an object for programs."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.logs import one_line
from store.assignments import STANDS
from store.contract import Store
from store.records import Decision, DecisionState, Delivery, DeliveryState, Event, EventFile, EventState
from webhooks.wording import told, utc

ASTRAY = frozenset({DecisionState.CONFLICT, DecisionState.FAILED, DecisionState.UNKNOWN})
POOL = "pool:"  # how the role of a bound pool begins


@dataclass(frozen=True, slots=True)
class Place:
    """What a pool is to the run that it is bound to."""

    pipeline: str
    run: str
    role: str


def places(store: Store) -> dict[str, Place]:
    """Return what every bound pool is, by its id."""
    bound = (each for each in store.bindings() if each.role.startswith(POOL))
    return {each.object_id: Place(each.pipeline, each.run, each.role.removeprefix(POOL)) for each in bound}


def settled(file: EventFile) -> bool:
    """Say whether every handler had its turn: a line about it will not change soon."""
    pending = any(each.state is DeliveryState.PENDING for each in file.deliveries)
    return not pending and file.event.event.state is not EventState.NEW


def failed(file: EventFile) -> bool:
    """Say whether a person must look: it is parked or dead, or a decision came to something else."""
    return _state(file) in ("parked", "dead") or any(each.state in ASTRAY for each in file.decisions)


def line(file: EventFile, known: Mapping[str, Place]) -> str:
    """Return the event as one line: seq, platform time, type, pool, assignment, source, state, what it led to."""
    event = file.event.event
    place = known.get(event.pool_id)
    columns = (
        f"{file.event.seq:>7}",
        f"{'not readable' if event.state is EventState.DEAD else utc(event.event_time)[:19]:<19}",
        f"{event.type:<21}",
        f"{f'{place.role}/{place.run}' if place else event.pool_id:<18}",
        f"{event.assignment_id or event.task_id or '-':<36}",
        f"{event.source:<10}",
        f"{_state(file):<7}",
        "; ".join(_outcomes(file)),
    )
    return one_line("  ".join(columns).rstrip())


def as_json(file: EventFile, known: Mapping[str, Place]) -> dict[str, Any]:
    """Return the event as plain values; times are UNIX seconds, `received_at` by the machine's clock."""
    event = file.event.event
    place = known.get(event.pool_id)
    return {
        "seq": file.event.seq,
        "event_time": event.event_time,
        "received_at": file.event.received_at,
        "type": event.type,
        "pool_id": event.pool_id,
        "pipeline": place.pipeline if place else None,
        "run": place.run if place else None,
        "role": place.role if place else None,
        "assignment_id": event.assignment_id,
        "task_id": event.task_id,
        "source": event.source,
        "state": _state(file),
        "reason": event.reason,
        "failed": failed(file),
        "deliveries": [_delivery(each) for each in file.deliveries],
        "decisions": [_decision(each) for each in file.decisions],
    }


def _delivery(each: Delivery) -> dict[str, Any]:
    return {
        "pipeline": each.pipeline,
        "run": each.run,
        "handler": each.handler,
        "state": each.state,
        "attempts": each.attempts,
        "error": each.last_error,
    }


def _decision(each: Decision) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "state": each.state,
        "key": each.key,
        "assignment_id": each.assignment_id,
        "task_id": each.task_id,
        "reason": each.reason,
        "error": _error(each) if each.state in ASTRAY else "",
    }


def _state(file: EventFile) -> str:
    parked = any(each.state is DeliveryState.PARKED for each in file.deliveries)
    return "parked" if parked else str(file.event.event.state)


def _outcomes(file: EventFile) -> Iterator[str]:
    """Say what an event of ours tells, what kept it from handlers or them from it, and what they decided."""
    event = file.event.event
    if text := event.reason or told(event):
        yield text
    for each in file.deliveries:
        if each.state is DeliveryState.PARKED or (each.last_error and each.state is DeliveryState.PENDING):
            times = "parked" if each.state is DeliveryState.PARKED else f"failed {each.attempts} times so far"
            yield f"{each.handler} {times}: {each.last_error.strip()}"
    if event.state is EventState.ROUTED and not file.deliveries:
        yield "nobody listens"
    fine = Counter((each.kind, each.state, _about(each, event)) for each in file.decisions if each.state not in ASTRAY)
    for (kind, state, about), count in fine.items():
        yield " ".join(filter(None, (str(count) if count > 1 else "", kind, about, "" if state == "done" else state)))
    yield from (f"{each.kind} {each.state}: {_error(each)}" for each in file.decisions if each.state in ASTRAY)


def _about(decision: Decision, event: Event) -> str:
    """Return the page that a verdict or a hold is about, unless it is the event's own."""
    other = decision.kind in STANDS and decision.assignment_id != event.assignment_id
    return decision.assignment_id or "" if other else ""


def _error(decision: Decision) -> str:
    return str(decision.result.get("error") or f"the platform shows {decision.result.get('status', 'nothing')}")
