"""How a database file comes to be, and which files are refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from store.connection import SCHEMA_VERSION, Database
from store.errors import CrowdhookError, NotADatabase, SchemaTooNew
from store.migrations import migrate


def alter(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def reason_to_refuse(path: Path, error: type[CrowdhookError]) -> tuple[str, str]:
    """Say why migrating it and why opening it is refused."""
    with pytest.raises(error) as migrating:
        migrate(path)
    with pytest.raises(error) as opening, Database(path, 0.1).reading():
        pass
    return migrating.value.detail, opening.value.detail


def test_a_new_file_becomes_a_database_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    migrate(path)
    assert {"events", "deliveries", "decisions", "calls", "pages", "answers"} <= tables(path)
    assert path.stat().st_mode & 0o077 == 0
    with Database(path, 0.1).reading() as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION


def test_migrating_again_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "again.db"
    migrate(path)
    alter(path, "INSERT INTO notes (name, text) VALUES ('kept', 'yes')")
    migrate(path)
    with Database(path, 0.1).reading() as connection:
        assert connection.execute("SELECT text FROM notes").fetchone()[0] == "yes"


def test_an_unfinished_first_migration_is_taken_up_again(tmp_path: Path) -> None:
    path = tmp_path / "unfinished.db"
    migrate(path)
    for table in sorted(tables(path) - {"_sqlite_migrations"}):
        alter(path, f"DROP TABLE {table}")
    alter(path, "DELETE FROM _sqlite_migrations")
    alter(path, "PRAGMA user_version = 0")
    with pytest.raises(NotADatabase, match="has not been prepared"), Database(path, 0.1).reading():
        pass
    migrate(path)
    assert "events" in tables(path)


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    migrate(path)
    alter(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    for detail in reason_to_refuse(path, SchemaTooNew):
        assert f"{path} has schema {SCHEMA_VERSION + 1}, this program knows {SCHEMA_VERSION}" in detail


def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, " * 100)
    for detail in reason_to_refuse(path, NotADatabase):
        assert str(path) in detail
    assert path.read_text() == "Dear reader, " * 100


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    alter(path, "CREATE TABLE cats (name TEXT)")
    assert reason_to_refuse(path, NotADatabase) == (
        f"({path} belongs to another program)",
        f"({path} has not been prepared)",
    )
    assert tables(path) == {"cats"}


@pytest.mark.parametrize("name", ["missing/crowdhook.db", "."])
def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path, name: str) -> None:
    for detail in reason_to_refuse(tmp_path / name, NotADatabase):
        assert str(tmp_path) in detail


def test_opening_creates_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotADatabase, match="no such file"), Database(tmp_path / "absent.db", 0.1).writing():
        pass
    assert list(tmp_path.iterdir()) == []
