"""Assignments in SQLite: the story of one, and lists of them by what was decided."""

import sqlite3
from collections.abc import Collection

from store.assignments import AssignmentFile, AssignmentList, Decided, DecidedAssignment
from store.records import Decision
from store.rows import attempts_at, decision_from, id_list, logged_event_from
from store.sqlite_folded import SqliteFolded

_ITS_EVENTS = """
    SELECT events.*, (SELECT count(*) FROM deliveries WHERE event_seq = seq) AS deliveries,
           (SELECT count(*) FROM deliveries WHERE event_seq = seq AND state = 'parked') AS parked
    FROM events WHERE assignment_id = ? ORDER BY seq
"""
_ABOUT_IT = "SELECT * FROM decisions WHERE assignment_id = ?"
_MORE_VOTES = "SELECT * FROM decisions WHERE kind = 'votes' AND task_id IN (SELECT value FROM json_each(?))"

# Decisions of one kind by which an assignment stands: no later one changed that. The kind has an index, asks apart.
_STANDING = """
    SELECT * FROM decisions AS standing WHERE kind = :kind AND kind <> 'ask' AND id < :before
    AND state NOT IN ('superseded', 'recalled') AND (NOT :proposed OR json_extract(payload, '$.proposal') <> '')
    AND (kind <> 'hold' OR coalesce(
        (SELECT status FROM pages WHERE pages.assignment_id = standing.assignment_id), 'SUBMITTED') = 'SUBMITTED')
    AND NOT EXISTS (
        SELECT 1 FROM decisions AS later WHERE later.assignment_id = standing.assignment_id
        AND later.kind IN ('accept', 'reject', 'hold', 'appeal') AND later.state NOT IN ('superseded', 'recalled')
        AND later.id > standing.id)
    ORDER BY id DESC LIMIT :limit
"""
_KINDS = {
    Decided.ACCEPTED: ("accept", "appeal"),
    Decided.REFUSED: ("reject",),
    Decided.HELD: ("hold",),
    Decided.PROPOSED: ("hold",),
}


class SqliteAssignments(SqliteFolded):
    """What a person asks about assignments."""

    def assignment_file(self, assignment_id: str) -> AssignmentFile | None:
        """Return all that is known about an assignment; None when nothing ever told of it."""
        with self._database.reading() as connection:
            rows = connection.execute(_ITS_EVENTS, (assignment_id,)).fetchall()
            events = tuple(logged_event_from(row) for row in rows)
            decisions = _about(connection, assignment_id)
            attempts = attempts_at(connection, decisions)
        page = self.pages([assignment_id]).get(assignment_id)
        votes = tuple(self.votes_about([assignment_id]))
        if not (page or events or decisions or votes):
            return None
        return AssignmentFile(assignment_id, page, events, decisions, attempts, votes)

    def assignments(self, decided: Decided, *, before: int | None = None, limit: int = 50) -> AssignmentList:
        """Return a page of the assignments that stand so, last decided first; `before` is a decision's id.

        Held ones are those that still wait: what was reviewed on the site meanwhile is not among them.
        """
        wanted = {"before": before or 1 << 62, "proposed": decided is Decided.PROPOSED, "limit": limit + 1}
        with self._database.reading() as connection:
            rows = [row for kind in _KINDS[decided] for row in connection.execute(_STANDING, wanted | {"kind": kind})]
        found = sorted((decision_from(row) for row in rows), key=lambda each: -each.id)
        more = len(found) > limit
        return AssignmentList(self._with_pages(found[:limit]), found[limit - 1].id if more else None)

    def _with_pages(self, decisions: Collection[Decision]) -> tuple[DecidedAssignment, ...]:
        pages = self.pages([each.assignment_id or "" for each in decisions])
        return tuple(DecidedAssignment(each, pages.get(each.assignment_id or "")) for each in decisions)


def _about(connection: sqlite3.Connection, assignment_id: str) -> tuple[Decision, ...]:
    """Return the decisions about an assignment, and those that ask for more votes on its questions, oldest first."""
    found = [decision_from(row) for row in connection.execute(_ABOUT_IT, (assignment_id,)).fetchall()]
    asked = id_list(each.result.get("task_id") for each in found if each.kind == "ask")
    raised = [decision_from(row) for row in connection.execute(_MORE_VOTES, (asked,)).fetchall()]
    by_id = {each.id: each for each in (*found, *raised)}
    return tuple(by_id[id] for id in sorted(by_id))
