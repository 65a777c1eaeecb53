"""`crowdhook backup`: a sound copy of a database in use, for its owner only; nothing is ever replaced."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from clerk import Office
from click.testing import CliRunner, Result
from ledger import accept

from app.cli import main
from store.connection import Database
from store.migrations import migrate
from store.sqlite import SqliteStore


def backup(database: Path, file: Path) -> Result:
    clean = {name: None for name in os.environ if name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    return CliRunner().invoke(main, ["backup", str(file)], env={**clean, "CROWDHOOK_DATABASE": str(database)})


def test_a_copy_is_whole_and_its_owners_alone_while_the_database_is_in_use(tmp_path: Path) -> None:
    office, file = Office(tmp_path), tmp_path / "copy.db"
    for number in range(20):
        office.record(accept(f"a{number}"))
    with closing(Database(office.database, 5.0)) as other, other.writing():  # a writer holds nobody up
        result = backup(office.database, file)
    assert result.exit_code == 0, result.output
    assert "20 events, checked" in result.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.glob("copy.db*")} == {"copy.db"}
    migrate(file)
    with closing(SqliteStore(file, time.time)) as copy:
        assert copy.decisions() == office.store.decisions()
        assert copy.counts() == office.store.counts()
        assert copy.bindings() == office.store.bindings()
        assert copy.problems(thorough=True) == []
    office.store.close()


def test_nothing_is_replaced(tmp_path: Path) -> None:
    migrate(tmp_path / "crowdhook.db")
    (tmp_path / "there.db").write_text("dear diary")
    (tmp_path / "link.db").symlink_to(tmp_path / "elsewhere.db")
    for name in ("there.db", "link.db", "crowdhook.db"):
        result = backup(tmp_path / "crowdhook.db", tmp_path / name)
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
        assert "never replaces" in result.stderr
    assert (tmp_path / "there.db").read_text() == "dear diary"
    assert not (tmp_path / "elsewhere.db").exists()


def test_where_nothing_can_be_written_it_is_one_line(tmp_path: Path) -> None:
    migrate(tmp_path / "crowdhook.db")
    result = backup(tmp_path / "crowdhook.db", tmp_path / "no" / "copy.db")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "no/copy.db" in result.stderr


def test_without_a_database_no_file_is_left(tmp_path: Path) -> None:
    result = backup(tmp_path / "none.db", tmp_path / "copy.db")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A database in which a row points to nothing, as no run of ours leaves it."""
    path = tmp_path / "crowdhook.db"
    migrate(path)
    with closing(sqlite3.connect(path)) as stranger, stranger:
        stranger.execute("INSERT INTO lanes (pool_id) VALUES ('7')")
        stranger.execute(
            "INSERT INTO deliveries (event_seq, pipeline, run, handler, lane, event_time, event_key, state)"
            " VALUES (99, 'p', 'r', 'h', '7', 1.0, 'k', 'pending')"
        )
    return path


def test_a_copy_that_is_not_sound_is_told_and_not_kept(broken: Path) -> None:
    result = backup(broken, broken.with_name("copy.db"))
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "deliveries: row 1 points to nothing" in result.stderr
    assert not broken.with_name("copy.db").exists()
