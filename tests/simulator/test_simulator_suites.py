"""Task suites of the requester's own, and those that mixing makes."""

from collections import Counter
from typing import Any
from uuid import uuid4

import pytest
import toloka.client as toloka
from simulated import Bench, inputs, serving, world
from toloka.client import actions, collectors, conditions
from toloka.client.exceptions import ApiError

from simulator.crowd.performers import Crowd

Suite = toloka.TaskSuite
ORDERED = {"issue_task_suites_in_creation_order": True}
RIGHT = [toloka.Task.KnownSolution(output_values={"result": "OK"})]


def handmade(bench: Bench, **settings: Any) -> toloka.Pool:
    return bench.checking(mixer_config=None, **settings)


def suites(bench: Bench, pool: toloka.Pool, count: int, size: int = 2, **fields: Any) -> list[Suite]:
    """So many suites of so many tasks, created by one request, in their order."""
    asked = [
        Suite(pool_id=pool.id, tasks=[task(bench, pool, f"{n}-{place}") for place in range(size)], **fields)
        for n in range(count)
    ]
    made = bench.client.create_task_suites(asked, allow_defaults=True)
    return [made.items[str(number)] for number in range(count)]


def task(bench: Bench, pool: toloka.Pool, name: Any, **fields: Any) -> toloka.Task:
    return toloka.Task(input_values=inputs(pool, name, bench.url), **fields)


def pages(bench: Bench, pool: toloka.Pool) -> list[toloka.Assignment]:
    return list(bench.client.get_assignments(pool_id=pool.id))


def test_suites_are_issued_whole_to_as_many_as_they_want(bench):
    pool = handmade(bench)
    made = suites(bench, pool, 6, 3, overlap=4)
    bench.client.open_pool(pool.id)
    bench.run()
    found = pages(bench, pool)
    assert Counter(page.task_suite_id for page in found) == {suite.id: 4 for suite in made}
    asked = {suite.id: [each.input_values for each in suite.tasks] for suite in made}
    for page in found:
        assert [each.input_values for each in page.tasks] == asked[page.task_suite_id]
        assert len(page.solutions) == 3
        assert page.mixed is False
    assert len({(page.user_id, page.task_suite_id) for page in found}) == len(found)
    assert bench.client.get_pool(pool.id).last_close_reason == toloka.Pool.CloseReason.COMPLETED
    read = bench.client.get_task_suite(made[0].id)
    assert (read.overlap, read.remaining_overlap, read.infinite_overlap) == (4, 0, False)


def test_a_suite_and_its_tasks_are_read_back_everywhere(bench):
    pool = handmade(bench)
    (made,) = suites(bench, pool, 1, reserved_for=["somebody"], issuing_order_override=1.5)
    assert bench.client.get_task_suite(made.id) == made
    assert (made.overlap, made.remaining_overlap, made.mixed, made.automerged) == (2, 2, False, False)
    assert (made.reserved_for, made.unavailable_for, float(made.issuing_order_override)) == (["somebody"], [], 1.5)
    assert [each.id for each in bench.client.get_tasks(pool_id=pool.id)] == sorted(each.id for each in made.tasks)
    inner = bench.client.get_task(made.tasks[0].id)
    assert (inner.input_values, inner.overlap) == (made.tasks[0].input_values, 2)
    assert [each.id for each in bench.client.get_task_suites(task_id=inner.id)] == [made.id]


def test_what_a_batch_of_suites_lacks_is_told_by_its_log(bench):
    pool = handmade(bench)
    good = Suite(pool_id=pool.id, overlap=1, tasks=[task(bench, pool, 1)])
    bad = Suite(pool_id=pool.id, overlap=1, tasks=[task(bench, pool, 2), toloka.Task(input_values={"smell": "bad"})])
    with pytest.raises(ApiError) as caught:
        bench.client.create_task_suites([good, bad])
    assert list(caught.value.payload) == ["1"]
    assert list(bench.client.get_task_suites(pool_id=pool.id)) == []
    made = bench.client.create_task_suites([good, bad], skip_invalid_items=True, open_pool=True)
    assert list(made.items) == ["0"]
    assert set(made.validation_errors["1"]) == {
        "tasks[1].input_values.image",
        "tasks[1].input_values.assignment_id",
        "tasks[1].input_values.smell",
    }
    assert bench.client.get_pool(pool.id).is_open()


