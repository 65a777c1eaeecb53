"""The file of a state: a regular one, and held by one simulator whatever happens between two steps of opening it."""

import os
import stat
import sys
from contextlib import closing
from typing import Any

import pytest

from simulator.memory.journal import Journal, StateInUse, StateNotAFile, StateNotWritten


@pytest.mark.parametrize(("make", "is_still"), [(os.mkfifo, stat.S_ISFIFO), (os.mkdir, stat.S_ISDIR)])
def test_what_is_no_regular_file_is_refused_and_left_as_it_is(tmp_path, make, is_still):
    path = tmp_path / "state"
    make(path)
    with pytest.raises(StateNotAFile, match=r"state\.$"):
        Journal(path, {})
    assert is_still(path.stat().st_mode)
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_one_and_the_state_is_where_it_leads(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "state")
    with closing(Journal(tmp_path / "link", {})) as journal:
        journal.begin(b"one")
        journal.begin(b"two")
    assert (tmp_path / "link").is_symlink()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link", "state"]
    with closing(Journal(tmp_path / "link", {})) as journal:
        assert snapshot(journal) == b"two"


def test_a_folder_that_is_not_there_is_told_with_the_files_name(tmp_path):
    with pytest.raises(StateNotWritten, match=r"nowhere/state \(No such file or directory\)"):
        Journal(tmp_path / "nowhere" / "state", {})


def test_a_second_simulator_is_refused_even_if_the_first_just_put_a_new_file_in_place(tmp_path):
    path = tmp_path / "state"
    with closing(Journal(path, {})) as first:
        first.begin(b"one")
        with before_the_next_lock(lambda: first.begin(b"two")), pytest.raises(StateInUse):
            Journal(path, {})
        first.note(["kept"])
    with closing(Journal(path, {})) as second:
        found = second.read()
        assert found is not None
        assert (found[0], list(found[1])) == (b"two", [["kept"]])


def snapshot(journal: Journal) -> bytes | None:
    found = journal.read()
    return found and found[0]


class before_the_next_lock:
    """Something that another process does between a file's opening and its locking."""

    def __init__(self, happens: Any) -> None:
        self._waiting = [happens]

    def __enter__(self) -> None:
        sys.addaudithook(self._hear)

    def __exit__(self, *_: object) -> None:
        self._waiting.clear()

    def _hear(self, event: str, _: object) -> None:
        if event == "fcntl.flock" and self._waiting:
            self._waiting.pop()()
