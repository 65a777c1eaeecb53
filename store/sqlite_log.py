"""The log in SQLite: what the receiver and its pages need, and nothing that is slow to import."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence

from store.canonical import to_text
from store.records import Event, EventFile, EventPage, LoggedEvent, Workload
from store.rows import attempts_at, calls_from, decision_from, delivery_from, id_list, logged_event_from
from store.sqlite_assignments import SqliteAssignments
from store.sqlite_counts import SqliteCounts
from store.sqlite_media import SqliteMedia

_NEXT_BODY = "SELECT coalesce(max(id), 0) + 1 FROM bodies"
_INSERT_EVENT = """
    INSERT INTO events (uuid, key, type, pool_id, event_time, assignment_id, task_id, source, state, reason, payload,
                        received_at, body_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING seq
"""

# A page of the log. Each filter has the one index that serves it, named first; the others are marked `+`, which keeps
# the planner from joining two long lists.
_PAGE_HEAD = """
    SELECT events.*, (SELECT count(*) FROM deliveries WHERE event_seq = seq) AS deliveries,
           (SELECT count(*) FROM deliveries WHERE event_seq = seq AND state = 'parked') AS parked
    FROM events WHERE seq < :before
"""
_PAGE_TAIL = """
    AND (:type IS NULL OR +type = :type) AND (:pool_id IS NULL OR +pool_id = :pool_id)
    AND (:state IS NULL OR :state IN ('parked', 'failed') OR +state = :state)
    AND (:assignment_id IS NULL OR +assignment_id = :assignment_id)
    ORDER BY seq DESC LIMIT :limit
"""
_PARKED = "AND seq IN (SELECT event_seq FROM deliveries WHERE state = 'parked')"
_FAILED = """
    AND seq IN (SELECT event_seq FROM deliveries WHERE state = 'parked'
                UNION SELECT event_seq FROM decisions WHERE state IN ('failed', 'conflict', 'unknown')
                UNION SELECT seq FROM events WHERE state = 'dead' AND state <> 'routed')
"""
_NOT_ROUTED = "AND state = :state AND state <> 'routed'"
_OF_ASSIGNMENT = "AND assignment_id = :assignment_id"
_OF_POOL = "AND pool_id = :pool_id"
_OF_TYPE = "AND type = :type"

# Events are never deleted, and numbered without a gap: so this is their number, at any size of the log.
_TOTAL = "SELECT coalesce(max(seq), 0) FROM events"

# Distinct values by jumps through an index: as many steps as there are values, not as there are events.
_TYPES = """
    WITH RECURSIVE found(value) AS (
        SELECT min(type) FROM events
        UNION ALL SELECT (SELECT min(type) FROM events WHERE type > value) FROM found WHERE value IS NOT NULL
    ) SELECT value FROM found WHERE value IS NOT NULL
"""
_POOLS = """
    WITH RECURSIVE found(value) AS (
        SELECT min(pool_id) FROM events
        UNION ALL SELECT (SELECT min(pool_id) FROM events WHERE pool_id > value) FROM found WHERE value IS NOT NULL
    ) SELECT value FROM found WHERE value IS NOT NULL
"""

_ONE_EVENT = """
    SELECT events.*, bodies.body, (SELECT count(*) FROM deliveries WHERE event_seq = seq) AS deliveries,
           (SELECT count(*) FROM deliveries WHERE event_seq = seq AND state = 'parked') AS parked
    FROM events JOIN bodies ON bodies.id = body_id WHERE seq = ?
"""
_ITS_DELIVERIES = "SELECT * FROM deliveries WHERE event_seq = ? ORDER BY pipeline, run, handler"
_ITS_DECISIONS = "SELECT * FROM decisions WHERE event_seq = ? ORDER BY id"
_THEIR_CALLS = "SELECT * FROM calls WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"

_WORKLOAD = """
    SELECT (SELECT count(*) FROM events WHERE state = 'new' AND state <> 'routed') AS unrouted,
           (SELECT count(*) FROM deliveries WHERE state = 'pending') AS pending,
           (SELECT count(*) FROM deliveries WHERE state = 'parked') AS parked,
           (SELECT count(*) FROM calls WHERE state IN ('planned', 'sent')) AS calls,
           count(*) FILTER (WHERE state = 'sent' OR due_at <= :now OR (due_at IS NULL AND buffer IS NULL)) AS due,
           count(*) FILTER (WHERE state = 'planned' AND due_at > :now) AS waiting,
           min(due_at) FILTER (WHERE state = 'planned' AND due_at > :now) AS next_due_at
    FROM decisions WHERE state IN ('planned', 'sent')
    AND (buffer IS NULL OR buffer NOT IN (SELECT value FROM json_each(:shut)))
"""


class SqliteLog(SqliteAssignments, SqliteMedia, SqliteCounts):
    """The event log of one database file, already migrated."""

    def append(self, batches: Sequence[tuple[bytes, Sequence[Event]]]) -> list[list[bool]]:
        """Store the events of several requests (body, events) in one durable transaction; True for each that is new.

        An event already there by uuid or by natural key is not stored again. Raises StoreBusy, StoreFull.
        """
        received_at = self._machine_clock()
        with self._database.writing() as connection:
            return [_append(connection, body, events, received_at) for body, events in batches]

    def events(
        self,
        *,
        before: int | None = None,
        type: str | None = None,
        pool_id: str | None = None,
        state: str | None = None,
        assignment_id: str | None = None,
        limit: int = 50,
    ) -> EventPage:
        """Return a page of the log, newest first; `before` is a seq. `state` is an EventState, "parked" or "failed".

        Failed are parked and dead events, and those of whose decisions one came to something else than was decided.
        `total` counts the whole log, whatever the filters are.
        """
        wanted = {"type": type, "pool_id": pool_id, "state": state, "assignment_id": assignment_id}
        sql = " ".join((_PAGE_HEAD, _served_by(wanted), _PAGE_TAIL))
        with self._database.reading() as connection:
            rows = connection.execute(sql, wanted | {"before": before or 1 << 62, "limit": limit + 1}).fetchall()
            total = connection.execute(_TOTAL).fetchone()[0]
        found = tuple(logged_event_from(row) for row in rows[:limit])
        return EventPage(found, found[-1].seq if len(rows) > limit else None, total)

    def event_file(self, seq: int) -> EventFile | None:
        """Return one event with its raw body, deliveries, decisions, calls and attempts; None if there is none."""
        with self._database.reading() as connection:
            row = connection.execute(_ONE_EVENT, (seq,)).fetchone()
            return None if row is None else _event_file(connection, logged_event_from(row), row["body"])

    def seq_of(self, uuid: str) -> int | None:
        """Return the place in the log of the event with this uuid; None if there is none."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT seq FROM events WHERE uuid = ?", (uuid,)).fetchone()
        return None if row is None else int(row["seq"])

    def filters(self) -> tuple[list[str], list[str]]:
        """Return the event types and pool ids that occur in the log, sorted."""
        with self._database.reading() as connection:
            types = [row["value"] for row in connection.execute(_TYPES).fetchall()]
            return types, [row["value"] for row in connection.execute(_POOLS).fetchall()]

    def notes(self) -> Mapping[str, str]:
        """Return the notes that the worker wrote, by name."""
        with self._database.reading() as connection:
            return {row["name"]: row["text"] for row in connection.execute("SELECT name, text FROM notes").fetchall()}

    def uuids(self) -> list[tuple[int, str]]:
        """Return (seq, uuid) of every event, by seq."""
        with self._database.reading() as connection:
            return [
                (row["seq"], row["uuid"]) for row in connection.execute("SELECT seq, uuid FROM events ORDER BY seq")
            ]

    def workload(self, now: float, shut: Collection[str] = ()) -> Workload:
        """Count what is left to do at platform time `now`, without the buffers that are `shut`; open work only."""
        with self._database.reading() as connection:
            row = connection.execute(_WORKLOAD, {"now": now, "shut": id_list(shut)}).fetchone()
        return Workload(**dict(row))


