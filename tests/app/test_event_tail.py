"""`crowdhook events`: the last ones, those that failed, and what comes while one looks."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from clerk import Office
from click.testing import CliRunner, Result
from ledger import LISTENER, OUTLINING, accept

from app.cli import main
from store.records import DecisionState, Event
from store.sqlite import SqliteStore


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.store.close()


def environment(database: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    return {**clean, "CROWDHOOK_DATABASE": str(database)}


def crowdhook(office: Office, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["events", *arguments], env=environment(office.database))


def seqs(office: Office, *arguments: str) -> list[int]:
    result = crowdhook(office, *arguments)
    assert result.exit_code == 0, result.output
    return [int(each.split()[0]) for each in result.stdout.splitlines()]


def arrive(office: Office, number: int, kind: str = "POOL_CLOSED", pool_id: str = OUTLINING) -> None:
    office.store.append([(b"{}", [Event(f"u{number}", kind, pool_id, float(number))])])


@contextmanager
def following(office: Office, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", "from app.cli import main; main()", "events", "--follow", *arguments]
    env = environment(office.database) | {"PYTHONUNBUFFERED": "1"}
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)  # a runner in the background may ignore it
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        signal.signal(signal.SIGINT, heard)
        try:
            yield process
        finally:
            process.kill()


def read(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_the_last_ones_come_oldest_first(office: Office) -> None:
    for number in range(1, 8):
        arrive(office, number)
    assert seqs(office, "--limit", "3") == [5, 6, 7]
    assert seqs(office) == [1, 2, 3, 4, 5, 6, 7]
    assert seqs(office, "--limit", "0") == []


def test_they_are_chosen_by_pool_and_type(office: Office) -> None:
    arrive(office, 1, "POOL_CLOSED", "7")
    arrive(office, 2, "TEST_EVENT", "7")
    arrive(office, 3, "TEST_EVENT")
    assert seqs(office, "--pool", "7") == [1, 2]
    assert seqs(office, "--type", "TEST_EVENT") == [2, 3]
    assert seqs(office, "--type", "TEST_EVENT", "--pool", "7") == [2]


def test_failed_ones_alone(office: Office) -> None:
    arrive(office, 1)
    office.store.route(lambda _: [])
    failed = office.record(accept("a1"), state=DecisionState.FAILED)
    office.record(accept("a2"))
    assert seqs(office, "--failed") == [failed]


def test_for_programs_each_is_an_object_on_a_line(office: Office) -> None:
    arrive(office, 1)
    office.store.route(lambda _: [])
    office.record(accept("a1"))
    first, second = map(json.loads, crowdhook(office, "--json").stdout.splitlines())
    assert (first["seq"], first["event_time"], first["pool_id"], first["run"]) == (1, 1.0, OUTLINING, "test")
    assert [each["kind"] for each in second["decisions"]] == ["accept"]
    assert crowdhook(office, "--json", "--type", "NEVER").output == ""


def test_nothing_is_said_in_words(office: Office) -> None:
    result = crowdhook(office, "--failed")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No event matches.\n")


def test_a_missing_database_is_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["events"], env=environment(tmp_path / "none.db"))
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "none.db" in result.stderr


def test_what_comes_is_shown_when_it_is_handled_until_ctrl_c(office: Office) -> None:
    arrive(office, 1)
    office.store.route(lambda _: [])
    with following(office) as process:
        assert read(process).split()[0] == "1"
        second = office.record(accept("a1"))
        assert read(process).split()[0] == str(second)
        with closing(SqliteStore(office.database, time.time)) as receiver:
            receiver.append([(b"{}", [Event("u3", "POOL_CLOSED", OUTLINING, 3.0)])])
        assert read(process).split()[-1] == "new"  # nobody handles it: it is shown as it is after a while
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30) == ("", "")
    assert process.returncode == 0


def test_what_fails_later_is_shown_when_it_fails(office: Office) -> None:
    arrive(office, 1)
    arrive(office, 2)
    office.store.route(lambda _: [LISTENER])
    taken = office.store.claim("test", 60.0)
    assert taken is not None
    lane, (first, second) = taken
    office.store.fail(lane, second.id, "KeyError", park=True)
    with following(office, "--failed", "--json") as process:
        assert json.loads(read(process))["seq"] == 2
        office.store.fail(lane, first.id, "ValueError", park=True)
        assert json.loads(read(process))["seq"] == 1
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_a_reader_that_goes_away_ends_it_without_a_word(office: Office) -> None:
    for number in range(300):
        arrive(office, number)
    command = f"{sys.executable} -c 'from app.cli import main; main()' events --limit 300 | head -1"
    done = subprocess.run(command, shell=True, env=environment(office.database), capture_output=True, text=True)
    assert (len(done.stdout.splitlines()), done.stderr) == (1, "")
