from collections import Counter
from typing import Any

import blood
import pytest
import toloka.client as toloka
from simulated import Bench, serving, world
from toloka.client.pool.mixer_config import MixerConfig

from simulator.crowd.performers import Crowd
from simulator.crowd.profiles import Profiles


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
    in_order = [sorted(task.id for task in page.tasks) for page in found]
    assert [identity for page in in_order for identity in page] == sorted(task.id for task in tasks)
    assert [[task.id for task in page.tasks] for page in found] != in_order
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
    with serving(
        world(Crowd(profiles=Profiles(languages=dict.fromkeys(languages, 1.0)), skip=0.0, expire=0.0))
    ) as bench:
        pool = bench.outlining()
        bench.fill(pool, 1)
        bench.client.open_pool(pool.id)
        bench.run()
        assert len(pages(bench, pool)) == ("EN" in languages)


def mixed(bench: Bench, real: int, golden: int, **settings: Any) -> toloka.Pool:
    """A pool for pages of three real and two golden tasks, with so many of them, after a day."""
    made = bench.client.create_project(blood.project())
    given: dict[str, Any] = {"real_tasks_count": 3, "golden_tasks_count": 2, "training_tasks_count": 0}
    pool = bench.client.create_pool(blood.pool(made.id, 3, 2, mixer_config=MixerConfig(**(given | settings))))
    for task in blood.tasks(pool.id, real, "real") + blood.tasks(pool.id, golden, "golden"):
        if not task.known_solutions:
            task.overlap = 4
        bench.client.create_task(task, async_mode=False)
        bench.world.advance(bench.world.now + 0.01)
    bench.client.open_pool(pool.id)
    bench.run(24)
    return pool


def kinds(page: toloka.Assignment) -> Counter[str]:
    return Counter("golden" if task.known_solutions else "real" for task in page.tasks)


def test_pages_hold_their_counts_and_nobody_gets_more_than_his_control_tasks_allow(bench):
    """Seven control tasks, two a page: nobody gets a fourth page."""
    pool = mixed(bench, 60, 7, min_golden_tasks_count=2)
    found = pages(bench, pool)
    assert {tuple(sorted(kinds(page).items())) for page in found} == {(("golden", 2), ("real", 3))}
    counts = Counter(page.user_id for page in found)
    assert max(counts.values()) == 3
    seen = Counter((page.user_id, task.id) for page in found for task in page.tasks)
    assert set(seen.values()) == {1}


def test_without_control_tasks_left_there_is_no_page_however_much_is_to_do():
    with serving(world(Crowd(performers=8, skip=0.0, expire=0.0))) as bench:
        pool = mixed(bench, 200, 2)
        assert Counter(Counter(page.user_id for page in pages(bench, pool)).values()) == {1: 8}
        assert bench.client.get_pool(pool.id).is_open()
        assert bench.world.next_event_at() is None
        assert list(bench.world.stranded()) == [pool.id]


def test_fewer_control_tasks_do_where_their_least_number_allows_it(bench):
    pool = mixed(bench, 60, 3, min_golden_tasks_count=1)
    own: dict[str, list[int]] = {}
    for page in pages(bench, pool):
        own.setdefault(page.user_id, []).append(kinds(page)["golden"])
    assert max(own.values(), key=len) == [2, 1]


def test_real_tasks_may_lack_down_to_their_least_number_at_once_and_below_it_by_force(bench):
    forced = {"force_last_assignment": True, "force_last_assignment_delay_seconds": 600}
    pool = mixed(bench, 4, 20, min_real_tasks_count=2, **forced)
    found = pages(bench, pool)
    own = Counter(kinds(page)["real"] for page in found)
    assert own[3] == 4
    assert own[1] == 4
    assert all(kinds(page)["golden"] == 2 for page in found)
    first = min(page.created for page in found if kinds(page)["real"] == 1)
    assert (first - max(page.created for page in found if kinds(page)["real"] == 3)).total_seconds() >= 600
    assert bench.client.get_pool(pool.id).last_close_reason == toloka.Pool.CloseReason.COMPLETED


def test_a_pool_closes_when_its_real_tasks_are_done_and_its_control_tasks_never_are(bench):
    pool = mixed(bench, 6, 20)
    assert bench.client.get_pool(pool.id).last_close_reason == toloka.Pool.CloseReason.COMPLETED
    golden = [task for task in bench.client.get_tasks(pool_id=pool.id) if task.known_solutions]
    assert {(task.infinite_overlap, task.overlap, task.remaining_overlap) for task in golden} == {(True, None, None)}


