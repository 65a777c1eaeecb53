"""Tasks are given to more performers until their answers are believed; the platform's own examples come out."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import httpx
import pytest
import toloka.client as toloka
from receiver import Inbox, receiving
from ruled import ONE_BY_ONE, course, in_turn, pages_of, rules, single, work
from simulated import Bench, checking_pool, checking_project, serving, world
from toloka.client import actions, collectors, conditions
from toloka.client.aggregation import WeightedDynamicOverlapTaskAggregatedSolutionRequest
from toloka.client.pool.dynamic_overlap_config import DynamicOverlapConfig

from simulator.courier import Courier
from simulator.crowd.performers import Crowd
from simulator.crowd.recorded import Recorded, Vote
from simulator.elements.clock import iso

FIELD = DynamicOverlapConfig.Field("result")
THREE = ["OK", "BAD", "SKIP"]


def dynamic(skill_id: str, most: int, confidence: float) -> dict[str, Any]:
    config = DynamicOverlapConfig(
        type="BASIC",
        max_overlap=most,
        min_confidence=confidence,
        answer_weight_skill_id=skill_id,
        fields=[FIELD],
    )
    defaults = toloka.Pool.Defaults(default_overlap_for_new_tasks=1, default_overlap_for_new_task_suites=1)
    return {"dynamic_overlap_config": config, "defaults": defaults}


def said(*answers: str) -> Any:
    """A world where a, b, c … answer the one task in this order, each a minute slower than the one before."""
    votes = [Vote("page-0", "abcdefg"[n], answer, 60.0 + 60 * n) for n, answer in enumerate(answers)]
    recorded = Recorded(votes, task_of=lambda inputs: str(inputs["assignment_id"]))
    return world(recorded, recorded)


def asked(bench: Bench, skills: Iterable[int | None], most: int, confidence: float, **settings: Any) -> toloka.Task:
    """The one task of a closed pool with dynamic overlap and three possible answers, for people with these skills."""
    project = checking_project()
    project.task_spec.output_spec["result"].allowed_values = THREE
    made = bench.client.create_project(project)
    skill = bench.client.create_skill(name="right")
    for name, value in zip("abcdefg", skills, strict=False):
        if value is not None:
            bench.client.set_user_skill(skill_id=skill.id, user_id=name, value=Decimal(value))
    fields = settings.pop("fields", {})
    given = ONE_BY_ONE | dynamic(skill.id, most, confidence) | settings
    pool = bench.client.create_pool(checking_pool(made.id, **given))
    (task,) = in_turn(bench, pool, 1, **fields)
    work(bench, pool)
    read = bench.client.get_pool(pool.id)
    assert read.last_close_reason == toloka.Pool.CloseReason.COMPLETED
    return bench.client.get_task(task.id)


def aggregated(bench: Bench, task: toloka.Task) -> tuple[str, float]:
    """What the task's answers come to by the API, which dynamic overlap must agree with."""
    skill = next(bench.client.get_skills(name="right"))
    request = WeightedDynamicOverlapTaskAggregatedSolutionRequest(
        task_id=task.id, pool_id=task.pool_id, answer_weight_skill_id=skill.id, fields=[FIELD]
    )
    found = bench.client.aggregate_solutions_by_task(request)
    return found.output_values["result"], float(found.confidence)


@pytest.mark.parametrize(
    ("answers", "skills", "most", "confidence", "wanted", "value", "sure"),
    [
        ("OK OK", (70, 90), 3, 0.95, 2, "OK", 0.977),
        ("OK BAD", (70, 90), 2, 0.95, 2, "BAD", 0.761),
        ("OK BAD BAD", (70, 90, 80), 3, 0.99, 3, "BAD", 0.962),
        ("OK", (96,), 3, 0.95, 1, "OK", 0.96),
        ("OK BAD OK BAD BAD", (None,) * 5, 5, 0.8, 5, "BAD", 0.615),
    ],
)
def test_the_platforms_own_examples_come_out(answers, skills, most, confidence, wanted, value, sure):
    """With people of 70, 90 and 80 %: 97.7 % for OK, 76.1 % for BAD, and 96.2 % with the third."""
    with serving(said(*answers.split())) as bench:
        task = asked(bench, skills, most, confidence)
        assert (task.overlap, task.remaining_overlap) == (wanted, 0)
        assert aggregated(bench, task) == (value, pytest.approx(sure, abs=1e-3))


