from datetime import timedelta

import httpx
import pytest
import toloka.client as toloka
from blood import LABELS, PATIENT, Classes, answer, exam, pool, project, tasks, training
from simulated import Bench, serving, world
from toloka.client.exceptions import ApiError, IncorrectActionsApiError, ValidationApiError
from toloka.client.filter import Languages

from simulator.crowd.performers import Crowd

AUTH = {"Authorization": "OAuth token"}


def trained(bench: Bench, count: int = 16, **settings: object) -> tuple[toloka.Training, toloka.Pool]:
    """A training with so many tasks and an exam that asks for it, both open, after three hours."""
    client = bench.client
    made = client.create_project(project())
    taught = client.create_training(training(made.id, **settings))
    asking = client.create_pool(exam(made.id, client.create_skill(name="exam"), taught.id, passing=90))
    client.create_tasks(tasks(taught.id, count, "training"), allow_defaults=True)
    client.create_tasks(tasks(asking.id, 16, "golden"))
    for identity in (taught.id, asking.id):
        client.open_pool(identity)
    bench.run(3)
    return taught, asking


def pages(bench: Bench, pool_id: str) -> dict[str, list[toloka.Assignment]]:
    """The pages of a pool in time, by performer."""
    found: dict[str, list[toloka.Assignment]] = {}
    for page in sorted(bench.client.get_assignments(pool_id=pool_id), key=lambda page: page.created):
        found.setdefault(page.user_id, []).append(page)
    return found


def first_right(pages: list[toloka.Assignment]) -> list[bool]:
    """Which of the tasks on these pages were right at the first attempt."""
    return [
        solution.output_values == task.known_solutions[0].output_values
        for page in pages
        for task, solution in zip(page.tasks, page.first_declined_solution_attempt or page.solutions, strict=True)
    ]


def training_skills(bench: Bench) -> dict[str, float]:
    skill = next(bench.client.get_skills(name="Label cells - training"))
    return {each.user_id: float(each.exact_value) for each in bench.client.get_user_skills(skill_id=skill.id)}


def test_a_training_comes_back_as_it_was_sent(bench):
    made = bench.client.create_project(project())
    sent = training(made.id, public_instructions="Look", metadata={"key": ["a"]})
    one = bench.client.create_training(sent)
    assert bench.client.get_training(one.id) == one
    assert {name: getattr(one, name) for name in ("status", "inherited_instructions", "metadata")} == {
        "status": toloka.Training.Status.CLOSED,
        "inherited_instructions": False,
        "metadata": {"key": ["a"]},
    }
    other = bench.client.create_training(training(made.id, private_name="other"))
    assert {each.id for each in bench.client.get_trainings(project_id=made.id)} == {one.id, other.id}
    assert list(bench.client.get_trainings(status="OPEN")) == list(bench.client.get_pools()) == []
    one.task_suites_required_to_pass = 2
    assert bench.client.update_training(one.id, one).task_suites_required_to_pass == 2
    kinds = [line["kind"] for line in bench.world.history() if line["id"] == one.id]
    assert kinds == ["TRAINING_CREATED", "TRAINING_UPDATED"]


def test_a_training_is_a_pool(bench):
    made = bench.client.create_training(training(bench.client.create_project(project()).id))
    read = bench.client.get_pool(made.id)
    assert (read.type.value, read.reward_per_assignment, read.auto_accept_solutions) == ("TRAINING", 0, True)
    assert (read.defaults.default_overlap_for_new_tasks, read.will_expire) == (30_000, None)
    mixer = read.mixer_config
    assert (mixer.training_tasks_count, mixer.min_training_tasks_count, mixer.real_tasks_count) == (15, 1, 0)
    ((config,), skill) = read.quality_control.configs, next(bench.client.get_skills(name="Label cells - training"))
    assert [[each.key.value for each in rule.conditions] for rule in config.rules] == [
        ["submitted_assignments_count"],
        ["next_assignment_available", "total_answers_count"],
    ]
    assert {rule.action.parameters.skill_id for rule in config.rules} == {skill.id}
    with pytest.raises(ValidationApiError):
        bench.client.patch_pool(made.id, priority=5)
    with pytest.raises(ApiError):
        bench.client.get_training(bench.checking().id)


def test_a_training_is_opened_closed_and_archived_as_either(bench):
    made = bench.client.create_training(training(bench.client.create_project(project()).id))
    bench.client.create_tasks(tasks(made.id, 2, "training"))
    base = f"{bench.url}/api/v1"
    acts = ("pools open", "trainings open", "trainings close", "pools close", "trainings archive", "pools archive")
    answers = [httpx.post(f"{base}/{a.split()[0]}/{made.id}/{a.split()[1]}", headers=AUTH) for a in acts]
    assert [each.status_code for each in answers] == [202, 204] * 3
    told = [(each.json()["type"], each.json()["parameters"]) for each in answers[::2]]
    assert told == [
        ("POOL.OPEN", {"pool_id": made.id}),
        ("TRAINING.CLOSE", {"training_id": made.id}),
        ("TRAINING.ARCHIVE", {"training_id": made.id}),
    ]
    read = bench.client.get_training(made.id)
    assert (read.status.value, read.last_close_reason.value) == ("ARCHIVED", "MANUAL")


