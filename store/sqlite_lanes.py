"""Lanes and deliveries in SQLite: who works on which pool, and which handler's turn it is."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from store.canonical import clean
from store.errors import LaneLost
from store.records import Delivery, Event, Lane, Route
from store.rows import delivery_from, event_from, id_list
from store.sqlite_file import SqliteFile

_NEW_EVENTS = "SELECT * FROM events WHERE state = 'new' AND state <> 'routed' ORDER BY seq LIMIT ?"
_MARK_ROUTED = "UPDATE events SET state = 'routed' WHERE seq = ? AND state = 'new'"
_INSERT_LANE = "INSERT INTO lanes (pool_id) VALUES (?) ON CONFLICT DO NOTHING"
_INSERT_DELIVERY = """
    INSERT INTO deliveries (event_seq, pipeline, run, handler, lane, event_time, event_key, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'pending') ON CONFLICT DO NOTHING
"""

# The free lane whose first pending delivery is the earliest. A lease that ends later than twice its length from now was
# taken before the clock was set back: it counts as ended.
_EARLIEST_LANE = """
    SELECT lanes.pool_id FROM lanes JOIN deliveries AS first ON first.id = (
        SELECT id FROM deliveries WHERE lane = lanes.pool_id AND state = 'pending' AND retry_at_machine <= :now
        ORDER BY event_time, event_key, handler, pipeline, run LIMIT 1)
    WHERE owner IN ('', :owner) OR lease_until <= :now OR lease_until > :now + 2 * lease_seconds
    ORDER BY first.event_time, first.event_key, first.handler, lanes.pool_id LIMIT 1
"""
_FIRST_DELIVERIES = """
    SELECT id FROM deliveries WHERE lane = :pool_id AND state = 'pending' AND retry_at_machine <= :now
    ORDER BY event_time, event_key, handler, pipeline, run LIMIT :limit
"""
_COUNT_ATTEMPT = "UPDATE deliveries SET attempts = attempts + 1 WHERE id IN (SELECT value FROM json_each(?))"
_UNCOUNT_ATTEMPT = """
    UPDATE deliveries SET attempts = attempts - 1
    WHERE lane = ? AND state = 'pending' AND id IN (SELECT value FROM json_each(?))
"""
_THESE_DELIVERIES = """
    SELECT * FROM deliveries WHERE id IN (SELECT value FROM json_each(?))
    ORDER BY event_time, event_key, handler, pipeline, run
"""
_THEIR_EVENTS = "SELECT * FROM events WHERE seq IN (SELECT value FROM json_each(?))"
_TAKE_LANE = """
    UPDATE lanes SET epoch = epoch + (owner <> :owner), owner = :owner, lease_until = :now + :seconds,
                     lease_seconds = :seconds
    WHERE pool_id = :pool_id AND (owner IN ('', :owner) OR lease_until <= :now
                                  OR lease_until > :now + 2 * lease_seconds)
    RETURNING epoch
"""
_FENCE = "UPDATE lanes SET epoch = epoch WHERE pool_id = ? AND owner = ? AND epoch = ?"
_EXTEND = "UPDATE lanes SET lease_until = ?, lease_seconds = ? WHERE pool_id = ?"
_RELEASE = "UPDATE lanes SET owner = '', lease_until = 0 WHERE pool_id = ? AND owner = ? AND epoch = ?"
_PARK = "UPDATE deliveries SET state = 'parked', last_error = ? WHERE id = ? AND lane = ? AND state = 'pending'"
_RETRY = "UPDATE deliveries SET retry_at_machine = ?, last_error = ? WHERE id = ? AND lane = ? AND state = 'pending'"
_UNPARK = """
    UPDATE deliveries SET state = 'pending', attempts = 0, retry_at_machine = 0 WHERE id = ? AND state = 'parked'