def test_between_two_answers_people_of_no_skill_prove_nothing_and_all_are_asked():
    """A pool that closes at once does not before the fifth answer: every one is decided with its submission."""
    with serving(world(Crowd(performers=9, skip=0.0, expire=0.0))) as bench:
        skill = bench.client.create_skill(name="right")
        pool = bench.checking(**dynamic(skill.id, 5, 0.8), auto_close_after_complete_delay_seconds=0)
        tasks = bench.fill(pool, 10, overlap=2)
        work(bench, pool)
        assert {bench.client.get_task(task.id).overlap for task in tasks} == {5}
        closed = [line for line in bench.world.history() if line["kind"] == "POOL_CLOSED"]
        told = [line for line in bench.world.history() if line["kind"] == "DYNAMIC_OVERLAP"]
        assert [line["reason"] for line in closed] == ["COMPLETED"]
        assert {line["id"] for line in told} == {task.id for task in tasks}
        assert {line["confidence"] for line in told} == {0.5}
        assert all(len(line["assignment_ids"]) == 5 for line in told)


def test_a_task_that_has_more_than_the_most_is_done_when_it_has_that():
    with serving(world(Crowd(performers=9, skip=0.0, expire=0.0))) as bench:
        pool = bench.checking(**dynamic(bench.client.create_skill(name="right").id, 3, 0.8))
        (task,) = bench.fill(pool, 1, overlap=6)
        work(bench, pool)
        assert bench.client.get_task(task.id).overlap == 6


def delivered(bench: Bench, inbox: Inbox) -> list[dict[str, Any]]:
    courier = Courier(bench.world, lambda: bench.world.now)
    courier.deliver()
    courier.close()
    return inbox.events


def test_those_who_subscribed_are_told_what_the_answers_came_to():
    with serving(said("OK", "BAD", "BAD")) as bench, receiving() as inbox:
        skill = bench.client.create_skill(name="right")
        for name, value in zip("abc", (70, 90, 80), strict=True):
            bench.client.set_user_skill(skill_id=skill.id, user_id=name, value=Decimal(value))
        pool = single(bench, **dynamic(skill.id, 3, 0.999))
        (task,) = in_turn(bench, pool, 1)
        (subscription,) = inbox.subscribe(bench, pool.id, "DYNAMIC_OVERLAP_COMPLETED")
        work(bench, pool)
        (event,) = delivered(bench, inbox)
        pages = pages_of(bench, pool)
        assert event["confidence"] == pytest.approx(0.9391, abs=1e-4)
        assert set(event.pop("assignment_ids")) == {page.id for page in pages}
        last = max(page.submitted for page in pages)
        assert event | {"uuid": "", "confidence": 0} == {
            "uuid": "",
            "type": "DYNAMIC_OVERLAP_COMPLETED",
            "event_time": iso(last.timestamp()),
            "project_id": pool.project_id,
            "pool_id": pool.id,
            "task_id": task.id,
            "confidence": 0,
            "output_values": {"result": "BAD"},
            "webhook_subscription_id": subscription,
        }


def test_a_majority_is_told_when_a_task_is_asked_no_more():
    """Two of three are believed only together with the third: nobody's share is known before."""
    with serving(said("OK", "BAD", "BAD")) as bench:
        share = bench.client.create_skill(name="share")
        give = actions.SetSkillFromOutputField(skill_id=share.id, from_field="correct_answers_rate")
        vote = (collectors.MajorityVote(answer_threshold=1), [conditions.TotalAnswersCount > 0], give)
        asked(bench, (70, 90, 80), 3, 0.999, **rules(vote))
        told = [line for line in bench.world.history() if line["kind"] == "USER_SKILL" and line["skill_id"] == share.id]
        stopped = [line["at"] for line in bench.world.history() if line["kind"] == "DYNAMIC_OVERLAP"]
        assert {line["at"] for line in told} == set(stopped)
        assert course(bench, share.id) == [100, 100, 100]