def _append(connection: sqlite3.Connection, body: bytes, events: Sequence[Event], received_at: float) -> list[bool]:
    """Store one request; its body only if it brought something new, so that a duplicate costs no write at all."""
    body_id = connection.execute(_NEXT_BODY).fetchone()[0]
    new = [bool(connection.execute(_INSERT_EVENT, _values(each, received_at, body_id)).fetchall()) for each in events]
    if any(new):
        connection.execute("INSERT INTO bodies (id, body) VALUES (?, ?)", (body_id, body))
    return new


def _values(event: Event, received_at: float, body_id: int) -> tuple[object, ...]:
    return (
        event.uuid,
        event.key,
        event.type,
        event.pool_id,
        event.event_time,
        event.assignment_id,
        event.task_id,
        event.source,
        event.state,
        event.reason,
        to_text(event.payload),
        received_at,
        body_id,
    )


def _served_by(wanted: Mapping[str, str | None]) -> str:
    """Return the condition whose index walks the fewest events: failed, assignment, not routed, then pool, type."""
    if wanted["state"] in ("parked", "failed"):
        return _PARKED if wanted["state"] == "parked" else _FAILED
    if wanted["assignment_id"] is not None:
        return _OF_ASSIGNMENT
    if wanted["state"] not in (None, "routed"):
        return _NOT_ROUTED
    if wanted["pool_id"] is not None:
        return _OF_POOL
    return _OF_TYPE if wanted["type"] is not None else ""


def _event_file(connection: sqlite3.Connection, logged: LoggedEvent, body: bytes) -> EventFile:
    deliveries = connection.execute(_ITS_DELIVERIES, (logged.seq,)).fetchall()
    rows = connection.execute(_ITS_DECISIONS, (logged.seq,)).fetchall()
    decisions = tuple(decision_from(row) for row in rows)
    call_ids = {each.call_id for each in decisions} - {None}
    calls = connection.execute(_THEIR_CALLS, (id_list(call_ids),)).fetchall()
    return EventFile(
        event=logged,
        body=body,
        deliveries=tuple(delivery_from(row, logged.event) for row in deliveries),
        decisions=decisions,
        calls=tuple(calls_from(connection, calls)),
        attempts=attempts_at(connection, decisions),
    )