"""


class SqliteLanes(SqliteFile):
    """Routing events to handlers, and holding the lanes they are worked on."""

    def route(self, router: Callable[[Event], Sequence[Route]], limit: int = 1000) -> int:
        """Give each NEW event a delivery per route and mark it ROUTED, in one transaction; return how many events."""
        with self._database.reading() as connection:
            rows = connection.execute(_NEW_EVENTS, (limit,)).fetchall()
        if not rows:
            return 0
        routed = [(row, router(event_from(row))) for row in rows]
        with self._database.writing() as connection:
            return sum(_deliver(connection, row, routes) for row, routes in routed)

    def claim(self, owner: str, lease_seconds: float, limit: int = 100) -> tuple[Lane, list[Delivery]] | None:
        """Take the free lane with the earliest pending delivery, and its first `limit` by (event time, key).

        The order is (event_time, natural key or uuid, handler), whatever order the events arrived in. Counts one more
        attempt for each delivery; they stay PENDING until `decide` or `fail`.
        """
        now = self._machine_clock()
        with self._database.reading() as connection:
            if _earliest_lane(connection, owner, now) is None:
                return None
        with self._database.writing() as connection:
            pool_id = _earliest_lane(connection, owner, now)
            lane = None if pool_id is None else _take(connection, pool_id, owner, lease_seconds, now)
            return None if lane is None else (lane, _first_deliveries(connection, lane, limit, now))

    def hold_lane(self, pool_id: str, owner: str, lease_seconds: float) -> Lane | None:
        """Take or extend one lane; None when another worker holds it."""
        with self._database.writing() as connection:
            connection.execute(_INSERT_LANE, (pool_id,))
            return _take(connection, pool_id, owner, lease_seconds, self._machine_clock())

    def extend(self, lane: Lane, lease_seconds: float) -> None:
        """Prolong the lease; raises LaneLost."""
        now = self._machine_clock()
        with self._writing_as(lane) as connection:
            connection.execute(_EXTEND, (now + lease_seconds, lease_seconds, lane.pool_id))

    def release(self, lane: Lane) -> None:
        """Give the lane back, if still held."""
        with self._database.writing() as connection:
            connection.execute(_RELEASE, (lane.pool_id, lane.owner, lane.epoch))

    def fail(self, lane: Lane, delivery_id: int, error: str, *, park: bool, retry_at_machine: float = 0.0) -> None:
        """Note a handler's error; park the delivery, or let it be claimed again from that machine time on.

        Raises LaneLost, and ValueError when the delivery is not pending in this lane.
        """
        with self._writing_as(lane) as connection:
            if park:
                changed = connection.execute(_PARK, (clean(error), delivery_id, lane.pool_id)).rowcount
            else:
                changed = connection.execute(
                    _RETRY, (retry_at_machine, clean(error), delivery_id, lane.pool_id)
                ).rowcount
            if not changed:
                raise ValueError(f"delivery {delivery_id} is not pending in lane {lane.pool_id}")

    def give_back(self, lane: Lane, delivery_ids: Collection[int]) -> None:
        """Uncount the attempt of claimed deliveries that were not handled for no fault of theirs (Toloka was away)."""
        with self._writing_as(lane) as connection:
            connection.execute(_UNCOUNT_ATTEMPT, (lane.pool_id, id_list(delivery_ids)))

    def unpark(self, delivery_id: int) -> None:
        """Let a parked delivery be claimed again, its attempts forgotten; ValueError when it is not parked."""
        with self._database.writing() as connection:
            if not connection.execute(_UNPARK, (delivery_id,)).rowcount:
                raise ValueError(f"delivery {delivery_id} is not parked")

    @contextmanager
    def _writing_as(self, lane: Lane) -> Iterator[sqlite3.Connection]:
        """Write as the holder of a lane; raises LaneLost, and then nothing is written, when another took it."""
        with self._database.writing() as connection:
            if not connection.execute(_FENCE, (lane.pool_id, lane.owner, lane.epoch)).rowcount:
                raise LaneLost(f"({lane.pool_id})")
            yield connection


def _deliver(connection: sqlite3.Connection, event: sqlite3.Row, routes: Sequence[Route]) -> int:
    """Write an event's deliveries; 0 when another worker has routed it meanwhile."""
    if not connection.execute(_MARK_ROUTED, (event["seq"],)).rowcount:
        return 0
    if routes:
        connection.execute(_INSERT_LANE, (event["pool_id"],))
    order = (event["pool_id"], event["event_time"], event["key"] or event["uuid"])
    connection.executemany(
        _INSERT_DELIVERY, [(event["seq"], each.pipeline, each.run, each.handler, *order) for each in routes]
    )
    return 1


def _earliest_lane(connection: sqlite3.Connection, owner: str, now: float) -> str | None:
    row = connection.execute(_EARLIEST_LANE, {"owner": owner, "now": now}).fetchone()
    return None if row is None else row["pool_id"]


def _take(connection: sqlite3.Connection, pool_id: str, owner: str, seconds: float, now: float) -> Lane | None:
    wanted = {"pool_id": pool_id, "owner": owner, "seconds": seconds, "now": now}
    taken = connection.execute(_TAKE_LANE, wanted).fetchall()
    return Lane(pool_id, owner, taken[0]["epoch"]) if taken else None


def _first_deliveries(connection: sqlite3.Connection, lane: Lane, limit: int, now: float) -> list[Delivery]:
    wanted = {"pool_id": lane.pool_id, "now": now, "limit": limit}
    ids = id_list(row["id"] for row in connection.execute(_FIRST_DELIVERIES, wanted).fetchall())
    connection.execute(_COUNT_ATTEMPT, (ids,))
    rows = connection.execute(_THESE_DELIVERIES, (ids,)).fetchall()
    seqs = id_list({row["event_seq"] for row in rows})
    events = {row["seq"]: event_from(row) for row in connection.execute(_THEIR_EVENTS, (seqs,)).fetchall()}
    return [delivery_from(row, events[row["event_seq"]]) for row in rows]
