"""The ledger in SQLite: decisions, written once."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping

from store.canonical import clean, to_text
from store.records import Decision, DecisionState, Lane, Lesson, NewDecision
from store.rows import decision_from, id_list
from store.sqlite_lanes import SqliteLanes

_PENDING = """
    SELECT id, event_seq, handler, pipeline, run FROM deliveries
    WHERE id IN (SELECT value FROM json_each(?)) AND lane = ? AND state = 'pending'
"""
_MARK_DONE = """
    UPDATE deliveries SET state = 'done', last_error = '' WHERE id IN (SELECT value FROM json_each(?))
"""
_LIVE = "SELECT * FROM decisions WHERE key = ? AND state NOT IN ('superseded', 'recalled')"
_RECALL = (
    "UPDATE decisions SET state = 'recalled', buffer = NULL WHERE key = ? AND kind = 'reject' AND state = 'planned'"
)
_INSERT_DECISION = """
    INSERT INTO decisions (key, kind, lane, payload, state, assignment_id, task_id, due_at, buffer, reason,
                           places, event_seq, handler, pipeline, run, decided_at, decided_at_machine)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_BY_ID = "SELECT * FROM decisions WHERE id = ?"
_INSERT_LESSON = """
    INSERT INTO lessons (key, user_id, known, agreed, truth) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING
"""
_GIVE_WAY = "UPDATE decisions SET state = 'superseded' WHERE id = ?"
_RECENT = """
    SELECT * FROM decisions WHERE pipeline = ? AND run = ? AND kind IN (SELECT value FROM json_each(?))
    AND state <> 'superseded' ORDER BY id DESC LIMIT ?
"""
_LATER = """
    SELECT count(*) AS n, max(decided_at) AS last FROM decisions
    WHERE pipeline = ? AND run = ? AND id > ? AND state <> 'superseded'
    AND (kind IN ('accept', 'reject') OR (kind = 'hold' AND json_extract(payload, '$.proposal') <> ''))
"""
_POSTPONE = """
    UPDATE decisions SET due_at = ? WHERE id = ? AND lane = ? AND state = 'planned' AND buffer IS NOT NULL
"""
_DECISIONS = """
    SELECT * FROM decisions WHERE (:kind IS NULL OR kind = :kind) AND (:state IS NULL OR state = :state) ORDER BY id
"""
# There are many asks and few of everything else: what is no ask has an index.
_OTHERS = """
    SELECT * FROM decisions WHERE kind = :kind AND kind <> 'ask' AND (:state IS NULL OR state = :state) ORDER BY id
"""
_TURNED_DOWN = {DecisionState.FAILED, DecisionState.CONFLICT}  # by the platform: a person may decide anew


class SqliteLedger(SqliteLanes):
    """Deciding, and looking decisions up."""

    def decide(
        self,
        lane: Lane,
        delivery_ids: Collection[int],
        decisions: Iterable[tuple[int, NewDecision]],
        lessons: Iterable[Lesson],
        now: float,
    ) -> list[Decision]:
        """Write (delivery id, decision) pairs and lessons, mark the deliveries DONE: all in one transaction.

        A decision whose key is taken is not written again when it says the same (kind and payload), and is written as
        SUPERSEDED when it says something else. Returns the decisions that were written, superseded ones too. Raises
        LaneLost, and ValueError when a delivery is not pending in this lane; then nothing is written.
        """
        times = (now, self._machine_clock())
        wanted = list(decisions)
        learned = [(each.key, each.user_id, each.known, each.agreed, each.truth) for each in lessons]
        with self._writing_as(lane) as connection:
            causes = _causes(connection, lane, delivery_ids)
            written = [_write(connection, each, _cause(causes, by), times) for by, each in wanted]
            connection.executemany(_INSERT_LESSON, learned)
            connection.execute(_MARK_DONE, (id_list(causes),))
        return [each for each in written if each is not None]

    def decision(self, key: str) -> Decision | None:
        """Return the live (not superseded) decision under a key."""
        with self._database.reading() as connection:
            row = connection.execute(_LIVE, (key,)).fetchone()
        return None if row is None else decision_from(row)

    def recent(self, pipeline: str, run: str, kinds: Collection[str], limit: int) -> list[Decision]:
        """Return a run's newest `limit` decisions of these kinds, oldest first; superseded ones do not count."""
        with self._database.reading() as connection:
            rows = connection.execute(_RECENT, (pipeline, run, id_list(kinds), limit)).fetchall()
        return [decision_from(row) for row in reversed(rows)]

    def verdicts_after(self, decision: Decision) -> tuple[int, float | None]:
        """Count the run's verdicts (proposed ones too) decided after this one, and when the last of them was."""
        with self._database.reading() as connection:
            row = connection.execute(_LATER, (decision.pipeline, decision.run, decision.id)).fetchone()
        return row["n"], row["last"]

    def postpone(self, lane: Lane, due_at: Mapping[int, float]) -> None:
        """Let waiting decisions (by id) wait until another platform time."""
        with self._writing_as(lane) as connection:
            connection.executemany(_POSTPONE, [(at, each, lane.pool_id) for each, at in due_at.items()])

    def decisions(self, *, kind: str | None = None, state: str | None = None) -> list[Decision]:
        """Return all decisions of a kind and a state, or of any, by id."""
        with self._database.reading() as connection:
            sql = _DECISIONS if kind in (None, "ask") else _OTHERS
            rows = connection.execute(sql, {"kind": kind, "state": state}).fetchall()
        return [decision_from(row) for row in rows]


def _causes(connection: sqlite3.Connection, lane: Lane, delivery_ids: Collection[int]) -> dict[int, sqlite3.Row]:
    """Return the deliveries that decide, by id, each of them pending in this lane."""
    rows = connection.execute(_PENDING, (id_list(delivery_ids), lane.pool_id)).fetchall()
    causes = {row["id"]: row for row in rows}
    if missing := sorted(set(delivery_ids) - causes.keys()):
        raise ValueError(f"deliveries {missing} are not pending in lane {lane.pool_id}")
    return causes


def _cause(causes: dict[int, sqlite3.Row], delivery_id: int) -> sqlite3.Row:
    if delivery_id not in causes:
        raise ValueError(f"a decision names delivery {delivery_id}, which is not among those decided")
    return causes[delivery_id]


def _write(
    connection: sqlite3.Connection, decision: NewDecision, cause: sqlite3.Row, times: tuple[float, float]
) -> Decision | None:
    """Write a decision, live or superseded; None when the ledger holds the same already.

    A recall frees the verdict's key; a verdict that the platform turned down gives way to a person's.
    """
    if decision.kind == "recall":
        connection.execute(_RECALL, (f"verdict:{decision.assignment_id}",))
    payload = to_text(decision.payload)
    live = connection.execute(_LIVE, (decision.key,)).fetchone()
    if live is not None and (live["kind"], live["payload"]) == (decision.kind, payload):
        return None
    if live is not None and live["state"] in _TURNED_DOWN and "by" in decision.payload:
        connection.execute(_GIVE_WAY, (live["id"],))
        live = None
    state = DecisionState.PLANNED if live is None else DecisionState.SUPERSEDED
    told = (decision.key, decision.kind, decision.lane, payload, state, decision.assignment_id, decision.task_id)
    when = (decision.due_at, decision.buffer, clean(decision.reason), decision.places)
    why = (cause["event_seq"], cause["handler"], cause["pipeline"], cause["run"])
    inserted = connection.execute(_INSERT_DECISION, (*told, *when, *why, *times)).lastrowid
    return decision_from(connection.execute(_BY_ID, (inserted,)).fetchone())
