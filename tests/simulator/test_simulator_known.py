from collections import Counter

import pytest
import toloka.client as toloka
from blood import LABELS, PATIENT, Classes, answer, tasks
from simulated import serving, world
from toloka.client.exceptions import ApiError, ValidationApiError

from simulator.contents import known

SPEC = {"result": {"type": "string", "allowed_values": ["A", "B"]}, "sure": {"type": "boolean", "required": False}}


def solution(weight: float | None = None, **values: object) -> dict[str, object]:
    return {"output_values": values} | ({} if weight is None else {"correctness_weight": weight})


def test_known_solutions_make_a_control_task_and_a_hint_a_training_task():
    told = {"known_solutions": [solution(result="A")]}
    assert known.kind_of({}) == "real"
    assert known.kind_of(told) == "golden"
    assert known.kind_of(told | {"message_on_unknown_solution": "It is A"}) == "training"


def test_an_answer_is_worth_the_best_solution_that_it_has_every_field_of():
    body = {"known_solutions": [solution(result="A", sure=True), solution(0.25, result="A"), solution(0.5, result="B")]}
    worth = [
        known.credit(body, values)
        for values in ({"result": "A", "sure": True}, {"result": "A", "sure": False}, {"result": "B"}, {"sure": True})
    ]
    assert worth == [1.0, 0.25, 0.5, 0.0]
    assert known.best(body) == {"result": "A", "sure": True}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"known_solutions": []}, "known_solutions"),
        ({"message_on_unknown_solution": "It is A"}, "known_solutions"),
        ({"known_solutions": [solution(result="C")]}, "known_solutions[0].output_values.result"),
        ({"known_solutions": [solution(result="A"), solution(smell="A")]}, "known_solutions[1].output_values.smell"),
        ({"known_solutions": [solution()]}, "known_solutions[0].output_values"),
        ({"known_solutions": [{"output_values": "A"}]}, "known_solutions[0].output_values"),
        ({"known_solutions": [solution(result="A") | {"correct_weight": 1}]}, "known_solutions[0].correct_weight"),
        ({"known_solutions": [{"correctness_weight": 1}]}, "known_solutions[0].output_values"),
        ({"known_solutions": [solution(1.5, result="A")]}, "known_solutions[0].correctness_weight"),
        ({"known_solutions": [solution(result="A")], "message_on_unknown_solution": 5}, "message_on_unknown_solution"),
    ],
)
def test_a_solution_that_nobody_could_give_is_named(body, path):
    assert list(known.flaws(body, SPEC)) == [path]


def test_a_solution_needs_not_say_everything():
    assert known.flaws({"known_solutions": [solution(0.5, sure=True)]}, SPEC) == known.flaws({}, SPEC) == {}


def test_known_solutions_come_back_on_tasks_and_pages():
    with serving(world(PATIENT, answer)) as bench:
        classes = Classes(bench)
        (task,) = tasks(classes.exam.id, 1, "golden", 50)
        several = [toloka.task.BaseTask.KnownSolution(output_values={"result": each}) for each in LABELS[:2]]
        several[1].correctness_weight = 0.5
        task.known_solutions = several
        made = bench.client.create_task(task)
        assert bench.client.get_task(made.id) == made
        assert [each.correctness_weight for each in made.known_solutions] == [None, 0.5]
        classes.run(3)
        shown = [each for page in classes.pages(classes.exam.id) for each in page.tasks if each.id == made.id]
        assert shown
        assert {len(each.known_solutions) for each in shown} == {2}
        assert {each.infinite_overlap for each in shown} == {True}


def test_a_patch_makes_a_control_task_of_a_real_one_and_a_training_task_of_that():
    with serving(world(PATIENT, answer)) as bench:
        classes = Classes(bench, real=9, golden=1)
        real = next(each for each in bench.client.get_tasks(pool_id=classes.main.id) if not each.known_solutions)
        right = [toloka.task.BaseTask.KnownSolution(output_values={"result": "MONOCYTE"})]
        patched = bench.client.patch_task(real.id, toloka.task.TaskPatch(known_solutions=right))
        assert (patched.known_solutions, patched.overlap) == (right, 3)
        assert bench.client.get_task(real.id) == patched
        endless = bench.client.patch_task(real.id, toloka.task.TaskPatch(infinite_overlap=True, known_solutions=right))
        assert (endless.infinite_overlap, endless.overlap) == (True, None)
        classes.run()
        pages = classes.pages(classes.main.id)
        assert bench.client.get_pool(classes.main.id).is_closed()
        assert {sum(not task.known_solutions for task in page.tasks) for page in pages} == {8}
        assert all(real.id in {task.id for task in page.tasks} for page in pages)
        hint = toloka.task.TaskPatch(message_on_unknown_solution="It is MONOCYTE.")
        assert bench.client.patch_task(real.id, hint).message_on_unknown_solution == "It is MONOCYTE."
        told = Counter(line["kind"] for line in bench.world.history() if line["id"] == real.id)
        assert told == {"TASK_CREATED": 1, "TASK_KNOWN": 3, "OVERLAP": 1}


def test_a_patch_that_nobody_understands_is_refused(bench):
    classes = Classes(bench)
    real = next(each for each in bench.client.get_tasks(pool_id=classes.main.id) if not each.known_solutions)
    wrong = [toloka.task.BaseTask.KnownSolution(output_values={"result": "PLATELET"})]
    with pytest.raises(ValidationApiError) as caught:
        bench.client.patch_task(real.id, toloka.task.TaskPatch(known_solutions=wrong))
    assert list(caught.value.payload) == ["known_solutions[0].output_values.result"]
    with pytest.raises(ValidationApiError):
        bench.client.patch_task(real.id, toloka.task.TaskPatch(message_on_unknown_solution="It is."))
    bench.client.archive_pool(classes.main.id)
    with pytest.raises(ApiError) as late:
        bench.client.patch_task(real.id, toloka.task.TaskPatch(overlap=5))
    assert late.value.code == "INAPPROPRIATE_STATUS"
