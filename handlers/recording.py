"""From an action to its line in the ledger: the key that makes it happen once, the lane, the time it may wait until."""

from handlers.actions import Accept, Action, Ask, Close, Hold, MoreVotes, Open, Publish, Reject
from handlers.routing import Running
from store.records import NewDecision


def record(action: Action, running: Running, lane: str, now: float) -> NewDecision:
    """Return the decision that an action is; `lane` is the pool of the event that caused it."""
    match action:
        case Accept() | Reject():
            return _verdict(action, lane)
        case Hold(assignment_id, occasion, reason):
            key = f"hold:{assignment_id}:{occasion}"
            return NewDecision(key, "hold", lane, {}, assignment_id=assignment_id, reason=reason)
        case Ask():
            return _ask(action, running, now)
        case MoreVotes(role, task_id, overlap, reason):
            pool_id = running.pool_ids[role]
            return NewDecision(
                key=f"votes:{task_id}:{overlap}",
                kind="votes",
                lane=pool_id,
                payload={"task_id": task_id, "overlap": overlap},
                task_id=task_id,
                due_at=now + running.pipeline.pools[role].buffer.seconds,
                buffer=pool_id,
                reason=reason,
            )
        case Open(role, occasion) | Close(role, occasion) | Publish(role, occasion):
            kind = type(action).__name__.lower()
            pool_id = running.pool_ids[role]
            return NewDecision(f"{kind}:{pool_id}:{occasion}", kind, pool_id, {"pool": role})
        case _:
            raise TypeError(f"{action!r} is not an action that can be recorded.")


def _verdict(action: Accept | Reject, lane: str) -> NewDecision:
    kind = "accept" if isinstance(action, Accept) else "reject"
    payload = {"anew": list(action.anew)} if isinstance(action, Accept) else {"comment": action.comment}
    return NewDecision(
        key=f"verdict:{action.assignment_id}",
        kind=kind,
        lane=lane,
        payload=payload,
        assignment_id=action.assignment_id,
        reason=action.reason,
    )


def _ask(ask: Ask, running: Running, now: float) -> NewDecision:
    pool_id = running.pool_ids[ask.pool]
    return NewDecision(
        key=f"ask:{pool_id}:{ask.key}",
        kind="ask",
        lane=pool_id,
        payload={
            "input": dict(ask.input),
            "overlap": ask.overlap,
            "unavailable_for": list(ask.unavailable_for),
            "generation": ask.generation,
        },
        assignment_id=ask.about.assignment_id if ask.about else None,
        task_id=ask.about.task_id if ask.about else None,
        due_at=now + running.pipeline.pools[ask.pool].buffer.seconds,
        buffer=pool_id,
    )
