"""What Toloka did that no event told of: found by asking, appended to the log as the same events."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol
from uuid import UUID, uuid5

from store.contract import Store
from store.records import Event, Page, PoolState, natural_key

EVENTS = UUID("b2a4b1de-6d43-4c34-8b0e-3f0f5b1d7a52")  # namespace of the uuids of events that we found ourselves
LAG = 60.0  # seconds of platform time: what is younger may not be listed yet
OVERLAP = 120.0  # seconds looked at again, each time
# Event type -> the assignment's date by which it is listed
DATED = {"ASSIGNMENT_SUBMITTED": "submitted", "ASSIGNMENT_APPROVED": "accepted", "ASSIGNMENT_REJECTED": "rejected"}


class Platform(Protocol):
    """What the reconciler asks of Toloka."""

    def listed(self, pool_id: str, dated: str, since: float, until: float) -> Sequence[Page]:
        """Return the pool's assignments submitted, accepted or rejected in [since, until], platform time."""

    def pool(self, pool_id: str) -> PoolState:
        """Return how a pool stands."""


class Reconciler:
    """Looks at each pool that somebody listens to, once an interval."""

    def __init__(
        self, store: Store, platform: Platform, watched: Mapping[str, frozenset[str]], *, seconds: float = 60.0
    ) -> None:
        """`watched`: the event types listened to by pool id; `seconds`: platform time between two sweeps."""
        self.store, self.platform, self.watched, self.seconds = store, platform, watched, seconds
        self.swept_at: float | None = None

    def due(self, now: float) -> bool:
        """Say whether it is time to look: at the start, and once an interval."""
        return self.swept_at is None or now >= self.swept_at + self.seconds

    def sweep(self, now: float) -> int:
        """Look, and append what no event told of; returns how many events were new."""
        marks: dict[tuple[str, str], float] = {}
        found: list[Event] = []
        for pool_id, types in sorted(self.watched.items()):
            for event_type, dated in DATED.items():
                if event_type in types:
                    since = self.store.watermark(pool_id, dated)
                    found += self._assignments(pool_id, event_type, (since or 0.0) - OVERLAP, now - LAG)
                    marks[pool_id, dated] = now - LAG
            if "POOL_CLOSED" in types:
                found += self._closed(pool_id)
        new = self._append(found)
        self.store.write_watermarks(marks)
        self.swept_at = now
        return new

    def _append(self, found: Sequence[Event]) -> int:
        if not found:
            return 0
        batches = [(json.dumps(dict(event.payload)).encode(), [event]) for event in found]
        return sum(new for batch in self.store.append(batches) for new in batch)

    def _assignments(self, pool_id: str, event_type: str, since: float, until: float) -> Iterator[Event]:
        dated = DATED[event_type]
        for page in self.platform.listed(pool_id, dated, max(0.0, since), until):
            moment = page.submitted if dated == "submitted" else page.reviewed
            yield _found(event_type, pool_id, moment or until, assignment_id=page.assignment_id)

    def _closed(self, pool_id: str) -> Iterator[Event]:
        state = self.platform.pool(pool_id)
        if state.status in {"CLOSED", "ARCHIVED"} and state.last_stopped is not None:
            yield _found("POOL_CLOSED", pool_id, state.last_stopped, close_reason=state.close_reason)


def _found(event_type: str, pool_id: str, at: float, assignment_id: str | None = None, **more: str | None) -> Event:
    """Make the event that no notification told of, under the key that a notification would have."""
    key = natural_key(event_type, pool_id, assignment_id, at)
    return Event(
        uuid=str(uuid5(EVENTS, str(key))),
        type=event_type,
        pool_id=pool_id,
        event_time=at,
        key=key,
        assignment_id=assignment_id,
        source="reconciler",
        payload={"type": event_type, "pool_id": pool_id, "assignment_id": assignment_id, **more},
    )
