"""The SQLite store among real processes: locks, forks, a full disk, sudden death; and one property for all orders."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from store_examples import Clock, accept, pool_closed, reject, submitted, to_one_handler

from store.contract import EventLog, Store
from store.errors import StoreBusy
from store.migrations import migrate
from store.records import Event
from store.sqlite import SqliteLog, SqliteStore

ROOT = Path(__file__).parents[2]

WRITES_FOR_EVER = """
import sys, time
from pathlib import Path
from store.records import Event
from store.sqlite import SqliteLog
log, name = SqliteLog(Path(sys.argv[1]), time.time), sys.argv[2]
for n in range(1_000_000):
    events = [Event(f"{name}-{n}-{part}", "POOL_CLOSED", "p", 1.0) for part in range(3)]
    log.append([(b"{}", events)])
    print(*(each.uuid for each in events), flush=True)
"""
HOLDS_THE_LOCK = """
import sys, time
from pathlib import Path
from store.connection import Database
with Database(Path(sys.argv[1]), 5.0).writing():
    print("held", flush=True)
    sys.stdin.read()
"""
FORKS = """
import os, sys, time
from pathlib import Path
from store.records import Event
from store.sqlite import SqliteLog
log = SqliteLog(Path(sys.argv[1]), time.time)
def append(name):
    for n in range(20):
        log.append([(b"{}", [Event(f"{name}-{n}", "POOL_CLOSED", "p", 1.0)])])
append("before")
if sys.argv[2] == "closed":
    log.close()
child = os.fork()
try:
    append("parent" if child else "child")
    log.close()
except RuntimeError as refused:
    print(refused, flush=True)
