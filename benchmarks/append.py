"""How many events a second are kept durably: our log beside the naive way, alternated in one run of about 20 s.

The peer opens a connection for every append and uses SQLite's default rollback journal; both sync to the disk before
they answer, both refuse duplicates. A group is how many events one transaction holds: what waiting requests are
gathered into. Only the ratios of one run mean anything. Run it with `python -m benchmarks.append`.
"""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from store.migrations import migrate
from store.records import Event
from store.sqlite import SqliteLog

GROUPS = (1, 10, 100)
ROUNDS = 5
SECONDS_A_ROUND = 0.6
BODY = json.dumps({"events": [{"assignment_id": "0001a2b3--65f0c0de", "pool_id": "1234567"}]}).encode()

Append = Callable[[list[Event]], None]


def ours(path: Path) -> Append:
    migrate(path)
    log = SqliteLog(path, time.time)
    return lambda events: check(all(log.append([(BODY, events)])[0]))


def naive(path: Path) -> Append:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE events (seq INTEGER PRIMARY KEY, uuid TEXT UNIQUE, key TEXT UNIQUE, type TEXT, pool_id TEXT,"
            " event_time REAL, payload TEXT, body BLOB)"
        )

    def append(events: list[Event]) -> None:
        rows = [(e.uuid, e.key, e.type, e.pool_id, e.event_time, json.dumps(dict(e.payload)), BODY) for e in events]
        sql = (
            "INSERT INTO events (uuid, key, type, pool_id, event_time, payload, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
        )
        with closing(sqlite3.connect(path)) as connection, connection:
            check(connection.executemany(sql, rows).rowcount == len(rows))

    return append


def check(stored: bool) -> None:
    if not stored:
        raise AssertionError("an event was not stored")


def events(group: int, number: int) -> list[Event]:
    """Make a group of events that were never seen before."""
    names = [f"{group}-{number}-{part}" for part in range(group)]
    return [
        Event(name, "ASSIGNMENT_SUBMITTED", "1234567", 1.0, f"ASSIGNMENT_SUBMITTED:{name}", name, payload={"id": name})
        for name in names
    ]


def measure(append: Append, group: int, first: int) -> tuple[int, list[float]]:
    """Append for a round; return the next number to use and the seconds that each append took."""
    taken, number, end = [], first, time.perf_counter() + SECONDS_A_ROUND
    while time.perf_counter() < end:
        fresh, started = events(group, number), time.perf_counter()
        append(fresh)
        taken.append(time.perf_counter() - started)
        number += 1
    return number, taken


def compare(group: int, ways: dict[str, Append]) -> dict[str, list[list[float]]]:
    """Alternate the ways; return for each the rounds' append times."""
    rounds: dict[str, list[list[float]]] = {name: [] for name in ways}
    number = 0
    for _ in range(ROUNDS):
        for name, append in ways.items():
            number, taken = measure(append, group, number)
            rounds[name].append(taken)
    return rounds


def report(group: int, name: str, rounds: list[list[float]], peer: float | None) -> float:
    rate = median(group * len(taken) / sum(taken) for taken in rounds)
    every = sorted(each for taken in rounds for each in taken)
    p50, p99 = (every[int(len(every) * share)] * 1000 for share in (0.5, 0.99))
    ratio = "" if peer is None else f"{rate / peer:.1f}x"
    print(f"{group:>6}  {name:<40} {rate:>10,.0f} {p50:>9.2f} {p99:>9.2f}  {ratio:>6}")
    return rate


def main() -> None:
    print(f"{'group':>6}  {'way':<40} {'events/s':>10} {'p50 ms':>9} {'p99 ms':>9}  {'ratio':>6}")
    with TemporaryDirectory() as directory:
        ways = {
            "rollback journal, connection per append": naive(Path(directory) / "naive.db"),
            "crowdhook: WAL, FULL, flock": ours(Path(directory) / "ours.db"),
        }
        for group in GROUPS:
            rounds = compare(group, ways)
            peer: float | None = None
            for name in ways:
                rate = report(group, name, rounds[name], peer)
                peer = rate if peer is None else peer


if __name__ == "__main__":
    main()