def test_one_suite_is_made_either_way_and_an_operation_once(bench):
    pool = handmade(bench)
    asked = Suite(pool_id=pool.id, overlap=1, tasks=[task(bench, pool, 1)])
    later = bench.client.create_task_suite(asked)
    now = bench.client.create_task_suite(asked, async_mode=False)
    assert later.id != now.id
    operation = bench.client.create_task_suites_async([asked, asked], operation_id=uuid4())
    again = bench.client.create_task_suites_async([asked, asked], operation_id=operation.id)
    assert again.id == operation.id
    assert (operation.type.value, operation.details["success_count"]) == ("TASK_SUITE.BATCH_CREATE", 2)
    kinds = [(entry.type, entry.success) for entry in bench.client.get_operation_log(operation.id)]
    assert kinds == [("TASK_SUITE_CREATE", True)] * 2
    assert len(list(bench.client.get_task_suites(pool_id=pool.id))) == 4


def test_a_pool_takes_either_suites_or_tasks(bench):
    mixed, own = bench.checking(), handmade(bench)
    with pytest.raises(ApiError) as caught:
        suites(bench, mixed, 1)
    assert (caught.value.status_code, caught.value.code) == (409, "POOL_TASK_TYPE_CONFLICT")
    with pytest.raises(ApiError) as caught:
        bench.fill(own, 1)
    assert (caught.value.status_code, caught.value.code) == (409, "MIXER_CONFIG_REQUIRED")
    (suite,) = suites(bench, own, 1)
    own.mixer_config = mixed.mixer_config
    with pytest.raises(ApiError) as caught:
        bench.client.update_pool(own.id, own)
    assert caught.value.code == "POOL_TASK_TYPE_CONFLICT"
    own.project_id = mixed.project_id
    assert bench.client.update_pool(mixed.id, own).mixer_config == own.mixer_config
    with pytest.raises(ApiError) as caught:
        bench.client.patch_task(suite.tasks[0].id, overlap=5)
    assert caught.value.code == "MIXER_CONFIG_REQUIRED"


def test_what_mixing_made_are_suites_too(bench):
    pool = bench.checking()
    bench.fill(pool, 12)
    bench.client.open_pool(pool.id)
    bench.run()
    found = {page.task_suite_id: page for page in pages(bench, pool)}
    listed = list(bench.client.get_task_suites(pool_id=pool.id))
    assert {suite.id for suite in listed} == set(found)
    for suite in listed:
        page = found[suite.id]
        assert (suite.mixed, suite.overlap, suite.remaining_overlap) == (True, 1, 0)
        assert [each.id for each in suite.tasks] == [each.id for each in page.tasks]
        assert suite.created == page.created
        assert bench.client.get_task_suite(suite.id) == suite
    of_one = {suite.id for suite in bench.client.get_task_suites(task_id=listed[0].tasks[0].id)}
    assert of_one == {suite.id for suite in listed if listed[0].tasks[0].id in {each.id for each in suite.tasks}}
    with pytest.raises(ApiError) as caught:
        bench.client.patch_task_suite(listed[0].id, overlap=2)
    assert (caught.value.status_code, caught.value.code) == (409, "CONFLICT_STATE")


def order(bench: Bench, pool: toloka.Pool, made: list[Suite]) -> list[int]:
    """In which order the suites were first taken."""
    places = {suite.id: number for number, suite in enumerate(made)}
    taken = sorted(pages(bench, pool), key=lambda page: (page.created, page.id))
    return list(dict.fromkeys(places[page.task_suite_id] for page in taken))


def test_suites_come_in_order_of_creation_and_an_override_goes_first(bench):
    straight, urgent, drawn = (handmade(bench, assignments_issuing_config=each) for each in (ORDERED, ORDERED, None))
    made = {pool.id: suites(bench, pool, 8, 1, overlap=1) for pool in (straight, urgent, drawn)}
    for pool in (urgent, drawn):
        bench.client.patch_task_suite(made[pool.id][5].id, issuing_order_override=7)
    bench.client.patch_task_suite(made[urgent.id][0].id, issuing_order_override=-0.5)
    for pool in (straight, urgent, drawn):
        bench.client.open_pool(pool.id)
    bench.run()
    assert order(bench, straight, made[straight.id]) == list(range(8))
    assert order(bench, urgent, made[urgent.id]) == [5, 1, 2, 3, 4, 6, 7, 0]
    by_chance = order(bench, drawn, made[drawn.id])
    assert by_chance != sorted(by_chance)


