"""Toloka's own aggregation, against a Toloka that answers as we say."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from front import Answer, Front, refusal, said, standing_in_front
from shop import gateway_to

from handlers.gateway import Gateway
from handlers.platform_aggregation import NotAggregated, PlatformAggregation, QuotaUsedUp, StillAggregating
from handlers.trouble import TolokaTrouble
from store.labels import TaskLabel
from store.migrations import migrate
from store.sqlite import SqliteStore

START, LOOK, READ = "POST /aggregated-solutions/aggregate-by-pool", "GET /operations/", "GET /aggregated-solutions/"


@pytest.fixture
def toloka() -> Iterator[Front]:
    with standing_in_front() as front:
        yield front


@pytest.fixture
def gateway(toloka: Front) -> Iterator[Gateway]:
    made = gateway_to(toloka.url)
    yield made
    made.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    migrate(tmp_path / "crowdhook.db")
    made = SqliteStore(tmp_path / "crowdhook.db", lambda: 1.0)
    yield made
    made.close()


@pytest.fixture
def pool(store: SqliteStore, gateway: Gateway) -> PlatformAggregation:
    return PlatformAggregation(store, gateway, "77", "result")


def operation(status: str, id: str = "op-1") -> Answer:
    parameters = {"pool_id": "77", "algorithm": "DAWID_SKENE", "aggregated_output_fields": ["result"]}
    return said(200, {"id": id, "type": "SOLUTION.AGGREGATE", "status": status, "parameters": parameters})


def solutions(*labels: Any, first: int = 1, more: bool = False) -> Answer:
    """A page of labels for the tasks `t1`, `t2` …"""
    items = [
        {"pool_id": "77", "task_id": f"t{first + at}", "confidence": 0.75, "output_values": {"result": label}}
        for at, label in enumerate(labels)
    ]
    return said(200, {"items": items, "has_more": more})


def often(times: int) -> Callable[[], bool]:
    """Patience for so many waits."""
    left = iter(range(times))
    return lambda: next(left, None) is not None


def test_an_aggregation_is_started_once_followed_and_read_page_by_page(toloka, pool, store):
    toloka.answer(START, operation("PENDING"))
    toloka.answer(LOOK, operation("PENDING"), operation("RUNNING"), operation("SUCCESS"))
    toloka.answer(READ, solutions("cat", "dog", more=True), solutions("cat", first=3))
    labels = pool.labels(often(5))
    assert labels == [TaskLabel("t1", "cat", 0.75), TaskLabel("t2", "dog", 0.75), TaskLabel("t3", "cat", 0.75)]
    assert toloka.count(START) == 1
    first, second = [each for each in toloka.seen if each.startswith(READ)]
    assert "sort=task_id" in first
    assert "limit=100000" in first
    assert "task_id_gt=t2" in second
    assert store.notes()["aggregation:77:result"] == ""


def test_what_is_asked_for_is_dawid_skene_of_one_field(toloka, pool):
    bodies: list[bytes] = []
    toloka.answer(START, operation("SUCCESS"))
    toloka.answer(LOOK, operation("SUCCESS"))
    toloka.answer(READ, solutions())
    pool.gateway.client._session_for_thread(0).event_hooks["request"].append(
        lambda request: bodies.append(request.read())
    )
    assert pool.labels(often(0)) == []
    assert b'"type":"DAWID_SKENE"' in bodies[0].replace(b" ", b"")
    assert b'"fields":[{"name":"result"}]' in bodies[0].replace(b" ", b"")


def test_every_kind_of_value_is_a_label_and_none_is_none(toloka, pool):
    toloka.answer(START, operation("SUCCESS"))
    toloka.answer(LOOK, operation("SUCCESS"))
    toloka.answer(READ, solutions(True, 3, None, ["a"]))
    assert [(each.task_id, each.label) for each in pool.labels(often(0))] == [
        ("t1", "true"),
        ("t2", "3"),
        ("t4", '["a"]'),
    ]


@pytest.mark.parametrize("death", [LOOK, READ])
def test_a_restart_follows_the_operation_that_was_started(toloka, gateway, store, death):
    toloka.answer(START, operation("RUNNING"))
    toloka.answer(LOOK, *([operation("SUCCESS")] if death == READ else []))
    toloka.answer(death, Answer(reset=True))
    with pytest.raises(TolokaTrouble):
        PlatformAggregation(store, gateway, "77", "result").labels(often(3))
    toloka.answer(LOOK, operation("SUCCESS"))
    toloka.answer(READ, solutions("cat"))
    assert len(PlatformAggregation(store, gateway, "77", "result").labels(often(3))) == 1
    assert toloka.count(START) == 1


def test_an_operation_that_takes_too_long_is_left_and_followed_the_next_time(toloka, pool):
    toloka.answer(START, operation("RUNNING"))
    toloka.answer(LOOK, *[operation("RUNNING")] * 3)
    with pytest.raises(StillAggregating, match="op-1") as caught:
        pool.labels(often(2))
    assert caught.value.temporary
    toloka.answer(LOOK, operation("SUCCESS"))
    toloka.answer(READ, solutions("cat"))
    assert len(pool.labels(often(0))) == 1
    assert toloka.count(START) == 1


def test_what_was_read_is_aggregated_anew_the_next_time(toloka, pool):
    for number in (1, 2):
        toloka.answer(START, operation("SUCCESS", f"op-{number}"))
        toloka.answer(LOOK, operation("SUCCESS"))
        toloka.answer(READ, solutions("cat"))
        pool.labels(often(0))
    assert toloka.count(START) == 2
    assert toloka.count(f"{READ}op-2") == 1


def test_an_operation_that_toloka_forgot_is_started_anew(toloka, pool, store):
    store.write_note("aggregation:77:result", "op-old")
    toloka.answer(f"{LOOK}op-old", refusal(404, "DOES_NOT_EXIST"))
    toloka.answer(START, operation("SUCCESS"))
    toloka.answer(LOOK, operation("SUCCESS"))
    toloka.answer(READ, solutions("cat"))
    assert len(pool.labels(often(0))) == 1


def test_an_operation_that_failed_is_told_and_not_followed_again(toloka, pool, store):
    toloka.answer(START, operation("RUNNING"))
    toloka.answer(LOOK, operation("FAIL"))
    with pytest.raises(NotAggregated, match="op-1 ended as FAIL"):
        pool.labels(often(1))
    assert store.notes()["aggregation:77:result"] == ""


@pytest.mark.parametrize("at", [START, READ])
def test_a_quota_that_is_used_up_is_told_in_one_line(toloka, pool, store, at):
    toloka.answer(START, *([operation("SUCCESS")] if at == READ else []))
    toloka.answer(LOOK, operation("SUCCESS"))
    toloka.answer(at, refusal(429, "TOO_MANY_REQUESTS", payload={"interval": "HOUR"}))
    with pytest.raises(QuotaUsedUp, match=r"5 times a minute, 30 an hour and 200 a day.*3600 s") as caught:
        pool.labels(often(1))
    assert "\n" not in str(caught.value)
    assert caught.value.temporary
    assert store.notes().get("aggregation:77:result", "") == ("op-1" if at == READ else "")


def test_other_fields_and_pools_have_operations_of_their_own(toloka, gateway, store):
    store.write_note("aggregation:77:other", "op-other")
    store.write_note("aggregation:78:result", "op-elsewhere")
    toloka.answer(START, operation("SUCCESS"))
    toloka.answer(f"{LOOK}op-1", operation("SUCCESS"))
    toloka.answer(READ, solutions())
    PlatformAggregation(store, gateway, "77", "result").labels(often(0))
    assert toloka.count(START) == 1