if child == 0:
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
FILLS_THE_DISK = """
import resource, sys, time
from pathlib import Path
from store.errors import StoreFull
from store.records import Event
from store.sqlite import SqliteLog
log = SqliteLog(Path(sys.argv[1]), time.time)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
acknowledged = 0
try:
    while True:
        log.append([(b"x" * 10_000, [Event(f"u{acknowledged}", "POOL_CLOSED", "p", 1.0)])])
        acknowledged += 1
except StoreFull as full:
    print(acknowledged, log.events().total, full.temporary)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(log.append([(b"", [Event("after", "POOL_CLOSED", "p", 1.0)])]), log.events().total)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    migrate(tmp_path / "crowdhook.db")
    return tmp_path / "crowdhook.db"


@contextmanager
def opened(path: Path, busy_seconds: float = 5.0) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path, Clock(), busy_seconds=busy_seconds)) as store:
        yield store


@contextmanager
def running(script: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run a script as a process of its own, and make sure that it ends."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def output_of(script: str, *arguments: object) -> list[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")[:-1]


def uuids(log: EventLog) -> set[str]:
    return {logged.event.uuid for logged in log.events(limit=1_000_000).events}


def test_the_store_is_what_its_contract_says(path: Path) -> None:
    with opened(path) as store, closing(SqliteLog(path, Clock())) as log:
        whole: Store = store
        half: EventLog = log
        assert half.append([(b"", [pool_closed("u1")])]) == [[True]]
        assert whole.append([(b"", [pool_closed("u1")])]) == [[False]]


def test_the_receivers_half_is_light() -> None:
    script = "import sys, store.sqlite; print(sorted({'sqlite_utils', 'pandas', 'toloka', 'flask'} & set(sys.modules)))"
    assert output_of(script) == ["[]"]


def test_a_process_that_holds_the_lock_makes_the_store_busy_for_writing_only(path: Path) -> None:
    with opened(path, busy_seconds=0.2) as store, running(HOLDS_THE_LOCK, path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for write in (lambda: store.append([(b"", [pool_closed("u1")])]), store.checkpoint):
            with pytest.raises(StoreBusy):
                write()
        assert store.events().total == 0
        holder.communicate("")
        assert store.append([(b"", [pool_closed("u1")])]) == [[True]]


def test_the_lock_of_a_killed_process_is_free(path: Path) -> None:
    with opened(path) as store, running(HOLDS_THE_LOCK, path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGKILL)
        assert store.append([(b"", [pool_closed("u1")])]) == [[True]]


def test_nothing_acknowledged_is_lost_when_writers_are_killed(path: Path) -> None:
    acknowledged: set[str] = set()
    with running(WRITES_FOR_EVER, path, "ann") as ann, running(WRITES_FOR_EVER, path, "bob") as bob:
        for _ in range(60):
            for writer in (ann, bob):
                assert writer.stdout is not None
                acknowledged |= set(writer.stdout.readline().split())
        for writer in (ann, bob):
            assert writer.stdout is not None
            writer.send_signal(signal.SIGKILL)
            acknowledged |= set(writer.stdout.read().rpartition("\n")[0].split())
    with opened(path) as store:
        stored = uuids(store)
        assert len(acknowledged) >= 360
        assert acknowledged <= stored
        assert len(stored) % 3 == 0
        assert store.append([(b"", [pool_closed("after")])]) == [[True]]


def test_a_closed_store_can_be_used_on_both_sides_of_a_fork(path: Path) -> None:
    assert output_of(FORKS, path, "closed") == []
    with opened(path) as store:
        assert uuids(store) == {f"{name}-{n}" for name in ("before", "child", "parent") for n in range(20)}


def test_an_open_store_is_refused_to_the_child_of_a_fork(path: Path) -> None:
    assert output_of(FORKS, path, "open") == [f"{path} was open when this process was forked; close it before the fork"]
    with opened(path) as store:
        assert uuids(store) == {f"{name}-{n}" for name in ("before", "parent") for n in range(20)}


def test_a_full_disk_refuses_keeps_what_it_acknowledged_and_recovers(path: Path) -> None:
    refused, recovered = output_of(FILLS_THE_DISK, path)
    acknowledged = int(refused.split()[0])
    assert acknowledged > 5
    assert refused == f"{acknowledged} {acknowledged} True"
    assert recovered == f"[[True]] {acknowledged + 1}"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    migrate(path)
    return path


def history(empty: Path, requests: list[list[Event]], limit: int) -> list[tuple[str, str, str]]:
    """Let requests arrive, work them off with contrary decisions, and return (cause, key, state), as decided."""
    with TemporaryDirectory() as directory:
        path = Path(shutil.copy(empty, Path(directory) / "crowdhook.db"))
        with opened(path) as store:
            for events in requests:
                store.append([(b"{}", events)])
            while store.route(to_one_handler, limit=3):
                pass
            while (taken := store.claim("ann", 60.0, limit)) is not None:
                lane, deliveries = taken
                said = [
                    (each.id, decide(each.event.assignment_id or ""))
                    for each in deliveries
                    for decide in (accept, reject)
                ]
                store.decide(lane, [each.id for each in deliveries], said, [], 1.0)
            causes = {logged.seq: logged.event.uuid for logged in store.events(limit=1000).events}
            return [(causes[each.event_seq or 0], each.key, each.state) for each in store.decisions()]


pages = [submitted(f"a{n}", at=float(n % 3), pool_id=f"pool-{n % 2}") for n in range(8)]


@settings(max_examples=20, deadline=None)
@given(
    arrival=some.permutations(pages),
    again=some.lists(some.sampled_from(pages), max_size=8),
    cut=some.integers(1, 7),
    limit=some.integers(1, 9),
)
def test_duplicates_and_order_of_arrival_change_nothing(
    empty: Path, arrival: list[Event], again: list[Event], cut: int, limit: int
) -> None:
    requests = [arrival[:cut] + again[:4], again[4:], arrival[cut:] + arrival[:2], again]
    expected = [
        (page.uuid, f"verdict:{page.assignment_id}", state)
        for page in sorted(pages, key=lambda page: (page.event_time, page.key))
        for state in ("planned", "superseded")
    ]
    found = history(empty, requests, limit)
    assert sorted(found) == sorted(expected)
    for pool_id in ("pool-0", "pool-1"):
        of_pool = {page.uuid for page in pages if page.pool_id == pool_id}
        assert [each for each in found if each[0] in of_pool] == [each for each in expected if each[0] in of_pool]
