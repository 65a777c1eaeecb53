from datetime import datetime

import httpx
import pytest
import toloka.client as toloka
from simulated import checking_pool, checking_project, outlining_pool, outlining_project, without_skill
from toloka.client import actions, collectors, conditions
from toloka.client.exceptions import IncorrectActionsApiError, ValidationApiError
from toloka.client.filter import FilterAnd, Gender

AUTH = {"Authorization": "OAuth token"}


def segmentation_rules(pool: toloka.Pool, skill_id: str) -> toloka.Pool:
    """The rules of the reference notebook's segmentation pool."""
    long = {"scope": "ALL_PROJECTS", "duration_unit": "DAYS"}
    pool.quality_control.add_action(
        collector=collectors.AcceptanceRate(),
        conditions=[conditions.TotalAssignmentsCount > 2, conditions.RejectedAssignmentsRate > 35],
        action=actions.RestrictionV2(**long, duration=15, private_comment="often refused"),
    )
    pool.quality_control.add_action(
        collector=collectors.AssignmentSubmitTime(fast_submit_threshold_seconds=20, history_size=5),
        conditions=[conditions.FastSubmittedCount > 1],
        action=actions.RestrictionV2(**long, duration=10, private_comment="fast"),
    )
    pool.quality_control.add_action(
        collector=collectors.AnswerCount(),
        conditions=[conditions.AssignmentsAcceptedCount > 0],
        action=actions.SetSkill(skill_id=skill_id, skill_value=1),
    )
    pool.quality_control.add_action(
        collector=collectors.AssignmentsAssessment(),
        conditions=[conditions.AssessmentEvent == conditions.AssessmentEvent.REJECT],
        action=actions.ChangeOverlap(delta=1, open_pool=True),
    )
    return pool


def test_the_notebooks_segmentation_pool_comes_back_as_it_was_sent(bench):
    skill = bench.client.create_skill(toloka.Skill(name="segmentation"))
    project = bench.client.create_project(outlining_project())
    sent = segmentation_rules(outlining_pool(project.id), skill.id)
    made = bench.client.create_pool(sent)
    read = bench.client.get_pool(made.id)
    assert read == made
    assert (read.status, read.reward_per_assignment, read.will_expire.year) == (toloka.Pool.Status.CLOSED, 0.01, 2030)
    assert len(read.quality_control.configs) == 4
    assert all(config.collector_config.uuid for config in read.quality_control.configs)


def test_the_notebooks_verification_pool_is_accepted(bench):
    skill = bench.client.create_skill(toloka.Skill(name="segmentation"))
    quality = bench.client.create_skill(toloka.Skill(name="verification"))
    project = bench.client.create_project(checking_project())
    sent = checking_pool(project.id, filter=without_skill(skill.id))
    sent.quality_control.add_action(
        collector=collectors.MajorityVote(answer_threshold=2),
        conditions=[conditions.TotalAnswersCount > 9, conditions.CorrectAnswersRate < 50],
        action=actions.RestrictionV2(scope="ALL_PROJECTS", duration_unit="DAYS", duration=10),
    )
    sent.quality_control.add_action(
        collector=collectors.MajorityVote(answer_threshold=2, history_size=10),
        conditions=[conditions.TotalAnswersCount > 2],
        action=actions.SetSkillFromOutputField(skill_id=quality.id, from_field="correct_answers_rate"),
    )
    made = bench.client.create_pool(sent)
    assert bench.client.get_pool(made.id) == made
    assert made.filter.unstructure()["and"][1]["or"][0]["value"] is None
    assert len(made.quality_control.configs) == 2


def test_pools_are_found_by_project_and_status(bench):
    one, other = bench.outlining(), bench.checking()
    assert [pool.id for pool in bench.client.get_pools(project_id=one.project_id)] == [one.id]
    assert {pool.id for pool in bench.client.get_pools(status="CLOSED")} == {one.id, other.id}


def test_a_closed_pool_may_change_and_an_open_one_only_its_price(bench):
    pool = bench.checking()
    pool.assignment_max_duration_seconds = 900
    assert bench.client.update_pool(pool.id, pool).assignment_max_duration_seconds == 900
    bench.fill(pool, 10)
    pool = bench.client.open_pool(pool.id)
    pool.reward_per_assignment = 0.02
    assert bench.client.update_pool(pool.id, pool).reward_per_assignment == 0.02
    pool.assignment_max_duration_seconds = 60
    with pytest.raises(IncorrectActionsApiError):
        bench.client.update_pool(pool.id, pool)
    assert bench.client.get_pool(pool.id).assignment_max_duration_seconds == 900


