"""What runs may spend, in SQLite: what a person said, what the pools pay, and what that comes to."""

import sqlite3

from store.errors import MayNotSpend
from store.spending import DAY, Allowance, Purse, RunControl, RunState, allowance
from store.sqlite_file import SqliteFile

_WRITE_RUN = """
    INSERT INTO runs (pipeline, run, state, cap, daily_cap, fee) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (pipeline, run) DO UPDATE SET state = excluded.state, cap = excluded.cap,
        daily_cap = excluded.daily_cap, fee = excluded.fee
"""
_RUN = "SELECT * FROM runs WHERE pipeline = ? AND run = ?"
_RUN_OF_POOL = """
    SELECT runs.* FROM bindings JOIN runs USING (pipeline, run) WHERE role LIKE 'pool:%' AND object_id = ?
"""
_WRITE_PRICE = """
    INSERT INTO prices (pool_id, reward) VALUES (?, ?) ON CONFLICT (pool_id) DO UPDATE SET reward = excluded.reward
"""
_PRICE = "SELECT reward FROM prices WHERE pool_id = ?"

# Each pool of a run: what its pages cost, what waits for review, and how many answers were asked for and came.
_PURSE = """
    SELECT coalesce(reward, 0) AS reward,
           (SELECT coalesce(sum(pages.reward), 0) FROM pages
            WHERE pool_id = object_id AND status = 'ACCEPTED') AS paid,
           (SELECT coalesce(sum(pages.reward), 0) FROM pages
            WHERE pool_id = object_id AND status = 'ACCEPTED' AND reviewed >= :midnight) AS paid_today,
           (SELECT coalesce(sum(pages.reward), 0) FROM pages
            WHERE pool_id = object_id AND status = 'SUBMITTED') AS reserved,
           (SELECT coalesce(sum(tasks), 0) FROM pages
            WHERE pool_id = object_id AND status IN ('SUBMITTED', 'ACCEPTED', 'REJECTED')) AS answered,
           (SELECT coalesce(sum(places), 0) FROM decisions
            WHERE lane = object_id AND places > 0 AND (state IN ('sent', 'done', 'unknown')
                                                       OR (state = 'planned' AND buffer IS NULL))) AS asked
    FROM bindings LEFT JOIN prices ON pool_id = object_id
    WHERE pipeline = :pipeline AND run = :run AND role LIKE 'pool:%'
"""
_PLACES = "SELECT coalesce(sum(places), 0) FROM decisions WHERE id IN (SELECT value FROM json_each(?))"


class SqliteRuns(SqliteFile):
    """Caps and purses."""

    def write_run(self, control: RunControl) -> None:
        """Keep what a person said about a run's money; the last word stays."""
        values = (control.pipeline, control.run, control.state, control.cap, control.daily_cap, control.fee)
        with self._database.writing() as connection:
            connection.execute(_WRITE_RUN, values)

    def run_control(self, pipeline: str, run: str) -> RunControl | None:
        """Return what was said about a run's money; None when nothing ever was."""
        with self._database.reading() as connection:
            row = connection.execute(_RUN, (pipeline, run)).fetchone()
        return None if row is None else _control(row)

    def write_price(self, pool_id: str, reward: float) -> None:
        """Keep what a pool pays for a page, in dollars without the fee."""
        with self._database.writing() as connection:
            connection.execute(_WRITE_PRICE, (pool_id, reward))

    def purse(self, pipeline: str, run: str, now: float) -> Purse:
        """Return what a run cost and can still cost, with its fee, at platform time `now`."""
        with self._database.reading() as connection:
            row = connection.execute(_RUN, (pipeline, run)).fetchone()
            return _purse(connection, pipeline, run, row["fee"] if row else 0.0, now)

    def allowance(self, pool_id: str, now: float) -> Allowance:
        """Return how many more answers may be bought in a pool at platform time `now`."""
        with self._database.reading() as connection:
            return allowed(connection, pool_id, now)


def allowed(connection: sqlite3.Connection, pool_id: str, now: float) -> Allowance:
    """Return a pool's allowance; a pool of no run, and of a run that nobody put under control, has no limit."""
    row = connection.execute(_RUN_OF_POOL, (pool_id,)).fetchone()
    if row is None:
        return Allowance(None)
    control = _control(row)
    if control.state is RunState.STARTED and control.cap is None and control.daily_cap is None:
        return Allowance(None)
    price = connection.execute(_PRICE, (pool_id,)).fetchone()
    purse = _purse(connection, control.pipeline, control.run, control.fee, now)
    return allowance(control, purse, price["reward"] if price else 0.0, now)


def insist(connection: sqlite3.Connection, pool_id: str, ids: str, now: float) -> None:
    """Raise MayNotSpend unless the run may carry these decisions (a JSON list of ids) out, too."""
    may = allowed(connection, pool_id, now)
    places = connection.execute(_PLACES, (ids,)).fetchone()[0]
    if may.barred or (may.places is not None and places > may.places):
        raise MayNotSpend(f"({may.why}: {places} answers in pool {pool_id}, {may.places} are allowed)")


def _control(row: sqlite3.Row) -> RunControl:
    return RunControl(**(dict(row) | {"state": RunState(row["state"])}))


def _purse(connection: sqlite3.Connection, pipeline: str, run: str, fee: float, now: float) -> Purse:
    wanted = {"pipeline": pipeline, "run": run, "midnight": now - now % DAY}
    rows = connection.execute(_PURSE, wanted).fetchall()
    return Purse(
        paid=(1 + fee) * sum(row["paid"] for row in rows),
        paid_today=(1 + fee) * sum(row["paid_today"] for row in rows),
        reserved=(1 + fee) * sum(row["reserved"] for row in rows),
        open=(1 + fee) * sum(row["reward"] * max(0, row["asked"] - row["answered"]) for row in rows),
    )