def test_overlap_is_raised_by_a_patch_that_opens_the_pool(bench):
    pool = handmade(bench)
    first, second = suites(bench, pool, 2)
    bench.client.open_pool(pool.id)
    bench.run()
    raised = bench.client.patch_task_suite(first.id, overlap=5, open_pool=True)
    assert (raised.overlap, raised.remaining_overlap) == (5, 3)
    assert bench.client.get_pool(pool.id).is_open()
    bench.run()
    assert Counter(page.task_suite_id for page in pages(bench, pool)) == {first.id: 5, second.id: 2}
    with pytest.raises(ApiError) as caught:
        bench.client.patch_task_suite(first.id, overlap=4)
    assert caught.value.code == "ASSIGNMENTS_COUNT_CONFLICT"
    assert bench.client.patch_task_suite_overlap_or_min(first.id, overlap=0).overlap == 5
    endless = bench.client.patch_task_suite(second.id, infinite_overlap=True)
    assert (endless.overlap, endless.infinite_overlap, endless.remaining_overlap) == (None, True, None)


def test_skipped_and_expired_suites_come_back():
    with serving(world(Crowd(skip=0.3, expire=0.2))) as bench:
        pool = handmade(bench)
        made = suites(bench, pool, 10, overlap=2)
        bench.client.open_pool(pool.id)
        bench.run(48)
        found = pages(bench, pool)
        status = toloka.Assignment.Status
        done = Counter(page.task_suite_id for page in found if page.status == status.ACCEPTED)
        assert done == {suite.id: 2 for suite in made}
        skipped = {(page.user_id, page.task_suite_id) for page in found if page.status == status.SKIPPED}
        accepted = {(page.user_id, page.task_suite_id) for page in found if page.status == status.ACCEPTED}
        assert skipped
        assert not skipped & accepted
        assert any(page.status == status.EXPIRED for page in found)


def test_people_who_are_kept_from_a_suite_do_not_get_it(bench):
    me, *_ = sorted(bench.world.state.people)
    pool = handmade(bench)
    (mine,) = suites(bench, pool, 1, infinite_overlap=True, unavailable_for=[me])
    (only,) = suites(bench, pool, 1, infinite_overlap=True, reserved_for=sorted(bench.world.state.people)[1:20])
    bench.client.open_pool(pool.id)
    bench.run()
    took = {(page.task_suite_id, page.user_id) for page in pages(bench, pool)}
    assert (mine.id, me) not in took
    assert sum(suite_id == mine.id for suite_id, _ in took) > 15
    assert {user_id for suite_id, user_id in took if suite_id == only.id} <= set(only.reserved_for)
    assert bench.client.get_pool(pool.id).is_open()


def test_a_refusal_raises_the_overlap_of_the_suite(bench):
    pool = handmade(bench, auto_accept_solutions=False, auto_accept_period_day=5)
    pool.quality_control.add_action(
        collector=collectors.AssignmentsAssessment(),
        conditions=[
            conditions.AssessmentEvent == conditions.AssessmentEvent.REJECT,
            conditions.RejectedAssignmentsCount < 2,
        ],
        action=actions.ChangeOverlap(delta=1, open_pool=True),
    )
    bench.client.update_pool(pool.id, pool)
    suite, other = suites(bench, pool, 2)
    bench.client.open_pool(pool.id)
    bench.run()
    first, second = (page for page in pages(bench, pool) if page.task_suite_id == suite.id)
    assert not bench.client.get_pool(pool.id).is_open()
    bench.client.reject_assignment(first.id, "no")
    assert bench.client.get_pool(pool.id).is_open()
    bench.client.reject_assignment(second.id, "no")
    assert [bench.client.get_task_suite(each.id).overlap for each in (suite, other)] == [3, 2]
    bench.run()
    assert Counter(page.task_suite_id for page in pages(bench, pool)) == {suite.id: 3, other.id: 2}