def test_a_pool_of_endless_tasks_alone_stays_open():
    with serving(world(blood.PATIENT, blood.answer)) as bench:
        made = bench.client.create_project(blood.project())
        pool = bench.client.create_pool(blood.exam(made.id, bench.client.create_skill(name="exam")))
        bench.client.create_tasks(blood.tasks(pool.id, 16, "golden"))
        bench.client.open_pool(pool.id)
        bench.run(24)
        found = pages(bench, pool)
        assert {len(page.tasks) for page in found} == {15}
        assert len({page.user_id for page in found}) == len(found) > 20
        assert bench.client.get_pool(pool.id).is_open()
        assert bench.world.next_event_at() is None


def test_control_tasks_with_an_end_close_a_pool_that_has_nothing_else():
    with serving(world(blood.PATIENT, blood.answer)) as bench:
        made = bench.client.create_project(blood.project())
        pool = bench.client.create_pool(blood.pool(made.id, 0, 2))
        golden = blood.tasks(pool.id, 4, "golden")
        for task in golden:
            task.overlap = 3
        bench.client.create_tasks(golden)
        bench.client.open_pool(pool.id)
        bench.run(24)
        assert Counter(task.id for page in pages(bench, pool) for task in page.tasks).most_common()[-1][1] == 3
        assert bench.client.get_pool(pool.id).last_close_reason == toloka.Pool.CloseReason.COMPLETED


def places(found: list[toloka.Assignment], tasks: list[toloka.Task]) -> list[list[int]]:
    """Where in the order of creation the tasks of each page are."""
    order = {task.id: place for place, task in enumerate(sorted(tasks, key=lambda task: (task.created, task.id)))}
    return [[order[task.id] for task in page.tasks] for page in found]


def test_order_of_creation_and_no_shuffle_are_kept_and_their_absence_is_chance(bench):
    straight = mixed(bench, 12, 8, mix_tasks_in_creation_order=True, shuffle_tasks_in_task_suite=False)
    drawn = mixed(bench, 12, 8, shuffle_tasks_in_task_suite=False)
    shuffled = mixed(bench, 12, 8, mix_tasks_in_creation_order=True)
    found = {
        pool.id: places(pages(bench, pool), list(bench.client.get_tasks(pool_id=pool.id)))
        for pool in (straight, drawn, shuffled)
    }
    assert all(page == sorted(page) for page in found[straight.id] + found[drawn.id])
    assert found[straight.id][0] == [0, 1, 2, 12, 13]
    assert found[drawn.id][0][:3] != [0, 1, 2]
    assert len({tuple(page[3:]) for page in found[drawn.id][:6]}) > 2
    assert sorted(found[shuffled.id][0]) == [0, 1, 2, 12, 13]
    assert any(page != sorted(page) for page in found[shuffled.id])


def test_without_order_everybody_goes_the_same_way_through_the_real_tasks_until_they_have_their_overlap(bench):
    drawn = mixed(bench, 12, 20)
    first = {page.user_id: page for page in reversed(pages(bench, drawn))}.values()
    start = Counter(task.id for page in first for task in page.tasks if not task.known_solutions)
    assert sum(count == 4 for count in start.values()) >= 3


def test_training_tasks_may_stand_among_the_others():
    with serving(world(blood.PATIENT, blood.answer)) as bench:
        mixer = {"real_tasks_count": 2, "golden_tasks_count": 1, "training_tasks_count": 1}
        made = bench.client.create_project(blood.project())
        pool = bench.client.create_pool(blood.pool(made.id, 2, 1, mixer_config=MixerConfig(**mixer)))
        for kind, count in (("real", 300), ("golden", 5), ("training", 3)):
            bench.client.create_tasks(blood.tasks(pool.id, count, kind), allow_defaults=True)
        bench.client.open_pool(pool.id)
        bench.run(24)
        found = pages(bench, pool)
        hints = [[task.message_on_unknown_solution for task in page.tasks if task.known_solutions] for page in found]
        assert {(len(each), sum(hint is not None for hint in each)) for each in hints} == {(2, 1)}
        assert max(Counter(page.user_id for page in found).values()) == 3
        assert any(page.first_declined_solution_attempt for page in found)
