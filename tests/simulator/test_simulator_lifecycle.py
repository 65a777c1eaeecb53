from datetime import UTC, datetime, timedelta

import pytest
import toloka.client as toloka
from simulated import Bench, serving, world
from toloka.client.exceptions import IncorrectActionsApiError


def opened(bench: Bench, pool: toloka.Pool, count: int = 3) -> toloka.Pool:
    bench.fill(pool, count)
    return bench.client.open_pool(pool.id)


def test_a_complete_pool_closes_after_its_delay(bench):
    pool = opened(bench, bench.outlining(auto_close_after_complete_delay_seconds=300))
    bench.run()
    last = max(page.submitted for page in bench.client.get_assignments(pool_id=pool.id))
    read = bench.client.get_pool(pool.id)
    assert read.last_close_reason == toloka.Pool.CloseReason.COMPLETED
    assert read.last_stopped - last == timedelta(seconds=300)


def test_new_work_within_the_delay_keeps_the_pool_open(bench):
    pool = opened(bench, bench.outlining(auto_close_after_complete_delay_seconds=3600), 1)
    while not list(bench.client.get_assignments(pool_id=pool.id, status="SUBMITTED")):
        bench.world.advance(bench.world.now + 60)
    bench.fill(pool, 40)
    bench.run(0.9)
    assert bench.client.get_pool(pool.id).is_open()
    assert len(list(bench.client.get_assignments(pool_id=pool.id))) == 41


def test_a_pool_closed_by_hand_lets_pages_be_finished_and_issues_no_more(bench):
    pool = opened(bench, bench.outlining(), 50)
    while len(list(bench.client.get_assignments(pool_id=pool.id, status="ACTIVE"))) < 2:
        bench.world.advance(bench.world.now + 5)
    before = {page.id for page in bench.client.get_assignments(pool_id=pool.id)}
    assert bench.client.close_pool(pool.id).last_close_reason == toloka.Pool.CloseReason.MANUAL
    bench.run()
    pages = list(bench.client.get_assignments(pool_id=pool.id))
    assert {page.id for page in pages} == before
    assert {page.status for page in pages} == {toloka.Assignment.SUBMITTED}
    assert bench.client.open_pool(pool.id).is_open()
    bench.run()
    assert len(list(bench.client.get_assignments(pool_id=pool.id))) == 50


def test_a_pool_closes_when_it_expires(bench):
    end = datetime.fromtimestamp(bench.world.now + 90, UTC)
    pool = opened(bench, bench.outlining(will_expire=end), 300)
    bench.run()
    read = bench.client.get_pool(pool.id)
    assert (read.last_close_reason, read.last_stopped) == (toloka.Pool.CloseReason.EXPIRED, end)


def test_work_that_the_balance_does_not_cover_is_not_opened():
    with serving(world(balance=0.05)) as bench:
        pool = bench.outlining()
        bench.fill(pool, 4)
        with pytest.raises(IncorrectActionsApiError) as caught:
            bench.client.open_pool(pool.id)
        assert caught.value.code == "NOT_ENOUGH_BALANCE"
        assert bench.client.get_pool(pool.id).is_closed()


def test_a_pool_closes_when_money_runs_out():
    with serving(world(balance=0.05)) as bench:
        pool = opened(bench, bench.outlining(), 3)
        bench.fill(pool, 10)
        bench.run()
        read = bench.client.get_pool(pool.id)
        assert read.last_close_reason == toloka.Pool.CloseReason.NOT_ENOUGH_BALANCE
        assert bench.client.get_requester().balance >= 0
