"""Which waiting asks go out now, and together: full pages, or whatever waits once the oldest waited long enough."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from store.records import Decision, NewCall

CALLS = UUID("6f3c1f64-0f0c-4f5c-9d3e-6a4a4a0f7c11")  # namespace of our operation ids
VERDICTS_SINCE = 20  # verdicts after which a refusal is sent
QUIET_SECONDS = 3600.0  # platform time without a verdict after which it is sent all the same
MOST_TASKS = 5000
MOST_BYTES = 1_000_000  # of input values; the platform takes 1 MiB


@dataclass(frozen=True, slots=True)
class Release:
    """What leaves the buffer now: bulk creations, and the ids of decisions that go out one by one."""

    calls: tuple[NewCall, ...] = ()
    singles: tuple[int, ...] = ()


def release(waiting: Sequence[Decision], size: int, now: float, identity: str) -> Release:
    """Choose from the waiting, oldest first; `size` is how many fill a page. To open a pool waits for no company."""
    opens = [each for each in waiting if each.kind == "open"]
    tasks = [each for each in waiting if each.kind != "open"]
    overdue = any(decision.due_at is None or decision.due_at <= now for decision in tasks)
    chosen = tasks if overdue else tasks[: len(tasks) // size * size]
    asks = sorted((each for each in chosen if each.kind == "ask"), key=lambda each: each.key)
    singles = tuple(each.id for each in (*opens, *chosen) if each.kind != "ask")
    return Release(tuple(new_call(part, identity) for part in parts(asks)), singles)


def refusal_waits(refusal: Decision, verdicts_since: int, last_verdict_at: float | None, now: float) -> float | None:
    """Return until when a refusal waits on, so that a breaker may still recall it; None: it is sent now.

    It is sent 20 verdicts after it was decided; where so many do not come, when none has come for an hour; and at the
    latest at its own deadline.
    """
    deadline = float(refusal.payload["late"])
    quiet_at = max(refusal.decided_at, last_verdict_at or 0.0) + QUIET_SECONDS
    if verdicts_since >= VERDICTS_SINCE or now >= min(quiet_at, deadline):
        return None
    return min(quiet_at, deadline)


def new_call(asks: Sequence[Decision], identity: str, generation: int = 0) -> NewCall:
    """Fix which asks are created together; the operation id says account, environment, members and generation."""
    keys = "\n".join([identity, *(each.key for each in asks), str(generation)])
    return NewCall(str(uuid5(CALLS, keys)), "tasks", asks[0].lane, tuple(each.id for each in asks), generation)


def parts(asks: Sequence[Decision]) -> Iterator[list[Decision]]:
    """Cut asks into calls of at most 5,000 tasks and 1 MB of input values."""
    part: list[Decision] = []
    size = 0
    for each in asks:
        more = len(json.dumps(dict(each.payload["input"])).encode())
        if part and (len(part) >= MOST_TASKS or size + more > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(each)
        size += more
    if part:
        yield part
