from itertools import pairwise

import pytest
import toloka.client as toloka
from simulated import HOUR, START, Bench, serving, world

from simulator.crowd.performers import Crowd


def worked(bench: Bench, pool: toloka.Pool, count: int, **fields: object) -> list[toloka.Assignment]:
    bench.fill(pool, count, **fields)
    bench.client.open_pool(pool.id)
    while (moment := bench.world.next_event_at()) is not None:
        bench.world.advance(moment)
    return list(bench.client.get_assignments(pool_id=pool.id))


def seconds(pages: list[toloka.Assignment]) -> list[float]:
    return sorted((page.submitted - page.created).total_seconds() for page in pages if page.submitted)


@pytest.fixture(scope="module")
def outlined() -> list[toloka.Assignment]:
    with serving(world(Crowd())) as bench:
        return worked(bench, bench.outlining(), 364)


def test_sixty_people_outline_364_pictures_within_a_few_hours(outlined):
    done = [page for page in outlined if page.submitted]
    assert len(done) == 364
    assert max(page.submitted for page in done).timestamp() < START + 8 * HOUR
    assert len({page.user_id for page in done}) >= 20


def test_careful_outliners_take_more_than_the_rule_allows_and_less_than_two_minutes(outlined):
    assert seconds(outlined)[0] >= 21
    assert seconds(outlined)[-1] <= 120


def test_some_pages_are_skipped_and_some_run_out_of_time(outlined):
    statuses = [page.status.value for page in outlined]
    assert 0 < statuses.count("SKIPPED") < 30
    assert 0 < statuses.count("EXPIRED") < 20


def test_nobody_works_on_two_pages_at_once(outlined):
    for user_id in {page.user_id for page in outlined}:
        own = sorted((page for page in outlined if page.user_id == user_id), key=lambda page: page.created)
        ends = [page.submitted or page.skipped or page.expired for page in own]
        assert all(end < page.created for end, page in zip(ends, own[1:], strict=False))


def test_questions_take_their_seconds_each():
    with serving(world(Crowd(seconds_per_task=10.0, skip=0.0, expire=0.0))) as bench:
        pages = worked(bench, bench.checking(), 100, overlap=3)
        full = seconds([page for page in pages if len(page.tasks) == 10])
        assert 42 <= full[0] < full[-1] <= 182


def test_people_who_heard_of_work_come_after_about_two_minutes():
    with serving() as bench:
        pages = worked(bench, bench.outlining(), 15)
        first = sorted(page.created.timestamp() - START for page in pages)
        assert 0 < first[0] < 60
        assert first[-1] < 600


def test_no_page_is_submitted_after_its_deadline():
    with serving(world(Crowd(seconds_per_task=500.0, skip=0.0, expire=0.0))) as bench:
        pages = worked(bench, bench.checking(), 20)
        assert {page.status.value for page in pages} == {"ACCEPTED"}
        assert seconds(pages)[-1] <= 0.9 * 1200


def test_people_go_away_after_a_while_and_come_back():
    with serving(world(Crowd(performers=8, skip=0.0, expire=0.0))) as bench:
        pages = worked(bench, bench.outlining(), 300)
        assert len(pages) == 300
        own = sorted(page.created.timestamp() for page in pages if page.user_id == pages[0].user_id)
        gaps = [later - earlier for earlier, later in pairwise(own)]
        assert any(gap > 1200 for gap in gaps)
        assert all(gap < 3 * HOUR for gap in gaps)
