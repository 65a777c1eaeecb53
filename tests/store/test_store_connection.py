"""One SQLite file: durable, bounded in its waits, and safe across threads and forks."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from store.connection import Database
from store.errors import StoreBusy, StoreFull, StoreSlow
from store.migrations import migrate

NOTE = "INSERT INTO notes (name, text) VALUES (?, ?)"
NEVER_ENDS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    migrate(tmp_path / "crowd hook?#.db")
    return tmp_path / "crowd hook?#.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with closing(Database(path, busy_seconds=0.2)) as database:
        yield database


def note(database: Database, name: str, text: str = "") -> None:
    with database.writing() as connection:
        connection.execute(NOTE, (name, text))


def notes(database: Database) -> list[str]:
    with database.reading() as connection:
        return [row["name"] for row in connection.execute("SELECT name FROM notes ORDER BY name").fetchall()]


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("wal_autocheckpoint", 0),
        ("query_only", 0),
    ],
)
def test_writing_is_durable_and_careful(database: Database, pragma: str, value: object) -> None:
    with database.writing() as connection:
        assert connection.execute(f"PRAGMA {pragma}").fetchone()[0] == value


def test_a_reading_connection_cannot_write(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"), database.reading() as connection:
        connection.execute(NOTE, ("a", ""))


def test_a_reader_sees_one_unchanging_view(database: Database) -> None:
    note(database, "a")
    with database.reading() as connection:
        before = connection.execute("SELECT count(*) FROM notes").fetchone()[0]
        note(database, "b")
        assert connection.execute("SELECT count(*) FROM notes").fetchone()[0] == before == 1
    assert notes(database) == ["a", "b"]


def test_a_read_that_never_ends_is_ended_and_the_next_one_works(path: Path) -> None:
    with closing(Database(path, busy_seconds=0.2, read_seconds=0.05)) as database:
        with pytest.raises(StoreSlow) as slow, database.reading() as connection:
            connection.execute(NEVER_ENDS).fetchone()
        assert slow.value.temporary
        note(database, "a")
        assert notes(database) == ["a"]


def test_a_block_that_fails_writes_nothing_and_leaves_the_way_free(database: Database) -> None:
    def write(*names: str) -> None:
        with database.writing() as connection:
            for name in names:
                connection.execute(NOTE, (name, ""))
            raise KeyError(names)

    with pytest.raises(sqlite3.IntegrityError):
        write("a", "a")
    with pytest.raises(KeyError):
        write("a")
    note(database, "b")
    assert notes(database) == ["b"]


def test_a_writer_outside_our_lock_makes_it_busy_not_stuck(database: Database, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            note(database, "a")
        assert notes(database) == []
    note(database, "a")
    assert notes(database) == ["a"]


def test_a_thread_that_writes_long_makes_the_others_busy(database: Database) -> None:
    writing, enough = threading.Event(), threading.Event()

    def write_long() -> None:
        with database.writing() as connection:
            writing.set()
            assert enough.wait(30)
            connection.execute(NOTE, ("long", ""))

    with ThreadPoolExecutor(1) as threads:
        long = threads.submit(write_long)
        assert writing.wait(30)
        with pytest.raises(StoreBusy):
            note(database, "impatient")
        enough.set()
        long.result()
    note(database, "next")
    assert notes(database) == ["long", "next"]


def test_a_full_database_refuses_and_recovers(database: Database) -> None:
    with database.writing() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 3}")
    stored: list[str] = []

    def fill() -> None:
        for name in "abcdefgh":
            note(database, name, "x" * 3000)
            stored.append(name)

    with pytest.raises(StoreFull):
        fill()
    assert notes(database) == stored != []
    with database.writing() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    note(database, "z")
    assert notes(database) == [*stored, "z"]


def test_a_checkpoint_empties_the_log_unless_a_reader_needs_it(database: Database, path: Path) -> None:
    log = path.with_name(path.name + "-wal")
    note(database, "a")
    with database.reading() as connection:
        connection.execute("SELECT count(*) FROM notes").fetchall()
        note(database, "b")
        assert (database.checkpoint(), log.stat().st_size > 0) == (False, True)
    assert (database.checkpoint(), log.stat().st_size) == (True, 0)


def test_the_log_is_emptied_by_nothing_else(database: Database, path: Path) -> None:
    log = path.with_name(path.name + "-wal")
    for n in range(50):
        note(database, f"note {n}", "x" * 100_000)
    assert log.stat().st_size > 50 * 100_000


def test_closing_leaves_a_single_file_and_a_later_use_opens_it_again(database: Database, path: Path) -> None:
    note(database, "a")
    assert notes(database) == ["a"]
    database.close()
    assert not path.with_name(path.name + "-wal").exists()
    note(database, "b")
    assert notes(database) == ["a", "b"]


def test_connections_of_threads_that_ended_are_closed(database: Database) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for n in range(30):
        thread = threading.Thread(target=note, args=(database, f"note {n}"))
        thread.start()
        thread.join()
    assert len(os.listdir("/proc/self/fd")) < before + 10
    assert len(notes(database)) == 30
