"""From an action to its line in the ledger: the key that makes it happen once, the lane, the time it may wait until."""

from handlers.actions import (
    Accept,
    Action,
    Aggregate,
    Appeal,
    Ask,
    Close,
    Hold,
    MoreVotes,
    Open,
    Publish,
    Recall,
    Reject,
)
from handlers.routing import Running
from store.records import NewDecision

LATE_SECONDS = 3600.0  # platform time that a refusal waits, at least, so that it can be recalled
REFUSALS = "refusals"  # the buffer that refusals wait in
AGGREGATE = ("pool", "occasion", "method", "field", "without_banned")  # what is kept of an Aggregate


def record(action: Action, running: Running, lane: str, now: float) -> NewDecision:
    """Return the decision that an action is; `lane` is the pool of the event that caused it."""
    match action:
        case Accept() | Reject():
            return _verdict(action, lane, now)
        case Hold(assignment_id, occasion, reason, proposal):
            key = f"hold:{assignment_id}:{occasion}"
            payload = {"proposal": proposal}
            return NewDecision(key, "hold", lane, payload, assignment_id=assignment_id, reason=reason)
        case Recall(assignment_id, reason, occasion):
            key = f"recall:{assignment_id}:{occasion}"
            return NewDecision(key, "recall", lane, {}, assignment_id=assignment_id, reason=reason)
        case Appeal(assignment_id, by, occasion, comment, reason):
            key = f"appeal:{assignment_id}:{occasion}"
            payload = {"by": by, "comment": comment}
            return NewDecision(key, "appeal", lane, payload, assignment_id=assignment_id, reason=reason)
        case Ask():
            return _ask(action, running, now)
        case MoreVotes(role, task_id, overlap, reason, about):
            pool_id = running.pool_ids[role]
            return NewDecision(
                key=f"votes:{task_id}:{overlap}",
                kind="votes",
                lane=pool_id,
                payload={"task_id": task_id, "overlap": overlap},
                assignment_id=about or None,
                task_id=task_id,
                due_at=now + running.pipeline.pools[role].buffer.seconds,
                buffer=pool_id,
                reason=reason,
                places=1,
            )
        case Open(role, occasion):
            pool_id = running.pool_ids[role]
            payload = {"pool": role}  # waits for nothing but its run's start, and stands before all that costs money
            return NewDecision(f"open:{pool_id}:{occasion}", "open", pool_id, payload, due_at=0.0, buffer=pool_id)
        case Aggregate(role, occasion, method):
            pool_id = running.pool_ids[role]
            key = f"aggregate:{pool_id}:{occasion}:{method}"
            return NewDecision(key, "aggregate", pool_id, {name: getattr(action, name) for name in AGGREGATE})
        case Close(role, occasion) | Publish(role, occasion):
            kind = type(action).__name__.lower()
            pool_id = running.pool_ids[role]
            return NewDecision(f"{kind}:{pool_id}:{occasion}", kind, pool_id, {"pool": role})
        case _:
            raise TypeError(f"{action!r} is not an action that can be recorded.")


def _verdict(action: Accept | Reject, lane: str, now: float) -> NewDecision:
    late = action.late if isinstance(action, Reject) else None
    payload: dict[str, object] = {"by": action.by} if action.by else {}
    if isinstance(action, Accept):
        payload["anew"] = list(action.anew)
    else:
        payload |= {"comment": action.comment} | ({} if late is None else {"late": late})
    return NewDecision(
        key=f"verdict:{action.assignment_id}",
        kind="accept" if isinstance(action, Accept) else "reject",
        lane=lane,
        payload=payload,
        assignment_id=action.assignment_id,
        due_at=None if late is None else min(late, now + LATE_SECONDS),
        buffer=None if late is None else REFUSALS,
        reason=action.reason,
    )


def _ask(ask: Ask, running: Running, now: float) -> NewDecision:
    pool_id = running.pool_ids[ask.pool]
    subject = ask.about or ask.control
    payload: dict[str, object] = {
        "input": dict(ask.input),
        "overlap": ask.overlap,
        "unavailable_for": list(ask.unavailable_for),
        "generation": ask.generation,
    }
    if ask.solution is not None:
        payload |= {"solution": dict(ask.solution), "hint": ask.hint}
    return NewDecision(
        key=f"ask:{pool_id}:{ask.key}",
        kind="ask",
        lane=pool_id,
        payload=payload | ({"truth": ask.control.truth} if ask.control else {}),
        assignment_id=subject.assignment_id if subject else None,
        task_id=subject.task_id if subject else None,
        due_at=now + running.pipeline.pools[ask.pool].buffer.seconds,
        buffer=pool_id,
        places=ask.overlap or 0,
    )
