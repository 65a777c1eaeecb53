import pytest
import toloka.client as toloka
from simulated import Bench, serving, world
from toloka.client.exceptions import ApiError, ValidationApiError

from simulator.crowd.performers import Crowd


def taken(bench: Bench, task_id: str) -> tuple[int, int]:
    task = bench.client.get_task(task_id)
    return task.overlap, task.remaining_overlap


def test_places_are_taken_at_issue_and_raised_by_a_patch(bench):
    pool = bench.outlining()
    task = bench.fill(pool, 1, overlap=2)[0]
    bench.client.open_pool(pool.id)
    bench.run()
    assert taken(bench, task.id) == (2, 0)
    bench.client.patch_task(task.id, toloka.task.TaskPatch(overlap=5))
    assert taken(bench, task.id) == (5, 3)
    bench.client.open_pool(pool.id)
    bench.run()
    assert taken(bench, task.id) == (5, 0)
    users = [page.user_id for page in bench.client.get_assignments(pool_id=pool.id)]
    assert len(users) == len(set(users)) == 5


def test_overlap_below_what_was_issued_is_a_conflict_or_the_least_possible(bench):
    pool = bench.outlining()
    task = bench.fill(pool, 1, overlap=3)[0]
    bench.client.open_pool(pool.id)
    bench.run()
    with pytest.raises(ApiError) as caught:
        bench.client.patch_task(task.id, toloka.task.TaskPatch(overlap=1))
    assert caught.value.code == "ASSIGNMENTS_COUNT_CONFLICT"
    bench.client.patch_task_overlap_or_min(task.id, toloka.task.TaskOverlapPatch(overlap=0))
    assert taken(bench, task.id) == (3, 0)


def test_overlap_zero_stops_a_task_that_nobody_took(bench):
    task = bench.fill(bench.outlining(), 1)[0]
    bench.client.patch_task_overlap_or_min(task.id, toloka.task.TaskOverlapPatch(overlap=0))
    assert taken(bench, task.id) == (0, 0)


def test_an_overlap_becomes_endless_and_ends_again(bench):
    pool = bench.outlining()
    task = bench.fill(pool, 1, overlap=1)[0]
    endless = bench.client.patch_task(task.id, toloka.task.TaskPatch(infinite_overlap=True))
    assert (endless.overlap, endless.infinite_overlap, endless.remaining_overlap) == (None, True, None)
    bench.client.open_pool(pool.id)
    bench.run()
    done = len(list(bench.client.get_assignments(pool_id=pool.id)))
    assert done > 20
    assert bench.client.get_pool(pool.id).is_open()
    with pytest.raises(ApiError):
        bench.client.patch_task(task.id, toloka.task.TaskPatch(overlap=1))
    assert bench.client.patch_task(task.id, toloka.task.TaskPatch(overlap=done)).remaining_overlap == 0
    bench.run()
    assert bench.client.get_pool(pool.id).last_close_reason == toloka.Pool.CloseReason.COMPLETED


def test_a_task_is_taken_away_by_setting_it_to_zero_before_anybody_has_it(bench):
    pool = bench.outlining()
    tasks = bench.fill(pool, 5)
    with pytest.raises(ValidationApiError):
        bench.client.patch_task(tasks[2].id, toloka.task.TaskPatch(overlap=0))
    bench.client.patch_task_overlap_or_min(tasks[2].id, toloka.task.TaskOverlapPatch(overlap=0))
    bench.client.open_pool(pool.id)
    bench.run()
    done = {page.tasks[0].id for page in bench.client.get_assignments(pool_id=pool.id)}
    assert done == {task.id for task in tasks} - {tasks[2].id}
    assert bench.client.get_pool(pool.id).last_close_reason == toloka.Pool.CloseReason.COMPLETED


def test_a_pool_whose_tasks_were_all_taken_away_is_complete(bench):
    pool = bench.outlining(auto_close_after_complete_delay_seconds=60)
    tasks = bench.fill(pool, 3)
    bench.client.open_pool(pool.id)
    for task in tasks:
        bench.client.patch_task_overlap_or_min(task.id, toloka.task.TaskOverlapPatch(overlap=0))
    bench.run()
    read = bench.client.get_pool(pool.id)
    assert (read.last_stopped - read.last_started).total_seconds() == 60
    assert list(bench.client.get_assignments(pool_id=pool.id)) == []


@pytest.mark.parametrize(
    ("crowd", "status"), [(Crowd(skip=0.5, expire=0.0), "SKIPPED"), (Crowd(skip=0.0, expire=0.5), "EXPIRED")]
)
def test_skipped_and_expired_pages_give_their_places_back(crowd, status):
    with serving(world(crowd)) as bench:
        pool = bench.outlining()
        tasks = bench.fill(pool, 20)
        bench.client.open_pool(pool.id)
        bench.run(48)
        pages = list(bench.client.get_assignments(pool_id=pool.id))
        counts = {s: sum(page.status.value == s for page in pages) for s in ("ACCEPTED", "SUBMITTED", status)}
        assert counts["ACCEPTED"] + counts["SUBMITTED"] == 20
        assert counts[status] > 5
        assert {taken(bench, task.id) for task in tasks} == {(1, 0)}


def test_the_same_overlap_again_changes_nothing(bench):
    task = bench.fill(bench.outlining(), 1)[0]
    bench.client.patch_task(task.id, toloka.task.TaskPatch(overlap=4))
    before = bench.world.history()
    bench.client.patch_task(task.id, toloka.task.TaskPatch(overlap=4))
    assert bench.world.history() == before
