"""What Prometheus reads: its own parser understands it, and it says what is in the database, whoever is asked."""

import math
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from deployed_receiver import SECRET, Receiver, running
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from store.migrations import migrate
from store.records import DecisionState, Event, NewDecision, Outcome, Route
from store.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    migrate(tmp_path / "crowdhook.db")
    return tmp_path / "crowdhook.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path, time.time)) as store:
        yield store


def families(text: str) -> dict[str, Metric]:
    return {each.name: each for each in text_string_to_metric_families(text)}


def scraped(receiver: Receiver) -> dict[tuple[str, ...], float]:
    """What one scrape says: (name, values of the labels by their names) -> value."""
    reply = receiver.request("GET", "/metrics")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = families(reply.body.decode())
    samples = [each for family in found.values() for each in family.samples]
    return {(each.name, *(value for _, value in sorted(each.labels.items()))): each.value for each in samples}


def test_an_empty_database_has_every_number_and_no_worker(path: Path) -> None:
    with running(path) as receiver:
        told = scraped(receiver)
        text = receiver.request("GET", "/metrics").body.decode()
    assert told["crowdhook_worker_heartbeat_age_seconds",] == math.inf
    for name in ("events_unrouted", "decisions_due", "decisions_waiting", "calls_open", "oldest_waiting_seconds"):
        assert told[f"crowdhook_{name}",] == 0.0
    assert told["crowdhook_deliveries", "pending"] == told["crowdhook_deliveries", "parked"] == 0.0
    assert told["crowdhook_database_bytes",] == path.stat().st_size
    assert abs(told["crowdhook_free_bytes",] - shutil.disk_usage(path).free) < 2**30
    assert [value for name, value in told.items() if name[0] == "crowdhook_build_info"] == [1.0]
    assert {each.type for each in families(text).values()} == {"counter", "gauge"}
    assert all(each.documentation for each in families(text).values())


def test_the_numbers_are_those_of_the_database_in_every_process(
    path: Path, store: SqliteStore, notification: Any
) -> None:
    with running(path) as receiver:
        closed = {"type": "POOL_CLOSED"}  # the same each time, and told three times
        for _ in range(3):
            assert receiver.post(notification(closed, {})).status == 200
        store.append([(b"", [Event("found", "POOL_CLOSED", "7", 1.0, source="reconciler")])])
        store.beat()
        answers = [scraped(receiver) for _ in range(12)]  # of two processes
        for told in answers:
            assert told["crowdhook_events_total", "webhook", "POOL_CLOSED"] == 1.0
            assert told["crowdhook_events_total", "webhook", "ASSIGNMENT_SUBMITTED"] == 3.0
            assert told["crowdhook_events_total", "reconciler", "POOL_CLOSED"] == 1.0
            assert told["crowdhook_events_unrouted",] == 5.0
            assert 0.0 <= told["crowdhook_worker_heartbeat_age_seconds",] < 60.0
            assert 0.0 < told["crowdhook_oldest_waiting_seconds",] < 60.0
            assert 0.0 < told["crowdhook_last_event_age_seconds", "webhook"] < 60.0


def test_work_and_what_became_of_it_is_counted(path: Path, store: SqliteStore) -> None:
    store.append([(b"", [Event(f"e{n}", "POOL_CLOSED", "7", 1.0) for n in range(3)])])
    store.route(lambda event: [Route("p", "r", "h")])
    taken = store.claim("ann", 60.0)
    assert taken is not None
    lane, (first, second, _) = taken
    store.fail(lane, second.id, "KeyError: 'x'", park=True)
    accept, hold = (NewDecision(kind, kind, "7", {}, due_at=due) for kind, due in (("accept", None), ("hold", 1e12)))
    written = store.decide(lane, [first.id], [(first.id, accept), (first.id, hold)], [], 1.0)
    store.settle(lane, [Outcome(written[0].id, DecisionState.CONFLICT)], [])
    with running(path) as receiver:
        told = scraped(receiver)
    assert told["crowdhook_deliveries", "pending"] == told["crowdhook_deliveries", "parked"] == 1.0
    assert told["crowdhook_decisions", "accept", "conflict"] == told["crowdhook_decisions", "hold", "planned"] == 1.0
    assert (told["crowdhook_decisions_due",], told["crowdhook_decisions_waiting",]) == (0.0, 1.0)


def test_names_that_others_chose_do_not_break_it(path: Path, store: SqliteStore) -> None:
    odd = 'A"B\\C\nD{x="1"} ☃'
    store.append([(b"", [Event("u1", odd, "7", 1.0)])])
    with running(path) as receiver:
        assert scraped(receiver)["crowdhook_events_total", "webhook", odd] == 1.0


def test_it_is_behind_the_password(path: Path) -> None:
    with running(path, CROWDHOOK_PAGE_PASSWORD="hunter2 and more") as receiver:
        reply = receiver.request("GET", "/metrics")
        assert (reply.status, SECRET.encode() in reply.body) == (401, False)
        given = {"Authorization": "Basic YTpodW50ZXIyIGFuZCBtb3Jl"}
        assert receiver.request("GET", "/metrics", headers=given).status == 200
