"""Carrying out in SQLite: what goes out next, what went out, and how it ended."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence

from store.canonical import clean, to_text
from store.records import Attempt, Call, CallState, Decision, DecisionState, Lane, NewCall, Outcome
from store.rows import calls_from, decision_from, id_list
from store.sqlite_lanes import SqliteLanes
from store.sqlite_runs import insist

_OPEN_STATES = (DecisionState.PLANNED, DecisionState.SENT)

# A call that failed holds its members no longer: they can go out again with another one.
_DUE = """
    SELECT * FROM decisions WHERE lane = :lane AND state IN ('planned', 'sent')
    AND (state = 'sent' OR (buffer IS NULL AND (due_at IS NULL OR due_at <= :now)))
    AND (call_id IS NULL OR call_id IN (SELECT id FROM calls WHERE state = 'failed' AND id = call_id))
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    ORDER BY key
"""
_WAITING = """
    SELECT id FROM decisions
    WHERE lane = :lane AND state IN ('planned', 'sent') AND state = 'planned' AND buffer = :buffer
"""
_BUFFERED = f"""
    SELECT * FROM decisions WHERE id IN (
        {_WAITING} AND places = 0
        UNION ALL SELECT id FROM ({_WAITING} AND places > 0 ORDER BY due_at, key LIMIT :limit))
    ORDER BY due_at, key
"""  # noqa: S608  (fixed text alone)
_LANES_DUE = """
    SELECT lane FROM decisions WHERE state IN ('planned', 'sent')
    AND (buffer IS NOT NULL OR state = 'sent' OR due_at IS NULL OR due_at <= :now)
    AND (call_id IS NULL OR call_id IN (SELECT id FROM calls WHERE state = 'failed' AND id = call_id))
    UNION SELECT lane FROM calls WHERE state IN ('planned', 'sent') ORDER BY lane
"""
_OPEN_CALLS = "SELECT * FROM calls WHERE lane = ? AND state IN ('planned', 'sent') ORDER BY id"
_THESE_CALLS = "SELECT * FROM calls WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
_INSERT_CALL = """
    INSERT INTO calls (operation_id, kind, pool_id, lane, state, generation) VALUES (?, ?, ?, ?, 'planned', ?)
    ON CONFLICT DO NOTHING RETURNING id
"""
_JOIN_CALL = """
    UPDATE decisions SET call_id = :call_id, buffer = NULL, due_at = NULL
    WHERE id IN (SELECT value FROM json_each(:ids)) AND lane = :lane AND state IN ('planned', 'sent')
    AND (call_id IS NULL OR call_id IN (SELECT id FROM calls WHERE state = 'failed' AND id = call_id))
"""
_LEAVE_BUFFER = """
    UPDATE decisions SET buffer = NULL, due_at = NULL
    WHERE id IN (SELECT value FROM json_each(:ids)) AND lane = :lane AND state = 'planned'
"""
_SEND_DECISIONS = """
    UPDATE decisions SET state = 'sent', sends = sends + 1
    WHERE id IN (SELECT value FROM json_each(:ids)) AND lane = :lane AND state IN ('planned', 'sent')
"""
_SEND_CALLS = """
    UPDATE calls SET state = 'sent', sends = sends + 1
    WHERE id IN (SELECT value FROM json_each(:ids)) AND lane = :lane AND state IN ('planned', 'sent')
"""
_SEND_MEMBERS = """
    UPDATE decisions SET state = 'sent', sends = sends + 1
    WHERE call_id IN (SELECT value FROM json_each(:ids)) AND state IN ('planned', 'sent')
"""
_SETTLE_DECISION = "UPDATE decisions SET state = ?, result = ?, settled_at_machine = ? WHERE id = ? AND lane = ?"
_SETTLE_CALL = "UPDATE calls SET state = ? WHERE id = ? AND lane = ?"
_INSERT_ATTEMPT = """
    INSERT INTO attempts (decision_id, call_id, at_machine, error_class, status, code, request_id, message)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


