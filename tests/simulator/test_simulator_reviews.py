"""What a verdict on a page brings about before it is answered."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import toloka.client as toloka
from ruled import pages_of, rules, work
from simulated import Bench, serving, world
from toloka.client import actions, collectors, conditions
from toloka.client.exceptions import ApiError

from simulator.crowd.performers import Crowd

AGAIN = actions.ChangeOverlap(delta=1, open_pool=True)
REJECTED = [conditions.AssessmentEvent == conditions.AssessmentEvent.REJECT]


@pytest.fixture
def two() -> Iterator[Bench]:
    """A world of two performers."""
    with serving(world(Crowd(performers=2, skip=0.0, expire=0.0))) as made:
        yield made


def outlined(bench: Bench, count: int, *each: tuple[Any, Any], **fields: Any) -> toloka.Pool:
    """A pool with rules of assessment, worked in."""
    pool = bench.outlining(**rules(*((collectors.AssignmentsAssessment(), when, act) for when, act in each)))
    bench.fill(pool, count, **fields)
    work(bench, pool)
    return pool


def overlaps(bench: Bench, pages: list[toloka.Assignment]) -> list[int]:
    return [bench.client.get_task(page.tasks[0].id).overlap for page in pages]


@pytest.mark.parametrize(
    ("event", "refuse", "accept"),
    [("ACCEPT", False, True), ("REJECT", True, False), ("ACCEPT_AFTER_REJECT", True, True)],
)
def test_each_event_is_the_change_of_its_page(bench, event, refuse, accept):
    only = [conditions.AssessmentEvent == event]
    pool = outlined(bench, 2, (only, actions.ChangeOverlap(delta=3, open_pool=False)))
    page, other = pages_of(bench, pool)
    if refuse:
        bench.client.reject_assignment(page.id, "no")
    if accept:
        bench.client.accept_assignment(page.id, "yes")
    assert overlaps(bench, [page, other]) == [4, 1]
    assert bench.client.get_pool(pool.id).is_closed()


def test_pages_of_a_suite_are_counted_by_status(bench):
    counted = [
        conditions.PendingAssignmentsCount == 0,
        conditions.AcceptedAssignmentsCount == 1,
        conditions.RejectedAssignmentsCount == 0,
    ]
    pool = outlined(bench, 2, (counted, AGAIN))
    accepted, rejected = pages_of(bench, pool)
    bench.client.reject_assignment(rejected.id, "no")
    assert overlaps(bench, [accepted, rejected]) == [1, 1]
    bench.client.accept_assignment(accepted.id, "yes")
    assert overlaps(bench, [accepted, rejected]) == [2, 1]


def test_an_accepted_page_can_stop_what_is_asked(two):
    """Five answers were wanted of which two are there; the accepted one is enough, and what is there stays."""
    pool = outlined(
        two, 1, ([conditions.AssessmentEvent == "ACCEPT"], actions.ChangeOverlap(delta=-4, open_pool=False)), overlap=5
    )
    first, second = pages_of(two, pool)
    assert two.client.get_pool(pool.id).is_open()
    two.client.accept_assignment(first.id, "yes")
    assert overlaps(two, [first]) == [2]
    assert two.client.get_assignment(second.id).status == toloka.Assignment.SUBMITTED
    two.run(1)
    assert two.client.get_pool(pool.id).last_close_reason == toloka.Pool.CloseReason.COMPLETED


def test_what_the_platform_accepts_by_itself_is_assessed(bench):
    pool = outlined(
        bench, 2, ([conditions.AssessmentEvent == "ACCEPT"], actions.ChangeOverlap(delta=1, open_pool=False))
    )
    bench.run(30)
    pages = pages_of(bench, pool)
    assert {page.status.value for page in pages} == {"ACCEPTED"}
    assert overlaps(bench, pages) == [2, 2]


Act = Callable[[toloka.Assignment], Any]


def at_the_same_time(bench: Bench, act: Act, pages: list[toloka.Assignment]) -> list[Any]:
    """What each act comes to, all begun at once; the client has a connection for each thread, which it never closes."""
    together = Barrier(len(pages))

    def begin(page: toloka.Assignment) -> Any:
        together.wait()
        try:
            return act(page)
        finally:
            bench.client._session.close()

    with ThreadPoolExecutor(len(pages)) as threads:
        return list(threads.map(begin, pages))


def test_refusals_at_the_same_time_each_find_their_page_asked_again_and_the_pool_open(bench):
    pool = outlined(bench, 12, (REJECTED, AGAIN))
    pages = pages_of(bench, pool)
    assert bench.client.get_pool(pool.id).is_closed()

    def refuse(page: toloka.Assignment) -> tuple[bool, int]:
        bench.client.reject_assignment(page.id, "no")
        return bench.client.get_pool(pool.id).is_open(), overlaps(bench, [page])[0]

    assert at_the_same_time(bench, refuse, pages) == [(True, 2)] * 12
    opened = [line for line in bench.world.history() if line["kind"] == "POOL_OPENED"]
    assert len(opened) == 2
    bench.run(3)
    again = pages_of(bench, pool, status="SUBMITTED")
    assert {page.tasks[0].id for page in again} == {page.tasks[0].id for page in pages}


def test_one_of_two_refusals_of_a_page_at_the_same_time_is_done(bench):
    pool = outlined(bench, 1, (REJECTED, AGAIN))
    (page,) = pages_of(bench, pool)

    def refuse(page: toloka.Assignment) -> str:
        try:
            return str(bench.client.reject_assignment(page.id, "no").status.value)
        except ApiError as refused:
            return str(refused.code)

    assert sorted(at_the_same_time(bench, refuse, [page] * 4)) == ["INAPPROPRIATE_STATUS"] * 3 + ["REJECTED"]
    assert overlaps(bench, [page]) == [2]


def suited(bench: Bench, *each: tuple[Any, Any], overlap: int) -> tuple[toloka.Pool, toloka.TaskSuite]:
    """A pool of one suite of two tasks, with rules of assessment, worked in."""
    control = rules(*((collectors.AssignmentsAssessment(), when, act) for when, act in each))
    pool = bench.outlining(mixer_config=None, **control)
    questions = [toloka.task.BaseTask(input_values={"image": f"{bench.url}/files/{n}.png"}) for n in range(2)]
    suite = bench.client.create_task_suite(toloka.TaskSuite(pool_id=pool.id, tasks=questions, overlap=overlap))
    work(bench, pool)
    return pool, suite


def test_a_refused_suite_is_given_to_others_as_a_whole(bench):
    pool, suite = suited(bench, (REJECTED, AGAIN), overlap=1)
    (page,) = pages_of(bench, pool)
    bench.client.reject_assignment(page.id, "no")
    assert bench.client.get_pool(pool.id).is_open()
    assert bench.client.get_task_suite(suite.id).overlap == 2
    bench.run(3)
    assert [len(each.tasks) for each in pages_of(bench, pool)] == [2, 2]
    assert len({each.user_id for each in pages_of(bench, pool)}) == 2


def test_the_pages_of_a_suite_are_counted_together(two):
    """Of two pages the second that is accepted stops the suite, of which three more were wanted."""
    both = [conditions.AcceptedAssignmentsCount == 2, conditions.PendingAssignmentsCount == 0]
    pool, suite = suited(two, (both, actions.ChangeOverlap(delta=-3, open_pool=False)), overlap=5)
    first, second = pages_of(two, pool)
    two.client.accept_assignment(first.id, "yes")
    assert two.client.get_task_suite(suite.id).overlap == 5
    two.client.accept_assignment(second.id, "yes")
    assert two.client.get_task_suite(suite.id).overlap == 2
