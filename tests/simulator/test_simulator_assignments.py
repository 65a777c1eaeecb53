from decimal import Decimal

import httpx
import pytest
import toloka.client as toloka
from simulated import Bench, serving, world
from toloka.client.exceptions import IncorrectActionsApiError

from simulator.crowd.performers import Crowd

AUTH = {"Authorization": "OAuth token"}


def outlined(bench: Bench, count: int = 3, **settings: object) -> list[toloka.Assignment]:
    pool = bench.outlining(**settings)
    bench.fill(pool, count)
    bench.client.open_pool(pool.id)
    bench.run(2)
    return list(bench.client.get_assignments(pool_id=pool.id))


def test_a_submitted_page_has_its_tasks_and_solutions(bench):
    page = outlined(bench)[0]
    assert bench.client.get_assignment(page.id) == page
    assert (page.status, page.reward, page.accepted) == (toloka.Assignment.SUBMITTED, Decimal("0.01"), None)
    assert page.tasks[0].input_values["image"].startswith(bench.url)
    assert {"nothing"} <= set(page.solutions[0].output_values) <= {"nothing", "result"}
    assert (page.submitted - page.created).total_seconds() >= 21


def test_a_page_tells_whom_its_tasks_were_kept_from(bench):
    pool = bench.outlining()
    away = sorted(person.id for person in bench.world.state.crowd.people())[:5]
    inputs = {"image": f"{bench.url}/files/a.jpg"}
    task = toloka.Task(pool_id=pool.id, input_values=inputs, overlap=1, unavailable_for=away)
    bench.client.create_task(task)
    bench.client.open_pool(pool.id)
    bench.run(2)
    (page,) = bench.client.get_assignments(pool_id=pool.id)
    assert sorted(page.tasks[0].unavailable_for) == away
    assert page.user_id not in away


def test_reviews_are_read_back(bench):
    one, other, _ = outlined(bench)
    bench.client.accept_assignment(one.id, "Thank you")
    bench.client.reject_assignment(other.id, "Not tight")
    read = bench.client.get_assignment(one.id)
    assert (read.status, read.public_comment) == (toloka.Assignment.ACCEPTED, "Thank you")
    assert read.accepted.timestamp() == bench.world.now
    assert bench.client.get_assignment(other.id).status == toloka.Assignment.REJECTED
    statuses = ["ACCEPTED", "REJECTED"]
    found = bench.client.get_assignments(pool_id=one.pool_id, status=statuses)
    assert {page.id for page in found} == {one.id, other.id}


def test_a_page_is_reviewed_once_and_only_a_refusal_can_be_taken_back(bench):
    one, other, _ = outlined(bench)
    bench.client.accept_assignment(one.id, "")
    for act in (bench.client.accept_assignment, bench.client.reject_assignment):
        with pytest.raises(IncorrectActionsApiError) as caught:
            act(one.id, "again")
        assert caught.value.status_code == 409
    assert caught.value.payload == {"appropriate_statuses": ["SUBMITTED"]}
    bench.client.reject_assignment(other.id, "")
    assert bench.client.accept_assignment(other.id, "Sorry").status == toloka.Assignment.ACCEPTED


def test_a_review_of_nonsense_is_refused(bench):
    page = outlined(bench)[0]
    answer = httpx.patch(
        f"{bench.url}/api/v1/assignments/{page.id}",
        json={"status": "SKIPPED", "public_comment": "x" * 2049, "reward": 5},
        headers=AUTH,
    )
    assert set(answer.json()["payload"]) == {"status", "public_comment", "reward"}


def test_the_platform_accepts_after_the_review_period(bench):
    page = outlined(bench, 1)[0]
    assert bench.world.next_event_at() is None
    assert bench.world.next_deadline_at() == page.submitted.timestamp() + 86_400
    bench.world.advance(page.submitted.timestamp() + 86_399)
    assert bench.client.get_assignment(page.id).status == toloka.Assignment.SUBMITTED
    bench.world.advance(page.submitted.timestamp() + 86_400)
    read = bench.client.get_assignment(page.id)
    assert (read.accepted - read.submitted).total_seconds() == 86_400


def test_automatic_acceptance_is_at_the_moment_of_submission(bench):
    page = outlined(bench, 1, auto_accept_solutions=True)[0]
    assert page.status == toloka.Assignment.ACCEPTED
    assert page.accepted == page.submitted


def test_pages_are_found_by_task_suite_user_and_time(bench):
    page = min(outlined(bench, 5), key=lambda page: page.submitted)
    client = bench.client
    for query in (
        {"task_id": page.tasks[0].id},
        {"task_suite_id": page.task_suite_id},
        {"pool_id": page.pool_id, "submitted_lte": page.submitted},
        {"pool_id": page.pool_id, "user_id": page.user_id, "created_gte": page.created, "created_lte": page.created},
    ):
        assert [found.id for found in client.get_assignments(**query)] == [page.id]
    assert httpx.get(f"{bench.url}/api/v1/assignments?status=SUBMITTED", headers=AUTH).status_code == 400
    everywhere = httpx.get(f"{bench.url}/api/v1/assignments?task_suite_id=404", headers=AUTH).json()
    assert everywhere == {"items": [], "has_more": False}


def test_an_expired_page_ends_at_its_deadline_without_solutions():
    with serving(world(Crowd(skip=0.0, expire=1.0))) as bench:
        pages = outlined(bench, 1)
        expired = [page for page in pages if page.expired]
        assert expired
        assert all((page.expired - page.created).total_seconds() == 1200 for page in expired)
        assert all(page.solutions is None for page in pages)