def test_its_skill_is_one_for_the_project_and_marked(bench):
    made = bench.client.create_project(project())
    for name in ("one", "other"):
        bench.client.create_training(training(made.id, private_name=name))
    bench.client.create_training(training(bench.client.create_project(project("Other")).id))
    assert [(each.name, each.training) for each in bench.client.get_skills()] == [
        ("Label cells - training", True),
        ("Other - training", True),
    ]
    skill = next(bench.client.get_skills())
    assert bench.client.update_skill(skill.id, toloka.Skill(name="Renamed")).training is True
    answer = httpx.delete(f"{bench.url}/api/v1/skills/{skill.id}", headers=AUTH)
    assert answer.json()["code"] == "SKILL_IS_USED"


def test_the_skill_is_the_share_of_first_answers_when_no_page_is_left():
    """Sixteen tasks, fifteen a page, seven pages required: two pages are all that there are."""
    with serving(world(PATIENT, answer)) as bench:
        taught, _ = trained(bench)
        done = pages(bench, taught.id)
        assert {tuple(len(page.tasks) for page in each) for each in done.values()} == {(15, 1)}
        shares = {user_id: 100 * sum(first_right(each)) / 16 for user_id, each in done.items()}
        assert len(done) > 20
        assert len(set(shares.values())) > 2
        assert training_skills(bench) == shares


def test_the_skill_is_given_when_enough_pages_are_done_and_no_more_are_shown():
    with serving(world(PATIENT, answer)) as bench:
        taught, _ = trained(bench, training_tasks_in_task_suite_count=4, task_suites_required_to_pass=2)
        done = pages(bench, taught.id)
        assert {len(each) for each in done.values()} == {2}
        assert training_skills(bench) == {user: 100 * sum(first_right(each)) / 8 for user, each in done.items()}


def test_a_page_ends_right_and_remembers_what_was_first_said():
    with serving(world(PATIENT, answer)) as bench:
        taught, _ = trained(bench)
        every = [page for each in pages(bench, taught.id).values() for page in each]
        known = [[task.known_solutions[0].output_values for task in page.tasks] for page in every]
        assert [[solution.output_values for solution in page.solutions] for page in every] == known
        wrong = [page for page in every if not all(first_right([page]))]
        assert wrong
        assert [page.id for page in every if page.first_declined_solution_attempt] == [page.id for page in wrong]
        assert {page.tasks[0].message_on_unknown_solution for page in every} == {f"It is {each}." for each in LABELS}


def test_those_who_failed_do_not_meet_the_exam_and_those_who_passed_do():
    with serving(world(Crowd(skip=0.0, expire=0.0, accuracy=0.85), answer)) as bench:
        _, asking = trained(bench)
        skills = training_skills(bench)
        examined = {page.user_id: page for (page,) in pages(bench, asking.id).values()}
        assert 0 < len(examined) < len(skills)
        assert set(examined) == {user_id for user_id, value in skills.items() if value >= 90}
        trainings = bench.client.get_assignments(pool_id=next(bench.client.get_trainings()).id)
        ends = {page.user_id: page.submitted for page in sorted(trainings, key=lambda page: page.submitted)}
        assert all(page.created > ends[user_id] for user_id, page in examined.items())


def test_a_training_may_be_taken_again_after_its_days_by_those_who_need_it_and_counts_anew():
    with serving(world(PATIENT, answer)) as bench:
        taught, asking = trained(bench, 4, training_tasks_in_task_suite_count=4, task_suites_required_to_pass=1)
        before = training_skills(bench)
        bench.run(20)
        assert training_skills(bench) == before
        bench.run(8)
        done = pages(bench, taught.id)
        examined = pages(bench, asking.id).keys() & before.keys()
        again = {user_id: each for user_id, each in done.items() if len(each) == 2}
        assert again.keys() == {user_id for user_id, value in before.items() if value < 90} != set()
        for first, second in again.values():
            assert second.created - first.submitted >= timedelta(days=1)
            assert {task.id for task in first.tasks} == {task.id for task in second.tasks}
        assert training_skills(bench) == {user: 100 * sum(first_right(each[1:])) / 4 for user, each in again.items()}
        assert {len(done[user_id]) for user_id in examined - again.keys()} == {1}


