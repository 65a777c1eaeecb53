"""What people are asked and told: never the kind of a task; the right answers of a training, one after the other."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from blood import LABELS, PATIENT, Classes, answer, label_of, pool, project, tasks
from simulated import Bench, serving, world

from simulator.crowd.performers import Performer


class Asked:
    """Answers as usual, and remembers who was asked what, knowing what."""

    def __init__(self) -> None:
        self.calls: list[tuple[Mapping[str, Any], Performer]] = []

    def __call__(self, task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        self.calls.append((task, performer))
        return answer(task, project, performer)


@pytest.fixture(scope="module")
def told() -> tuple[Asked, dict[str, str]]:
    asked = Asked()
    with serving(world(PATIENT, asked)) as bench:
        classes = Classes(bench)
        classes.run()
        pools = {classes.training.id: "training", classes.exam.id: "exam", classes.main.id: "main"}
    return asked, pools


def test_nothing_tells_the_kind_of_a_task(told):
    asked, pools = told
    assert {pools[task["pool_id"]] for task, _ in asked.calls} == {"training", "exam", "main"}
    assert {tuple(sorted(task)) for task, _ in asked.calls} == {("id", "input_values", "pool_id")}


def test_each_training_task_teaches_its_answer_from_the_next_task_on(told):
    asked, pools = told
    somebody = asked.calls[0][1].id
    own = [(pools[task["pool_id"]], task, who) for task, who in asked.calls if who.id == somebody]
    shown = [{"result": label_of(task["input_values"])} for pool, task, _ in own if pool == "training"]
    learned = [list(who.taught) for pool, _, who in own if pool == "training"]
    assert learned == [shown[:count] for count in range(16)]
    assert {tuple(each["result"] for each in who.taught) for pool, _, who in own if pool != "training"} == {
        tuple(each["result"] for each in shown)
    }
    assert Counter(each["result"] for each in shown) == dict.fromkeys(LABELS, 4)


def test_who_learns_answers_better_after_his_training():
    """People know a label only when they were shown it; so nobody is right by chance in training, and all are later."""

    def learns(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        truth = {"result": label_of(task["input_values"])}
        return truth if truth in performer.taught else {"result": "LYMPHOCYTE"}

    with serving(world(PATIENT, learns)) as bench:
        classes = Classes(bench)
        classes.run()
        first = set(classes.skill(classes.training_skill().id).values())
        assert max(first) < 100
        assert set(classes.skill(classes.exam_skill.id).values()) == {100}


def test_what_was_taught_in_a_project_is_not_known_in_another():
    asked = Asked()
    with serving(world(PATIENT, asked)) as bench:
        classes = Classes(bench)
        classes.run(3)
        other = other_pool(bench)
        bench.run(3)
        assert {who.taught for task, who in asked.calls if task["pool_id"] == other} == {()}


def other_pool(bench: Bench) -> str:
    project = bench.client.get_project(next(bench.client.get_projects()).id)
    project.public_name = "Another project"
    first = next(bench.client.get_pools(status="CLOSED"))
    first.project_id, first.filter, first.quality_control = bench.client.create_project(project).id, None, None
    made = bench.client.create_pool(first)
    for task in bench.client.get_tasks(pool_id=first.id):
        task.pool_id = made.id
        bench.client.create_task(task, async_mode=False)
    bench.client.open_pool(made.id)
    return made.id


def fails(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
    raise KeyError(task["id"])


@pytest.mark.parametrize(
    ("said", "flaw"),
    [
        ({"result": "PLATELET"}, "output_values.result: not one of the allowed values"),
        ({"colour": "red"}, "output_values.colour: Unknown field; output_values.result: May not be empty"),
        (["MONOCYTE"], "output values are a list, not a dict"),
        ({"result": {1, 2}}, "output values are not JSON: Object of type set is not JSON serializable"),
        (None, "KeyError: "),
    ],
)
def test_an_answer_that_the_project_does_not_allow_is_named_and_its_page_skipped(caplog, said, flaw):
    with serving(world(PATIENT, (lambda task, project, performer: said) if said else fails)) as bench:
        made = bench.client.create_pool(pool(bench.client.create_project(project()).id, 1, 0))
        (task,) = bench.client.create_tasks(
            tasks(made.id, 1, "real"), allow_defaults=True, async_mode=False
        ).items.values()
        bench.client.open_pool(made.id)
        bench.run(24)
        pages = list(bench.client.get_assignments(pool_id=made.id))
        history = bench.world.history()
    assert {page.status.value for page in pages} == {"SKIPPED"}
    assert len({page.user_id for page in pages}) == len(pages) >= 8
    flaws = [line for line in history if line["kind"] == "INVALID_ANSWER"]
    assert {line["id"] for line in flaws} == {page.id for page in pages}
    logged = [each for each in caplog.records if each.name == "simulator.nouns.assignments"]
    assert {each.getMessage() for each in logged} == {
        f"a page is skipped: {'an answer is not allowed' if said else 'the answers function raised'}"
    }
    assert len([each for each in caplog.records if each.exc_info]) == (0 if said else 1)
    for told in (flaws[0], vars(logged[0])):
        assert (told["task_id"], told["project_id"]) == (task.id, made.project_id)
        assert told["flaw"].startswith(flaw)
