from collections import Counter

import pytest
import toloka.client as toloka
from simulated import Bench, serving, world
from toloka.client.pool.mixer_config import MixerConfig

from simulator.performers import Crowd


def mixer(real: int, **settings: object) -> MixerConfig:
    return MixerConfig(real_tasks_count=real, golden_tasks_count=0, training_tasks_count=0, **settings)


def pages(bench: Bench, pool: toloka.Pool) -> list[toloka.Assignment]:
    return sorted(bench.client.get_assignments(pool_id=pool.id), key=lambda page: (page.created, page.id))


def test_nobody_gets_a_task_twice_and_every_task_gets_its_overlap():
    with serving(world(Crowd(skip=0.1, expire=0.0))) as bench:
        pool = bench.checking()
        tasks = bench.fill(pool, 40, overlap=5)
        bench.client.open_pool(pool.id)
        bench.run()
        seen = Counter((page.user_id, task.id) for page in pages(bench, pool) for task in page.tasks)
        assert set(seen.values()) == {1}
        done = Counter(task.id for page in pages(bench, pool) if page.solutions for task in page.tasks)
        assert done == {task.id: 5 for task in tasks}


def test_pages_are_full_in_order_of_creation_until_the_last(bench):
    pool = bench.checking()
    tasks = bench.fill(pool, 25, overlap=1)
    bench.client.open_pool(pool.id)
    bench.run()
    found = pages(bench, pool)
    assert [len(page.tasks) for page in found] == [10, 10, 5]
    assert [task.id for page in found for task in page.tasks] == sorted(task.id for task in tasks)
    assert (found[-1].created - found[1].created).total_seconds() >= 60


def test_a_short_page_waits_for_its_delay_after_supply(bench):
    pool = bench.checking(mixer_config=mixer(10, force_last_assignment=True, force_last_assignment_delay_seconds=900))
    bench.fill(pool, 3, overlap=1)
    bench.client.open_pool(pool.id)
    bench.world.advance(bench.world.now + 600)
    bench.fill(pool, 3, overlap=1)
    bench.world.advance(bench.world.now + 899)
    assert pages(bench, pool) == []
    bench.run(1)
    assert [len(page.tasks) for page in pages(bench, pool)] == [6]


def test_without_force_a_rest_stays(bench):
    pool = bench.checking(mixer_config=mixer(10, force_last_assignment=False))
    bench.fill(pool, 13, overlap=1)
    bench.client.open_pool(pool.id)
    bench.run()
    assert [len(page.tasks) for page in pages(bench, pool)] == [10]
    assert bench.client.get_pool(pool.id).is_open()
    assert bench.world.next_event_at() is None


def test_a_task_is_never_shown_to_those_it_is_kept_from_and_reserved_ones_only_to_theirs():
    with serving(world(Crowd(performers=8, skip=0.0, expire=0.0))) as bench:
        everybody = [person.id for person in Crowd(performers=8).people()]
        pool = bench.outlining()
        kept = bench.fill(pool, 1, overlap=3, unavailable_for=everybody[:5])[0]
        own = bench.fill(pool, 1, overlap=2, reserved_for=everybody[:2])[0]
        bench.client.open_pool(pool.id)
        bench.run()
        users = {
            task.id: {page.user_id for page in bench.client.get_assignments(task_id=task.id)} for task in (kept, own)
        }
        assert users == {kept.id: set(everybody[5:]), own.id: set(everybody[:2])}


def test_about_half_of_the_people_like_a_project_and_outliners_are_mostly_not_verifiers():
    with serving(world(Crowd(performers=60, skip=0.0, expire=0.0))) as bench:
        users = []
        for pool in (bench.outlining(), bench.checking()):
            bench.fill(pool, 400, overlap=1)
            bench.client.open_pool(pool.id)
            bench.run(24)
            users.append({page.user_id for page in pages(bench, pool)})
        assert 15 <= len(users[0]) <= 45
        assert len(users[0] & users[1]) < len(users[0]) * 0.7


@pytest.mark.parametrize("languages", [("DE",), ("EN", "DE")])
def test_the_language_filter_lets_in_those_who_speak_it(languages):
    with serving(world(Crowd(languages=languages, skip=0.0, expire=0.0))) as bench:
        pool = bench.outlining()
        bench.fill(pool, 1)
        bench.client.open_pool(pool.id)
        bench.run()
        assert len(pages(bench, pool)) == ("EN" in languages)
