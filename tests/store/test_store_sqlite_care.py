"""Whether a file is sound, and copies of it."""

from contextlib import closing
from pathlib import Path

import pytest
from store_examples import Clock, pool_closed

from store.errors import ForeignDatabase
from store.migrations import migrate
from store.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    migrate(tmp_path / "crowdhook.db")
    return tmp_path / "crowdhook.db"


def test_a_file_of_ours_is_sound(path: Path) -> None:
    with closing(SqliteStore(path, Clock())) as store:
        store.append([(b"{}", [pool_closed("u1")])])
        assert store.problems() == store.problems(thorough=True) == []


@pytest.mark.parametrize("thorough", [False, True])
def test_a_file_that_somebody_overwrote_in_part_is_not(path: Path, thorough: bool) -> None:
    with closing(SqliteStore(path, Clock())) as store:
        store.append([(b"x" * 50_000, [pool_closed(f"u{n}") for n in range(500)])])
        store.checkpoint()
    with path.open("r+b") as file:
        for page in range(3, path.stat().st_size // 4096, 3):
            file.seek(page * 4096)
            file.write(b"\xff" * 2048)
    with closing(SqliteStore(path, Clock())) as store:
        assert store.problems(thorough=thorough)


def test_an_index_that_misses_a_row_is_found_by_a_thorough_look(path: Path) -> None:
    with closing(SqliteStore(path, Clock())) as store, store._database.writing() as connection:
        connection.execute("PRAGMA writable_schema = ON")
        root = "SELECT rootpage FROM sqlite_master WHERE name = 'events_by_type'"
        connection.execute(f"UPDATE sqlite_master SET rootpage = ({root}) WHERE name = 'events_by_pool'")
    with closing(SqliteStore(path, Clock())) as store:
        assert any("events_by" in each for each in store.problems(thorough=True))


def test_a_copy_is_what_the_database_was(path: Path) -> None:
    with closing(SqliteStore(path, Clock())) as store:
        store.append([(b"{}", [pool_closed("u1")])])
        size = store.copy_to(path.with_name("copy.db"))
        store.append([(b"{}", [pool_closed("u2")])])
    assert size == path.with_name("copy.db").stat().st_size
    with closing(SqliteStore(path.with_name("copy.db"), Clock())) as copy:
        assert copy.uuids() == [(1, "u1")]


def test_a_database_says_whose_it_is(path: Path) -> None:
    with closing(SqliteStore(path, Clock())) as store:
        assert store.identity() is None
        store.claim_identity("me", "SANDBOX")
        with pytest.raises(ForeignDatabase):
            store.claim_identity("you", "SANDBOX")
        assert store.identity() == ("me", "SANDBOX")
