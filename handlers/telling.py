"""Events of our own that the dispatcher tells, each the same one however often it is told."""

import json
from collections.abc import Mapping
from uuid import uuid5

from handlers.buffering import CALLS
from store.records import Decision, Event, Outcome

Told = tuple[bytes, list[Event]]  # as the store appends it


def told(
    type: str, about: str, pool_id: str, at: float, payload: Mapping[str, object], assignment_id: str | None = None
) -> Told:
    """Make an event; `about` is what it is told once about, `at` its platform time."""
    key, said = f"{type}:{about}", {"type": type, **payload}
    event = Event(
        uuid=str(uuid5(CALLS, key)),
        type=type,
        pool_id=pool_id,
        event_time=at,
        key=key,
        assignment_id=assignment_id,
        source="crowdhook",
        payload=said,
    )
    return json.dumps(said).encode(), [event]


def aggregated(decision: Decision, made: Mapping[str, object]) -> Told:
    """Say that labels are made, and what they came to."""
    return told("AGGREGATED", decision.key, decision.lane, decision.decided_at, {**decision.payload, **made})


def ask_failed(pool_id: str, decision: Decision, outcome: Outcome) -> Told:
    """Say that a question, or more votes on one, will not come."""
    payload = {"key": decision.key, "error": str(outcome.result.get("error", ""))}
    return told("ASK_FAILED", decision.key, pool_id, decision.decided_at, payload, decision.assignment_id)


def ask_found(pool_id: str, decision: Decision) -> Told:
    """Say that a question stands on the platform already, maybe with all its votes: an older ledger asked it."""
    payload = {"key": decision.key}
    return told("ASK_FOUND", decision.key, pool_id, decision.decided_at, payload, decision.assignment_id)