def test_the_priority_alone_is_patched(bench):
    pool = bench.checking()
    assert bench.client.patch_pool(pool.id, priority=7).priority == 7
    answer = httpx.patch(f"{bench.url}/api/v1/pools/{pool.id}", json={"status": "OPEN"}, headers=AUTH)
    assert list(answer.json()["payload"]) == ["status"]


@pytest.mark.parametrize(
    ("setting", "path"),
    [
        ({"reward_per_assignment": 0.001}, "reward_per_assignment"),
        ({"assignment_max_duration_seconds": 1}, "assignment_max_duration_seconds"),
        ({"auto_accept_period_day": 30}, "auto_accept_period_day"),
        ({"filter": FilterAnd([Gender == Gender.MALE])}, "filter.and[0].or[0]"),
        ({"filter": without_skill("404")}, "filter.and[1].or[0]"),
        ({"auto_accept_solutions": False}, "auto_accept_period_day"),
    ],
)
def test_a_setting_out_of_bounds_or_unknown_is_named(bench, setting, path):
    with pytest.raises(ValidationApiError) as caught:
        bench.checking(**setting)
    assert list(caught.value.payload) == [path]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"colour": "red"}, "colour"),
        ({"dynamic_overlap_config": {"type": "BASIC"}}, "dynamic_overlap_config"),
        ({"type": "EXAM"}, "type"),
        ({"will_expire": "soon"}, "will_expire"),
        ({"quality_control": 5}, "quality_control"),
        ({"quality_control": {"training_requirement": {"x": 1}}}, "quality_control.training_requirement"),
        ({"filter": {"category": "profile", "key": "languages", "operator": "EQ", "value": "EN"}}, "filter"),
        ({"filter": {"category": "skill", "key": "1", "operator": "LIKE", "value": 1}}, "filter"),
        ({"project_id": "404"}, "project_id"),
        ({"mixer_config": {"golden_tasks_count": 2}}, "mixer_config.golden_tasks_count"),
        ({"reward_per_assignment": "much"}, "reward_per_assignment"),
        ({"auto_close_after_complete_delay_seconds": 259_201}, "auto_close_after_complete_delay_seconds"),
    ],
)
def test_what_the_simulator_does_not_know_is_refused_by_name(bench, change, path):
    project = bench.client.create_project(checking_project())
    body = checking_pool(project.id).unstructure() | {"will_expire": "2030-01-01T00:00:00"} | change
    answer = httpx.post(f"{bench.url}/api/v1/pools", json={k: _plain(v) for k, v in body.items()}, headers=AUTH)
    assert answer.status_code == 400
    assert path in answer.json()["payload"]


def _plain(value):
    return value if isinstance(value, str | int | dict | list | bool) else float(value)


def test_opening_and_closing_twice_is_no_operation(bench):
    pool = bench.checking()
    bench.fill(pool, 1)
    url = f"{bench.url}/api/v1/pools/{pool.id}"
    answers = [httpx.post(f"{url}/{act}", headers=AUTH).status_code for act in ("open", "open", "close", "close")]
    assert answers == [202, 204, 202, 204]
    assert bench.client.get_pool(pool.id).last_close_reason == toloka.Pool.CloseReason.MANUAL


def test_operations_are_found(bench):
    pool = bench.checking()
    bench.fill(pool, 1)
    operation = bench.client.open_pool_async(pool.id)
    assert bench.client.get_operation(operation.id).status.value == "SUCCESS"
    assert bench.client.wait_operation(operation).is_completed()
    found = httpx.get(f"{bench.url}/api/v1/operations?type=POOL.OPEN", headers=AUTH).json()["items"]
    assert [each["id"] for each in found] == [operation.id]
    assert list(bench.client.get_operation_log(operation.id)) == []


def test_expiry_is_a_moment(bench):
    pool = bench.checking(will_expire=datetime(2023, 11, 15))
    bench.fill(pool, 1)
    bench.client.close_pool(bench.client.open_pool(pool.id).id)
    bench.run(48)
    with pytest.raises(IncorrectActionsApiError):
        bench.client.open_pool(pool.id)
