"""Storing in groups: everything is answered, nobody waits for ever."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

import pytest

from store.errors import StoreBusy
from store.migrations import migrate
from store.records import Event
from store.sqlite import SqliteLog
from webhooks.appender import GroupCommit

ROOT = Path(__file__).parents[2]


def event(uuid: str) -> Event:
    return Event(uuid=uuid, type="POOL_CLOSED", pool_id="1", event_time=1.0)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "crowdhook.db"
    migrate(path)
    return path


@pytest.fixture
def log(database: Path) -> Iterator[SqliteLog]:
    with closing(SqliteLog(database, time.time)) as log:
        yield log


@pytest.fixture
def stranger(database: Path) -> Iterator[sqlite3.Connection]:
    """Another program that holds the database until it is told to end its transaction."""
    with closing(sqlite3.connect(database, isolation_level=None, check_same_thread=False)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def test_each_request_learns_what_of_it_was_new(log: SqliteLog) -> None:
    appender = GroupCommit(log)
    assert appender.submit(b"{}", [event("a"), event("b")]) == [True, True]
    assert appender.submit(b"{}", [event("b"), event("c"), event("c")]) == [False, True, False]
    assert appender.submit(b"{}", []) == []


def test_many_at_once_are_each_answered_and_stored_once(log: SqliteLog) -> None:
    appender = GroupCommit(log)
    with ThreadPoolExecutor(32) as senders:
        answers = list(senders.map(lambda n: appender.submit(b"{}", [event(str(n % 100))]), range(400)))
    assert sum(new for (new,) in answers) == 100
    assert log.events().total == 100


def test_whoever_has_waited_long_enough_is_told_and_what_was_not_begun_is_not_stored(
    log: SqliteLog, stranger: sqlite3.Connection
) -> None:
    appender = GroupCommit(log, wait_seconds=0.2)
    for uuid in ("begun", "never begun"):
        with pytest.raises(StoreBusy):
            appender.submit(b"{}", [event(uuid)])
    stranger.execute("ROLLBACK")
    patient = GroupCommit(log)
    assert patient.submit(b"{}", [event("never begun")]) == [True]


def test_a_full_queue_is_told_at_once(database: Path, stranger: sqlite3.Connection) -> None:
    with closing(SqliteLog(database, time.time, busy_seconds=60)) as log, ThreadPoolExecutor(16) as senders:
        appender = GroupCommit(log, capacity=1, wait_seconds=60)
        sent = [senders.submit(appender.submit, b"{}", [event(str(n))]) for n in range(16)]
        first, _ = wait(sent, return_when=FIRST_COMPLETED)
        stranger.execute("ROLLBACK")
        assert all(isinstance(future.exception(), StoreBusy) for future in first)
        stored = [future for future in sent if future.exception() is None]
        assert log.events().total == len(stored) > 0


def test_what_the_log_raises_reaches_the_one_who_asked(tmp_path: Path) -> None:
    with closing(SqliteLog(tmp_path / "absent.db", time.time)) as log:
        appender = GroupCommit(log)
        for _ in range(2):
            with pytest.raises(Exception, match="database"):
                appender.submit(b"{}", [event("a")])


FORK = """
import os, pathlib, sys, time
from store.records import Event
from store.sqlite import SqliteLog
from webhooks.appender import GroupCommit

def store(uuid):
    return appender.submit(b"{}", [Event(uuid=uuid, type="POOL_CLOSED", pool_id="1", event_time=1.0)]) == [True]

appender = GroupCommit(SqliteLog(pathlib.Path(sys.argv[1]), time.time))
if (child := os.fork()) == 0:
    os._exit(0 if store("child") else 1)
assert os.waitpid(child, 0)[1] == 0
assert store("parent")
"""


def test_a_forked_process_has_a_writer_of_its_own(database: Path, log: SqliteLog) -> None:
    subprocess.run([sys.executable, "-c", FORK, str(database)], check=True, cwd=ROOT, timeout=60)
    assert {line.event.uuid for line in log.events().events} == {"parent", "child"}