def test_an_answer_that_waits_for_its_review_counts_and_a_refused_one_does_not():
    with serving(said("OK", "BAD", "OK")) as bench:
        by_hand = {"auto_accept_solutions": False, "auto_accept_period_day": 21}
        task = asked(bench, (90, 90, 90), 2, 0.95, **by_hand)
        pages = list(bench.client.get_assignments(task_id=task.id))
        assert (task.overlap, {page.status.value for page in pages}) == (2, {"SUBMITTED"})
        bench.client.reject_assignment(pages[0].id, "no")
        bench.client.patch_task(task.id, toloka.task.TaskPatch(overlap=3))
        bench.client.open_pool(task.pool_id)
        bench.run(3)
        last = [line for line in bench.world.history() if line["kind"] == "DYNAMIC_OVERLAP"][-1]
        assert pages[0].id not in last["assignment_ids"]
        assert len(last["assignment_ids"]) == 2


def refusal(bench: Bench, change: dict[str, Any], **pool: Any) -> dict[str, str]:
    """Codes by path within the dynamic overlap of a pool that is sent with this change of a good one."""
    skill = bench.client.create_skill(name="right")
    body = bench.checking(**dynamic(skill.id, 5, 0.8)).unstructure() | {"reward_per_assignment": 0.01} | pool
    config = {"type": "BASIC", "max_overlap": 5, "min_confidence": 0.8, "answer_weight_skill_id": skill.id}
    body["dynamic_overlap_config"] = config | {"fields": [{"name": "result"}]} | change
    answer = httpx.post(f"{bench.url}/api/v1/pools", json=body, headers={"Authorization": "OAuth token"})
    return {path: flaw["code"] for path, flaw in answer.json().get("payload", {}).items()}


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"type": "CLEVER"}, ".type", "UNKNOWN_ENUM_VALUE"),
        ({"type": None}, ".type", "VALUE_REQUIRED"),
        ({"max_overlap": 1}, ".max_overlap", "VALUE_LESS_THAN_MIN"),
        ({"max_overlap": 30_001}, ".max_overlap", "VALUE_GREATER_THAN_MAX"),
        ({"min_confidence": 1.1}, ".min_confidence", "VALUE_GREATER_THAN_MAX"),
        ({"min_confidence": None}, ".min_confidence", "VALUE_REQUIRED"),
        ({"answer_weight_skill_id": "404"}, ".answer_weight_skill_id", "ENTITY_DOES_NOT_EXIST"),
        ({"fields": []}, ".fields", "VALUES_REQUIRED"),
        ({"fields": [{"name": "smell"}]}, ".fields[0].name", "VALUE_NOT_ALLOWED"),
        ({"colour": "red"}, ".colour", "VALUE_NOT_ALLOWED"),
    ],
)
def test_what_is_wrong_is_named(bench, change, path, code):
    assert refusal(bench, {}) == {}
    assert refusal(bench, change) == {f"dynamic_overlap_config{path}": code}


def test_it_needs_mixing_and_answers_that_can_be_counted(bench):
    assert refusal(bench, {}, mixer_config=None) == {"dynamic_overlap_config": "VALUE_NOT_ALLOWED"}
    outlines = bench.outlining().project_id
    found = refusal(bench, {}, project_id=outlines)
    assert found == {"dynamic_overlap_config.fields[0].name": "VALUE_NOT_ALLOWED"}


def test_the_pool_comes_back_as_it_was_sent_and_keeps_its_skill(bench):
    skill = bench.client.create_skill(name="right")
    pool = bench.checking(**dynamic(skill.id, 5, 0.8))
    assert bench.client.get_pool(pool.id).dynamic_overlap_config == pool.dynamic_overlap_config
    answer = httpx.delete(f"{bench.url}/api/v1/skills/{skill.id}", headers={"Authorization": "OAuth token"})
    assert answer.json()["code"] == "SKILL_IS_USED"
