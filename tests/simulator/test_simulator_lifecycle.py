from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import toloka.client as toloka
from simulated import Bench, serving, world
from toloka.client.exceptions import ApiError, IncorrectActionsApiError


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


def test_a_pool_closed_for_an_update_opens_by_itself_a_quarter_of_an_hour_later(bench):
    pool = opened(bench, bench.outlining(), 50)
    closed = bench.client.close_pool_for_update(pool.id)
    assert (closed.status, closed.last_close_reason) == (toloka.Pool.Status.CLOSED, toloka.Pool.CloseReason.FOR_UPDATE)
    assert bench.client.close_pool_for_update_async(pool.id) is None
    bench.run(0.2)
    assert bench.client.get_pool(pool.id).is_closed()
    bench.run(0.1)
    read = bench.client.get_pool(pool.id)
    assert read.is_open()
    assert read.last_started - read.last_stopped == timedelta(minutes=15)


def test_a_pool_closed_for_an_update_opens_again_whatever_is_against_it(bench):
    end = datetime.fromtimestamp(bench.world.now + 600, UTC)
    pool = opened(bench, bench.outlining(will_expire=end), 50)
    bench.client.close_pool_for_update(pool.id)
    bench.run(1)
    read = bench.client.get_pool(pool.id)
    assert read.last_close_reason == toloka.Pool.CloseReason.EXPIRED
    assert read.last_stopped == read.last_started == end + timedelta(minutes=5)


def test_a_pool_closed_for_an_update_and_then_by_hand_stays_closed(bench):
    pool = opened(bench, bench.outlining(), 50)
    bench.client.close_pool_for_update(pool.id)
    assert bench.client.close_pool_async(pool.id) is None
    bench.run(1)
    read = bench.client.get_pool(pool.id)
    assert (read.is_closed(), read.last_close_reason) == (True, toloka.Pool.CloseReason.MANUAL)


def test_a_pool_opened_and_closed_by_hand_meanwhile_stays_as_it_is(bench):
    pool = opened(bench, bench.outlining(), 50)
    bench.client.close_pool_for_update(pool.id)
    bench.client.open_pool(pool.id)
    bench.client.close_pool(pool.id)
    assert refused(lambda: bench.client.close_pool_for_update(pool.id)) == "INAPPROPRIATE_STATUS"
    bench.run(1)
    assert bench.client.get_pool(pool.id).is_closed()


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


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(ApiError) as caught:
        act()
    assert caught.value.status_code == 409
    return caught.value.code


def test_a_pool_is_archived_when_closed_and_all_its_work_is_reviewed(bench):
    pool = opened(bench, bench.outlining(), 5)

    def archive() -> toloka.Pool:
        return bench.client.archive_pool(pool.id)

    assert refused(archive) == "INAPPROPRIATE_STATUS"
    while not list(bench.client.get_assignments(pool_id=pool.id, status="ACTIVE")):
        bench.world.advance(bench.world.now + 5)
    bench.client.close_pool(pool.id)
    assert refused(archive) == "THERE_IS_ACTIVE_ASSIGNMENT"
    bench.run(1)
    assert refused(archive) == "SUBMITTED_ASSIGNMENTS_CONFLICT"
    for page in bench.client.get_assignments(pool_id=pool.id):
        bench.client.accept_assignment(page.id, "")
    assert archive().is_archived()
    assert bench.client.archive_pool_async(pool.id) is None
    assert [each.id for each in bench.client.get_pools(status="ARCHIVED")] == [pool.id]


def test_a_pool_with_refused_work_is_kept_nine_days_for_appeals(bench):
    pool = opened(bench, bench.outlining(), 1)
    bench.run(1)
    page = next(iter(bench.client.get_assignments(pool_id=pool.id)))
    bench.client.reject_assignment(page.id, "no")
    bench.run(24 * 9 - 0.1)
    assert refused(lambda: bench.client.archive_pool(pool.id)) == "THERE_IS_REJECTED_ASSIGNMENT"
    bench.run(0.2)
    assert bench.client.archive_pool(pool.id).is_archived()
    assert refused(lambda: bench.client.accept_assignment(page.id, "yes")) == "INAPPROPRIATE_STATUS"


def test_a_pool_is_archived_by_itself_after_thirty_days_without_use(bench):
    unused, other = bench.outlining(), bench.checking()
    bench.run(24 * 20)
    bench.fill(other, 1)
    bench.run(24 * 10 - 1)
    assert bench.client.get_pool(unused.id).is_closed()
    bench.run(2)
    assert [bench.client.get_pool(each.id).status.value for each in (unused, other)] == ["ARCHIVED", "CLOSED"]
    (line,) = (line for line in bench.world.history() if line["kind"] == "POOL_ARCHIVED")
    assert (line["id"], line["reason"]) == (unused.id, "UNUSED")
    bench.client.open_pool(other.id)
    bench.run(24 * 29)
    assert bench.client.get_pool(other.id).is_closed()
    bench.run(24 * 2)
    assert bench.client.get_pool(other.id).is_archived()


def test_an_open_pool_and_one_with_unreviewed_work_are_not_archived_by_themselves(bench):
    endless, waiting = bench.checking(), opened(bench, bench.outlining(auto_accept_period_day=21), 1)
    opened(bench, endless)
    bench.client.patch_task(next(bench.client.get_tasks(pool_id=endless.id)).id, overlap=1000)
    bench.run(24 * 45)
    assert bench.client.get_pool(endless.id).is_open()
    assert bench.client.get_pool(waiting.id).is_closed()
    bench.run(24 * 7)
    assert bench.client.get_pool(waiting.id).is_archived()


def test_an_archived_pool_can_only_be_read(bench):
    pool = bench.outlining()
    task = bench.fill(pool, 1)[0]
    archived = bench.client.archive_pool(pool.id)
    attempts = [
        lambda: bench.client.open_pool(pool.id),
        lambda: bench.client.close_pool(pool.id),
        lambda: bench.client.update_pool(pool.id, pool),
        lambda: bench.client.patch_pool(pool.id, priority=3),
        lambda: bench.fill(pool, 1),
        lambda: bench.client.patch_task(task.id, toloka.task.TaskPatch(overlap=4)),
    ]
    assert {refused(attempt) for attempt in attempts} == {"INAPPROPRIATE_STATUS"}
    assert bench.client.get_pool(pool.id) == archived
    assert bench.client.get_task(task.id).overlap == 1