def test_known_tasks_in_suites_are_marked_and_majorities_counted():
    with serving(world(answers=answer_checks)) as bench:
        golden, agreeing = (bench.client.create_skill(name=name) for name in ("golden", "agreeing"))
        pool = handmade(bench)
        pool.quality_control.add_action(
            collector=collectors.GoldenSet(),
            conditions=[conditions.GoldenSetAnswersCount > 0],
            action=actions.SetSkillFromOutputField(skill_id=golden.id, from_field="golden_set_correct_answers_rate"),
        )
        pool.quality_control.add_action(
            collector=collectors.MajorityVote(answer_threshold=2),
            conditions=[conditions.TotalAnswersCount > 0],
            action=actions.SetSkillFromOutputField(skill_id=agreeing.id, from_field="correct_answers_rate"),
        )
        bench.client.update_pool(pool.id, pool)
        hint = {"known_solutions": RIGHT, "message_on_unknown_solution": "It is OK."}
        inner = [task(bench, pool, 1), task(bench, pool, 2, known_solutions=RIGHT), task(bench, pool, 3, **hint)]
        bench.client.create_task_suite(Suite(pool_id=pool.id, tasks=inner, overlap=3))
        bench.client.open_pool(pool.id)
        bench.run()
        found = pages(bench, pool)
        given = {page.user_id: [each.output_values["result"] for each in page.solutions] for page in found}
        first = {page.user_id: page.first_declined_solution_attempt for page in found}
        assert {answers[2] for answers in given.values()} == {"OK"}
        majority, _ = Counter(answers[0] for answers in given.values()).most_common()[0]
        values = {(each.skill_id, each.user_id): each.value for each in bench.client.get_user_skills()}
        assert len(values) == 6
        for user_id, answers in given.items():
            assert values[golden.id, user_id] == 100 * (answers[1] == "OK")
            assert values[agreeing.id, user_id] == 100 * (answers[0] == majority)
            wrong = says(user_id, 3) == "BAD"
            assert (first[user_id] is not None) == wrong


def says(user_id: str, number: int) -> str:
    return "BAD" if (sum(map(ord, user_id)) + number) % 3 == 0 else "OK"


def answer_checks(task: Any, project: Any, performer: Any) -> dict[str, Any]:
    return {"result": says(performer.id, int(task["input_values"]["assignment_id"].removeprefix("page-")))}


def test_free_pools_take_suites_of_known_tasks_alone(bench):
    pool = handmade(bench, reward_per_assignment=0)
    with pytest.raises(ApiError) as caught:
        bench.client.create_task_suite(
            Suite(pool_id=pool.id, tasks=[task(bench, pool, 1)], overlap=1), async_mode=False
        )
    assert list(caught.value.payload) == ["tasks[0].known_solutions"]
    known = [task(bench, pool, number, known_solutions=RIGHT) for number in range(3)]
    bench.client.create_task_suite(Suite(pool_id=pool.id, tasks=known, infinite_overlap=True))
    bench.client.open_pool(pool.id)
    bench.run()
    assert len(pages(bench, pool)) > 20
    assert bench.client.get_pool(pool.id).is_open()


def test_opening_asks_for_the_money_that_all_suites_need():
    with serving(world(balance=1.0)) as bench:
        pool = handmade(bench, reward_per_assignment=0.1)
        suites(bench, pool, 4)
        with pytest.raises(ApiError) as caught:
            bench.client.open_pool(pool.id)
        assert caught.value.code == "NOT_ENOUGH_BALANCE"


def test_the_results_table_has_a_row_for_each_task_of_a_suite(bench):
    pool = handmade(bench)
    made = suites(bench, pool, 3, 2)
    bench.client.open_pool(pool.id)
    bench.run()
    columns = ["ASSIGNMENT:task_id", "ASSIGNMENT:task_suite_id", "ASSIGNMENT:assignment_id"]
    table = bench.client.get_assignments_df(pool.id, status=["APPROVED"], field=columns)
    rows = Counter(zip(table["ASSIGNMENT:task_suite_id"], table["ASSIGNMENT:task_id"], strict=True))
    assert rows == {(suite.id, each.id): 2 for suite in made for each in suite.tasks}
    by_task = {each.id: each.input_values["image"] for suite in made for each in suite.tasks}
    assert list(table["INPUT:image"]) == [by_task[task_id] for task_id in table["ASSIGNMENT:task_id"]]


def test_a_pool_whose_suites_nobody_is_left_for_is_told():
    with serving(world(Crowd(performers=12, skip=0.0, expire=0.0, likes=1.0))) as bench:
        pool = handmade(bench)
        suites(bench, pool, 2, overlap=20)
        bench.client.open_pool(pool.id)
        bench.run(48)
        assert len(pages(bench, pool)) == 24
        assert list(bench.world.stranded()) == [pool.id]
        (line,) = (each for each in bench.world.history() if each["kind"] == "POOL_STRANDED")
        assert (line["tasks"], line["why"]) == (2, {"had_all": 12})