def test_without_an_open_pool_that_asks_for_it_nobody_takes_a_training():
    with serving(world(PATIENT, answer)) as bench:
        made = bench.client.create_project(project())
        taught = bench.client.create_training(training(made.id))
        bench.client.create_tasks(tasks(taught.id, 4, "training"))
        bench.client.open_pool(taught.id)
        bench.run()
        assert pages(bench, taught.id) == {}
        german = exam(made.id, bench.client.create_skill(name="exam"), taught.id)
        german.filter = Languages.in_("DE")
        german = bench.client.create_pool(german)
        bench.client.create_tasks(tasks(german.id, 16, "golden"))
        bench.client.open_pool(german.id)
        bench.run()
        assert pages(bench, taught.id) == {}


def test_a_closed_training_is_taken_by_nobody_and_then_nobody_comes_to_the_exam():
    with serving(world(PATIENT, answer)) as bench:
        classes = Classes(bench)
        for identity in (classes.exam.id, classes.main.id):
            bench.client.open_pool(identity)
        bench.run()
        assert pages(bench, classes.training.id) == pages(bench, classes.exam.id) == {}
        bench.client.open_pool(classes.training.id)
        bench.run(3)
        assert pages(bench, classes.training.id).keys() >= pages(bench, classes.exam.id).keys() != set()


def test_a_training_that_was_skipped_to_its_end_still_gives_the_skill():
    with serving(world(Crowd(skip=0.4, expire=0.0), answer)) as bench:
        taught, _ = trained(bench, 6, training_tasks_in_task_suite_count=3)
        statuses = {user_id: [page.status.value for page in each] for user_id, each in pages(bench, taught.id).items()}
        assert ["ACCEPTED", "SKIPPED"] in statuses.values()
        worked = {user_id for user_id, each in statuses.items() if "ACCEPTED" in each}
        assert set(training_skills(bench)) == worked


def test_a_training_closed_for_an_update_opens_by_itself(bench):
    classes = Classes(bench)
    url = f"{bench.url}/api/v1/trainings/{classes.training.id}/close-for-update"
    assert httpx.post(url, headers=AUTH).json()["code"] == "INAPPROPRIATE_STATUS"
    bench.client.open_training(classes.training.id)
    told, again = (httpx.post(url, headers=AUTH) for _ in range(2))
    assert (told.status_code, again.status_code, again.content) == (202, 204, b"")
    operation = bench.client.get_operation(told.json()["id"])
    assert (operation.type.value, operation.parameters.training_id) == ("TRAINING.CLOSE", classes.training.id)
    closed = bench.client.get_training(classes.training.id)
    assert (closed.status.value, closed.last_close_reason.value) == ("CLOSED", "FOR_UPDATE")
    bench.run(0.25)
    assert bench.client.get_training(classes.training.id).is_open()


def test_a_training_that_is_required_is_archived_after_the_pools_that_require_it(bench):
    classes = Classes(bench)
    with pytest.raises(ApiError) as caught:
        bench.client.archive_training(classes.training.id)
    assert caught.value.code == "TRAINING_ARCHIVE_CONFLICT"
    bench.client.archive_pool(classes.exam.id)
    assert bench.client.archive_training(classes.training.id).status.value == "ARCHIVED"
    with pytest.raises(IncorrectActionsApiError):
        bench.client.update_training(classes.training.id, classes.training)


def test_an_open_training_changes_its_name_alone_and_never_its_project(bench):
    classes = Classes(bench)
    bench.client.open_training(classes.training.id)
    one = classes.training
    one.private_name = "renamed"
    assert bench.client.update_training(one.id, one).private_name == "renamed"
    one.training_tasks_in_task_suite_count = 3
    with pytest.raises(IncorrectActionsApiError):
        bench.client.update_training(one.id, one)
    bench.client.close_training(one.id)
    assert bench.client.update_training(one.id, one).training_tasks_in_task_suite_count == 3
    one.project_id = bench.client.create_project(project("Other")).id
    with pytest.raises(ApiError):
        bench.client.update_training(one.id, one)


def test_a_training_takes_tasks_that_explain_themselves(bench):
    classes = Classes(bench)
    for kind, lacks in (("real", "known_solutions"), ("golden", "message_on_unknown_solution")):
        (task,) = tasks(classes.training.id, 1, kind)
        task.infinite_overlap = True
        with pytest.raises(ValidationApiError) as caught:
            bench.client.create_task(task, async_mode=False)
        assert list(caught.value.payload) == [lacks]


def test_a_pool_for_nothing_takes_no_real_tasks(bench):
    made = bench.client.create_project(project())
    free = bench.client.create_pool(pool(made.id, 0, 2))
    with pytest.raises(ValidationApiError) as caught:
        bench.client.create_task(tasks(free.id, 1, "real")[0], allow_defaults=True, async_mode=False)
    assert list(caught.value.payload) == ["known_solutions"]
