import json
from collections import Counter

import blood
import pytest
import toloka.client as toloka
from simulated import HOUR, START, Bench, outlining_pool, outlining_project, serving, without_skill, world
from test_simulator_pools import segmentation_rules

from simulator.crowd.performers import Crowd
from simulator.elements.draws import fraction


def story(bench: Bench, *, backwards: bool = False) -> list[dict]:
    """Outlines made, checked by others and reviewed tick by tick; `backwards` turns every order of writing around."""
    skill = bench.client.create_skill(name="outliner")
    project = bench.client.create_project(outlining_project())
    outlining = bench.client.create_pool(segmentation_rules(outlining_pool(project.id), skill.id))
    checking = bench.checking(filter=without_skill(skill.id))
    bench.fill(outlining, 30)
    bench.client.open_pool(outlining.id)
    asked: set[str] = set()
    for tick in range(60):
        bench.world.advance(START + 120.0 * (tick + 1))
        pages = list(bench.client.get_assignments(pool_id=outlining.id, status="SUBMITTED"))
        new = sorted((page for page in pages if page.id not in asked), key=lambda page: page.id, reverse=backwards)
        asked |= {page.id for page in new}
        for page in new:
            if fraction("verdict", page.id) < 0.4:
                bench.client.reject_assignment(page.id, "no")
            else:
                bench.client.accept_assignment(page.id, "yes")
            inputs = {"image": page.tasks[0].input_values["image"], "assignment_id": page.id}
            task = toloka.Task(pool_id=checking.id, input_values=inputs, overlap=3, unavailable_for=[page.user_id])
            bench.client.create_task(task, async_mode=False)
        if new and not bench.client.get_pool(checking.id).is_open():
            bench.client.open_pool(checking.id)
    return bench.world.history()


@pytest.fixture(scope="module")
def told() -> list[dict]:
    with serving(world(Crowd(seed=3, skip=0.1, expire=0.05))) as bench:
        return story(bench)


def test_the_story_has_everything_that_could_differ(told):
    kinds = Counter(line["kind"] for line in told)
    expected = {"ASSIGNMENT_SUBMITTED", "ASSIGNMENT_REJECTED", "ASSIGNMENT_SKIPPED", "OVERLAP", "MONEY", "USER_SKILL"}
    assert expected | {"RESTRICTION", "POOL_CLOSED"} <= set(kinds)
    assert kinds["ASSIGNMENT_REJECTED"] > 5


def test_the_same_seed_makes_the_same_history_on_another_port(told):
    with serving(world(Crowd(seed=3, skip=0.1, expire=0.05))) as bench:
        assert story(bench) == told


def test_writes_of_one_moment_in_another_order_make_the_same_history(told):
    with serving(world(Crowd(seed=3, skip=0.1, expire=0.05))) as bench:
        assert story(bench, backwards=True) == told


def test_another_seed_makes_another_history(told):
    with serving(world(Crowd(seed=4, skip=0.1, expire=0.05))) as bench:
        assert story(bench) != told


def test_the_history_is_sorted_and_says_nothing_of_ports(told):
    order = [(line["at"], line["kind"], line["id"]) for line in told]
    assert order == sorted(order)
    assert "127.0.0.1" not in json.dumps(told)


def test_small_steps_and_one_leap_make_the_same_world():
    histories = []
    for step in (7.0, 8 * HOUR):
        with serving() as bench:
            pool = bench.checking()
            bench.fill(pool, 30, overlap=4)
            bench.client.open_pool(pool.id)
            while bench.world.now < START + 8 * HOUR:
                bench.world.advance(min(bench.world.now + step, START + 8 * HOUR))
            histories.append(bench.world.history())
    assert histories[0] == histories[1]


def test_nothing_happens_by_itself_in_an_empty_world():
    made = world()
    made.advance(START + 100 * HOUR)
    assert (made.next_event_at(), made.next_deadline_at(), made.history()) == (None, None, [])
    assert made.now == START + 100 * HOUR


def test_time_never_goes_back():
    made = world()
    made.advance(START - 5)
    assert made.now == START


