"""Counting in SQLite: triggers keep the counts, so that reading them takes as long for a million events as for ten."""

from store.counts import Counts, DecisionCount, EventCount
from store.sqlite_file import SqliteFile

_EVENTS = "SELECT pool_id, type, source, n, last_received_at FROM event_counts ORDER BY pool_id, type, source"
_DECISIONS = "SELECT kind, state, n FROM decision_counts WHERE n > 0 ORDER BY kind, state"

# The first event to be routed and the first delivery of each lane: one step through an index for each of them.
_WAITING_SINCE = """
    SELECT min(received_at) AS since FROM events WHERE seq IN (
        SELECT min(seq) FROM events WHERE state = 'new' AND state <> 'routed'
        UNION ALL SELECT (SELECT event_seq FROM deliveries WHERE lane = lanes.pool_id AND state = 'pending'
                          ORDER BY event_time, event_key LIMIT 1) FROM lanes)
"""


class SqliteCounts(SqliteFile):
    """What is asked about numbers."""

    def counts(self) -> Counts:
        """Count events by pool, type and source and decisions by kind and state, and say since when work waits."""
        with self._database.reading() as connection:
            events = tuple(EventCount(**dict(row)) for row in connection.execute(_EVENTS))
            decisions = tuple(DecisionCount(**dict(row)) for row in connection.execute(_DECISIONS))
            since = connection.execute(_WAITING_SINCE).fetchone()["since"]
        return Counts(events, decisions, since)
