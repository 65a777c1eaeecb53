"""Preliminary answers: weighed as performers' are, in dynamic overlap as in aggregation."""

from decimal import Decimal
from typing import Any

import httpx
import pytest
import toloka.client as toloka
from ruled import in_turn, single, work
from simulated import Bench, serving
from test_simulator_dynamic_overlap import aggregated, dynamic, said

Baseline = toloka.Task.BaselineSolution
GUESSED = [
    Baseline(output_values={"result": "OK"}, confidence_weight=0.8),
    Baseline(output_values={"result": "BAD"}, confidence_weight=0.4),
]


def guessed(bench: Bench, **fields: Any) -> toloka.Task:
    """A task that wants one to three answers with 85 % confidence, of whom the first has a skill of 90."""
    skill = bench.client.create_skill(name="right")
    for name in bench.world.state.people:
        bench.client.set_user_skill(skill_id=skill.id, user_id=name, value=Decimal(90))
    pool = single(bench, **dynamic(skill.id, 3, 0.85))
    (task,) = in_turn(bench, pool, 1, **fields)
    work(bench, pool)
    return bench.client.get_task(task.id)


@pytest.mark.parametrize(("answer", "overlap", "sure"), [("OK", 1, 0.9818), ("BAD", 2, 0.9310)])
def test_what_was_guessed_before_settles_a_task_or_has_it_asked_once_more(answer, overlap, sure):
    """A network says OK with 80 % and BAD with 40 %: who says so, too, is believed; who does not, is not alone."""
    with serving(said(answer, answer, answer)) as bench:
        task = guessed(bench, baseline_solutions=GUESSED)
        assert task.overlap == overlap
        assert aggregated(bench, task) == (answer, pytest.approx(sure, abs=1e-4))
        first = next(line for line in bench.world.history() if line["kind"] == "DYNAMIC_OVERLAP")
        assert first["confidence"] == pytest.approx(sure, abs=1e-4)


def test_a_guess_without_a_weight_is_as_good_as_sure():
    """One performer of 90 % who says otherwise does not prevail against it."""
    with serving(said("BAD")) as bench:
        task = guessed(bench, baseline_solutions=[Baseline(output_values={"result": "OK"})])
        assert task.overlap == 1
        assert aggregated(bench, task) == ("OK", pytest.approx(0.9167, abs=1e-4))


def test_it_is_shown_and_changed(bench):
    pool = bench.checking()
    task = bench.fill(pool, 1, baseline_solutions=GUESSED)[0]
    assert bench.client.get_task(task.id).baseline_solutions == GUESSED
    bench.client.patch_task(task.id, toloka.task.TaskPatch(baseline_solutions=GUESSED[:1]))
    assert bench.client.get_task(task.id).baseline_solutions == GUESSED[:1]
    work(bench, pool)
    (page, _) = bench.client.get_assignments(pool_id=pool.id)
    assert page.tasks[0].baseline_solutions == GUESSED[:1]


@pytest.mark.parametrize(
    ("solution", "path", "code"),
    [
        ({"output_values": {"result": "MAYBE"}}, "[0].output_values.result", "VALUE_NOT_ALLOWED"),
        ({"output_values": {"smell": "good"}}, "[0].output_values.smell", "VALUE_NOT_ALLOWED"),
        ({"output_values": {}}, "[0].output_values", "VALUE_REQUIRED"),
        ({}, "[0].output_values", "VALUE_REQUIRED"),
        (
            {"output_values": {"result": "OK"}, "confidence_weight": 1.5},
            "[0].confidence_weight",
            "VALUE_GREATER_THAN_MAX",
        ),
    ],
)
def test_what_is_wrong_is_named(bench, solution, path, code):
    pool = bench.checking()
    values = {"image": "https://a.example/1.png", "assignment_id": "page-1"}
    body = {"pool_id": pool.id, "input_values": values, "overlap": 1, "baseline_solutions": [solution]}
    with httpx.Client(base_url=f"{bench.url}/api/v1", headers={"Authorization": "OAuth token"}) as http:
        answer = http.post("/tasks", json=body)
        assert {k: v["code"] for k, v in answer.json()["payload"].items()} == {f"baseline_solutions{path}": code}
        good = http.post("/tasks", json=body | {"baseline_solutions": None}).json()
        patched = http.patch(f"/tasks/{good['id']}", json={"baseline_solutions": [solution]})
        assert set(patched.json()["payload"]) == {f"baseline_solutions{path}"}


def test_a_suite_has_none(bench):
    pool = bench.checking(mixer_config=None)
    values = {"image": "https://a.example/1.png", "assignment_id": "page-1"}
    inner = {"input_values": values, "baseline_solutions": [{"output_values": {"result": "OK"}}]}
    body = {"pool_id": pool.id, "tasks": [inner], "overlap": 1}
    answer = httpx.post(f"{bench.url}/api/v1/task-suites", json=body, headers={"Authorization": "OAuth token"})
    assert {path: each["code"] for path, each in answer.json()["payload"].items()} == {
        "tasks[0].baseline_solutions": "VALUE_NOT_ALLOWED"
    }