def test_the_history_is_written_as_json_lines(bench, tmp_path):
    bench.checking()
    bench.world.write_history(tmp_path / "history.jsonl")
    lines = (tmp_path / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == bench.world.history()


def test_a_world_that_is_done_has_no_next_event(bench):
    pool = bench.outlining()
    bench.fill(pool, 10)
    assert bench.world.next_event_at() is None
    bench.client.open_pool(pool.id)
    while (moment := bench.world.next_event_at()) is not None:
        bench.world.advance(moment)
    assert len(list(bench.client.get_assignments(pool_id=pool.id, status="SUBMITTED"))) == 10
    assert bench.client.get_pool(pool.id).is_closed()
    assert bench.world.next_deadline_at() is not None


def test_ids_do_not_depend_on_how_tasks_were_batched():
    histories = []
    for together in (True, False):
        with serving() as bench:
            pool = bench.checking()
            inputs = [{"image": f"{bench.url}/{n % 4}.png", "assignment_id": "same"} for n in range(6)]
            tasks = [toloka.Task(pool_id=pool.id, input_values=values, overlap=2) for values in inputs]
            if together:
                bench.client.create_tasks(tasks)
            else:
                for task in reversed(tasks):
                    bench.client.create_task(task)
            bench.client.open_pool(pool.id)
            bench.run(2)
            histories.append(bench.world.history())
    assert histories[0] == histories[1]


def classified(bench: Bench, *, backwards: bool = False) -> list[dict]:
    """Training, exam and main pool with every kind of person; `backwards` turns every order of writing around."""
    client = bench.client
    made = client.create_project(blood.project())
    exam_skill, quality = (client.create_skill(name=name) for name in ("exam", "quality"))
    taught = client.create_training(blood.training(made.id))
    exam = client.create_pool(blood.exam(made.id, exam_skill, taught.id))
    main = client.create_pool(blood.main(made.id, exam_skill, quality))
    tasks = blood.tasks(taught.id, 16, "training") + blood.tasks(exam.id, 16, "golden")
    tasks += blood.tasks(main.id, 30, "golden", 100) + blood.tasks(main.id, 200, "real")
    client.create_tasks(tasks[::-1] if backwards else tasks, allow_defaults=True)
    for identity in sorted((taught.id, exam.id, main.id), reverse=backwards):
        client.open_pool(identity)
    bench.run(30)
    return bench.world.history()


MIXED = Crowd(seed=5, skip=0.05, expire=0.03, accuracy=0.82, guesser=0.1, cheater=0.1)


def test_a_classification_is_told_the_same_in_whatever_order_it_was_written():
    told = []
    for backwards in (False, False, True):
        with serving(world(MIXED, blood.answer)) as bench:
            told.append(classified(bench, backwards=backwards))
    assert told[0] == told[1] == told[2]
    kinds = Counter(line["kind"] for line in told[0])
    assert {"ASSIGNMENT_SKIPPED", "ASSIGNMENT_EXPIRED", "USER_SKILL", "RESTRICTION", "POOL_CLOSED"} <= set(kinds)
    assert any("first_declined_solution_attempt" in line for line in told[0])
    assert any(line["kind"] == "USER_SKILL" and line["value"] is None for line in told[0])


def test_a_notebook_that_waits_finds_its_main_pool_done_in_instant_mode():
    with serving(world(Crowd(skip=0.0, expire=0.0), blood.answer, instant=True)) as bench:
        classes = blood.Classes(bench)
        classes.open()
        assert bench.client.get_pool(classes.main.id).is_closed()
        for identity in (classes.training.id, classes.exam.id):
            assert bench.client.close_pool(identity).last_close_reason.value == "MANUAL"
        assert len(bench.client.get_assignments_df(classes.main.id, status=["APPROVED"])) >= 72


def test_instant_time_stops_where_the_work_is_done():
    with serving(world(instant=True)) as bench:
        pool = bench.checking()
        bench.fill(pool, 20)
        closed = bench.client.open_pool(pool.id)
        assert closed.last_close_reason.value == "COMPLETED"
        assert bench.world.now == closed.last_stopped.timestamp()
