from datetime import datetime

import httpx
import pytest
import toloka.client as toloka
from simulated import checking_pool, checking_project, outlining_pool, outlining_project, without_skill
from toloka.client import actions, collectors, conditions
from toloka.client.exceptions import IncorrectActionsApiError, ValidationApiError
from toloka.client.pool.dynamic_overlap_config import DynamicOverlapConfig
from toloka.client.project.field_spec import StringSpec

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


def test_what_an_update_changed_is_history(bench):
    pool = bench.outlining()
    pool.reward_per_assignment = 0.02
    for _ in range(2):
        bench.client.update_pool(pool.id, pool)
    changes = [line["changed"] for line in bench.world.history() if line["kind"] == "POOL_UPDATED"]
    assert changes == [{"reward_per_assignment": 0.02}]


def test_a_rule_put_before_another_has_an_identity_of_its_own(bench):
    made = bench.checking()
    skill = bench.client.create_skill(name="skill")
    pool = bench.client.update_pool(made.id, segmentation_rules(made, skill.id))
    first, *others = pool.quality_control.configs
    known = [each.collector_config.uuid for each in others]
    first.collector_config.uuid = None
    pool.quality_control.configs = [others[0], first, *others[1:]]
    moved = bench.client.update_pool(pool.id, pool)
    found = [each.collector_config.uuid for each in moved.quality_control.configs]
    assert [found[0], *found[2:]] == known
    assert len({*found}) == 4
    first.collector_config.uuid = None
    pool.quality_control.configs = [first, *moved.quality_control.configs]
    more = bench.client.update_pool(pool.id, pool)
    assert [each.collector_config.uuid for each in more.quality_control.configs][1:] == found
    assert len({each.collector_config.uuid for each in more.quality_control.configs}) == 5


def test_a_pool_stays_in_its_project(bench):
    pool, other = bench.outlining(), bench.client.create_project(checking_project())
    pool.project_id = other.id
    with pytest.raises(ValidationApiError) as caught:
        bench.client.update_pool(pool.id, pool)
    assert list(caught.value.payload) == ["project_id"]
    assert bench.client.get_pool(pool.id).project_id != other.id


def test_the_priority_alone_is_patched(bench):
    pool = bench.checking()
    assert bench.client.patch_pool(pool.id, priority=7).priority == 7
    answer = httpx.patch(f"{bench.url}/api/v1/pools/{pool.id}", json={"status": "OPEN"}, headers=AUTH)
    assert list(answer.json()["payload"]) == ["status"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("reward_per_assignment", 0.02), ("private_name", "n"), ("private_comment", "c"), ("priority", 7)],
)
def test_an_open_pool_is_read_changed_and_sent_back(bench, name, value):
    skill = bench.client.create_skill(toloka.Skill(name="segmentation"))
    project = bench.client.create_project(outlining_project())
    made = bench.client.create_pool(segmentation_rules(outlining_pool(project.id), skill.id))
    bench.fill(made, 1)
    bench.client.open_pool(made.id)
    read = bench.client.get_pool(made.id)
    setattr(read, name, value)
    changed = bench.client.update_pool(made.id, read)
    assert (getattr(changed, name), changed) == (value, bench.client.get_pool(made.id))


def test_a_priority_is_judged_alone(bench):
    skill = bench.client.create_skill(name="skill")
    weighed = DynamicOverlapConfig(
        type="BASIC",
        max_overlap=5,
        min_confidence=0.9,
        answer_weight_skill_id=skill.id,
        fields=[DynamicOverlapConfig.Field("result")],
    )
    pool = bench.checking(dynamic_overlap_config=weighed)
    project = bench.client.get_project(pool.project_id)
    project.task_spec.output_spec = {"other": StringSpec()}
    bench.client.update_project(project.id, project)
    assert bench.client.patch_pool(pool.id, priority=7).priority == 7
    changes = [line["changed"] for line in bench.world.history() if line["kind"] == "POOL_UPDATED"]
    assert changes == [{"priority": 7}]
    for wrong in ({}, {"priority": None}, {"priority": 101}, {"priority": "high"}):
        answer = bench.http.patch(f"pools/{pool.id}", json=wrong)
        assert (answer.status_code, list(answer.json()["payload"])) == (400, ["priority"])
    bench.client.archive_pool(pool.id)
    with pytest.raises(IncorrectActionsApiError):
        bench.client.patch_pool(pool.id, priority=8)


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