class SqliteActions(SqliteLanes):
    """Taking decisions to the platform, and writing down how it went."""

    def lanes_due(self, now: float) -> list[str]:
        """Return pool ids, sorted, with decisions to carry out at `now`: due, buffered, sent, or calls not done."""
        with self._database.reading() as connection:
            return [row["lane"] for row in connection.execute(_LANES_DUE, {"now": now}).fetchall()]

    def due(self, lane: Lane, now: float, kinds: Collection[str] | None = None) -> list[Decision]:
        """Return the lane's PLANNED (due, not buffered) and SENT decisions that are in no call, by key.

        Those of a FAILED call are among them.
        """
        wanted = {"lane": lane.pool_id, "now": now, "kinds": None if kinds is None else id_list(kinds)}
        with self._database.reading() as connection:
            return [decision_from(row) for row in connection.execute(_DUE, wanted).fetchall()]

    def buffered(self, lane: Lane, buffer: str, limit: int | None = None) -> list[Decision]:
        """Return the lane's PLANNED decisions that wait in a buffer, by (due_at, key).

        These are all that buy no answer, and the first `limit` of those that do.
        """
        wanted = {"lane": lane.pool_id, "buffer": buffer, "limit": -1 if limit is None else limit}
        with self._database.reading() as connection:
            return [decision_from(row) for row in connection.execute(_BUFFERED, wanted).fetchall()]

    def fix_calls(
        self, lane: Lane, calls: Sequence[NewCall], release: Collection[int], buying_at: float | None = None
    ) -> list[Call]:
        """Fix bulk creations and take their members and the decisions in `release` out of the buffer, at once.

        What left the buffer waits for no time any more: its `due_at` is gone. Raises LaneLost, and ValueError for an
        operation id that was used before or a decision that is not the lane's, not open, or in another call. With
        `buying_at` (platform time) raises MayNotSpend when the run may not buy all these answers then.
        """
        with self._writing_as(lane) as connection:
            if buying_at is not None:
                bought = [each for call in calls for each in call.decision_ids]
                insist(connection, lane.pool_id, id_list([*bought, *release]), buying_at)
            ids = [_fix(connection, lane, each) for each in calls]
            _all_of(release, connection, _LEAVE_BUFFER, lane)
            return calls_from(connection, connection.execute(_THESE_CALLS, (id_list(ids),)).fetchall())

    def open_calls(self, lane: Lane) -> list[Call]:
        """Return the lane's calls that are not DONE or FAILED, oldest first, members by key."""
        with self._database.reading() as connection:
            return calls_from(connection, connection.execute(_OPEN_CALLS, (lane.pool_id,)).fetchall())

    def mark_sent(self, lane: Lane, decision_ids: Collection[int], call_ids: Collection[int] = ()) -> None:
        """Note, before the wire, that these go out now: state SENT, one more send; a call's members are SENT too.

        Raises LaneLost, and ValueError when one of them is not open in this lane.
        """
        with self._writing_as(lane) as connection:
            _all_of(decision_ids, connection, _SEND_DECISIONS, lane)
            _all_of(call_ids, connection, _SEND_CALLS, lane)
            connection.execute(_SEND_MEMBERS, {"ids": id_list(call_ids)})

    def settle(
        self,
        lane: Lane,
        outcomes: Sequence[Outcome],
        attempts: Sequence[Attempt],
        calls: Mapping[int, CallState] | None = None,
    ) -> None:
        """Write how decisions and calls ended, with the attempts made, in one transaction.

        An outcome may leave a decision PLANNED or SENT (tried, to be tried again). Raises LaneLost, and ValueError when
        a decision or call is not this lane's.
        """
        settled_at = self._machine_clock()
        with self._writing_as(lane) as connection:
            for outcome in outcomes:
                ended_at = None if outcome.state in _OPEN_STATES else settled_at
                values = (outcome.state, to_text(outcome.result), ended_at, outcome.decision_id, lane.pool_id)
                _one(connection.execute(_SETTLE_DECISION, values), lane)
            for call_id, state in (calls or {}).items():
                _one(connection.execute(_SETTLE_CALL, (state, call_id, lane.pool_id)), lane)
            connection.executemany(_INSERT_ATTEMPT, [_attempt(each) for each in attempts])


def _fix(connection: sqlite3.Connection, lane: Lane, call: NewCall) -> int:
    values = (call.operation_id, call.kind, call.pool_id, lane.pool_id, call.generation)
    inserted = connection.execute(_INSERT_CALL, values).fetchall()
    if not inserted:
        raise ValueError(f"operation id {call.operation_id} was used before")
    call_id = int(inserted[0]["id"])
    _all_of(call.decision_ids, connection, _JOIN_CALL, lane, call_id)
    return call_id


def _all_of(
    ids: Collection[int], connection: sqlite3.Connection, sql: str, lane: Lane, call_id: int | None = None
) -> None:
    """Change these rows; raises ValueError unless every one of them was there to be changed."""
    wanted = {"ids": id_list(ids), "lane": lane.pool_id, "call_id": call_id}
    if connection.execute(sql, wanted).rowcount != len(set(ids)):
        raise ValueError(f"not all of {sorted(ids)} are open in lane {lane.pool_id}, or they are in another call")


def _one(cursor: sqlite3.Cursor, lane: Lane) -> None:
    if cursor.rowcount != 1:
        raise ValueError(f"an outcome names a decision or call that is not of lane {lane.pool_id}")


def _attempt(attempt: Attempt) -> tuple[object, ...]:
    return (
        attempt.decision_id,
        attempt.call_id,
        attempt.at_machine,
        attempt.error_class,
        attempt.status,
        attempt.code,
        attempt.request_id,
        clean(attempt.message),
    )
