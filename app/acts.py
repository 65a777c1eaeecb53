"""What people decided, as events of our own in the log: written here, read here, carried out by the worker."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from handlers.routing import Running
from store.contract import EventLog
from store.records import DeliveryState, Event, EventState, LoggedEvent

DECIDED = "PERSON_DECIDED"
ACTS = UUID("6d0c5a53-2f4c-5d0e-9a77-2b8a7d9d7c11")
Entry = tuple[bytes, list[Event]]  # a body and its one event: what a log's `append` takes
AT_ONCE = 500  # events read from the log in one go


class What(StrEnum):
    """What a person may do with a page."""

    ACCEPT = "accept"
    REJECT = "reject"
    ASK_MORE = "ask-more"


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody decided about a page, and when."""

    seq: int
    assignment_id: str
    what: str  # a What
    who: str
    at: float  # platform time

    def __str__(self) -> str:
        return f"{self.who} said {self.what} on {date(self.at)}"


def acts_of(log: EventLog, pool_id: str) -> dict[str, list[Act]]:
    """Return all that people decided about a pool's pages, by assignment id, oldest first."""
    acts: dict[str, list[Act]] = {}
    for each in reversed(list(logged(log, DECIDED, pool_id))):
        event = each.event
        act = Act(each.seq, event.assignment_id or "", event.payload["act"], event.payload["who"], event.event_time)
        acts.setdefault(act.assignment_id, []).append(act)
    return acts


def pending(log: EventLog, act: Act) -> bool:
    """Say whether the worker has not come to an act yet; one that it could not carry out (parked) is not pending."""
    file = log.event_file(act.seq)
    if file is None:
        return False
    waits = any(delivery.state is DeliveryState.PENDING for delivery in file.deliveries)
    return waits or file.event.event.state is EventState.NEW


def logged(log: EventLog, type: str, pool_id: str) -> Iterator[LoggedEvent]:
    """Yield a pool's events of one type, newest first."""
    before: int | None = None
    while True:
        page = log.events(before=before, type=type, pool_id=pool_id, limit=AT_ONCE)
        yield from page.events
        if page.next_before is None:
            return
        before = page.next_before


def own_event(
    running: Running, type: str, assignment_id: str, at: float, key: str, payload: dict[str, object]
) -> Entry:
    """Return an event of ours about a page of outlines, with its body; `key` makes it happen once."""
    event = Event(
        uuid=str(uuid5(ACTS, f"{running.pipeline.name}:{running.run}:{key}")),
        type=type,
        pool_id=running.pool_ids["outlining"],
        event_time=at,
        key=key,
        assignment_id=assignment_id,
        source="crowdhook",
        payload={"type": type, **payload},
    )
    return json.dumps(dict(event.payload)).encode(), [event]


def date(seconds: float) -> str:
    """Return a platform time as a person reads it: 2025-01-20 09:30 UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
