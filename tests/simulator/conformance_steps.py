"""The steps of the conformance run, noun by noun."""

from decimal import Decimal
from typing import Any

import pytest
import toloka.client as toloka
from blood import project as labelling_project
from blood import tasks as labelling_tasks
from blood import training as labelling_training
from conformance import Stand, step
from receiver import receiving
from simulated import checking_pool, checking_project, inputs
from toloka.client.exceptions import DoesNotExistApiError
from toloka.client.pool import PoolPatchRequest
from toloka.client.pool.mixer_config import MixerConfig
from toloka.client.task import TaskOverlapPatch, TaskPatch
from toloka.client.task_suite import TaskSuiteOverlapPatch, TaskSuitePatch

Status = toloka.Pool.Status


@step("GET /v1/requester", "get_requester")
def requester(stand: Stand) -> None:
    before = stand.kit.get_requester().balance
    pool = stand.bench.checking()
    stand.bench.fill(pool, 10)
    stand.kit.open_pool(pool.id)
    stand.bench.run()
    assert stand.kit.get_requester().balance == before - 2 * Decimal("0.013")


@step(
    """
    POST /v1/projects
    GET /v1/projects
    GET /v1/projects/{}
    PUT /v1/projects/{}
    POST /v1/projects/{}/archive
    """,
    "create_project get_project find_projects get_projects update_project archive_project archive_project_async",
)
def projects(stand: Stand) -> None:
    kit = stand.kit
    made, other = kit.create_project(checking_project()), kit.create_project(checking_project())
    assert kit.get_project(made.id) == made
    made.public_instructions = "Look closely"
    kit.update_project(made.id, made)
    assert kit.get_project(made.id).public_instructions == "Look closely"
    assert made.id in [each.id for each in kit.find_projects(status="ACTIVE", sort=["-id"], limit=20).items]
    assert kit.archive_project(made.id).status == toloka.Project.ProjectStatus.ARCHIVED
    assert kit.wait_operation(kit.archive_project_async(other.id)).is_completed()
    assert {made.id, other.id} <= {each.id for each in kit.get_projects(status="ARCHIVED")}


@step(
    """
    POST /v1/skills
    GET /v1/skills
    GET /v1/skills/{}
    PUT /v1/skills/{}
    DELETE /v1/skills/{}
    """,
    "create_skill get_skill find_skills get_skills update_skill",
)
def skills(stand: Stand) -> None:
    kit = stand.kit
    made = kit.create_skill(name="Жёлтый 🟡", public_requester_description={"EN": "Yellow"})
    assert [each.id for each in kit.get_skills(name="Жёлтый 🟡")] == [made.id]
    made.private_comment = "changed"
    kit.update_skill(made.id, made)
    assert kit.get_skill(made.id).private_comment == "changed"
    assert kit.find_skills(sort=["-created"], limit=1).items[0].id == made.id
    assert stand.http.delete(f"/skills/{made.id}").status_code == 204
    with pytest.raises(DoesNotExistApiError):
        kit.get_skill(made.id)


@step(
    """
    PUT /v1/user-skills
    GET /v1/user-skills
    GET /v1/user-skills/{}
    DELETE /v1/user-skills/{}
    """,
    "set_user_skill get_user_skill find_user_skills get_user_skills delete_user_skill",
)
def user_skills(stand: Stand) -> None:
    kit, user_id = stand.kit, stand.people[0]
    skill = kit.create_skill(name="held")
    held = kit.set_user_skill(skill_id=skill.id, user_id=user_id, value=Decimal("66.6"))
    kit.set_user_skill(skill_id=skill.id, user_id=user_id, value=Decimal("77.7"))
    assert kit.get_user_skill(held.id).exact_value == Decimal("77.7")
    assert [each.value for each in kit.get_user_skills(skill_id=skill.id)] == [78]
    assert kit.find_user_skills(user_id=user_id, sort=["-modified"]).items[0].id == held.id
    kit.delete_user_skill(held.id)
    assert list(kit.get_user_skills(skill_id=skill.id)) == []


@step(
    """
    PUT /v1/user-restrictions
    GET /v1/user-restrictions
    GET /v1/user-restrictions/{}
    DELETE /v1/user-restrictions/{}
    """,
    """
    set_user_restriction get_user_restriction find_user_restrictions get_user_restrictions
    delete_user_restriction
    """,
)
def user_restrictions(stand: Stand) -> None:
    kit, user_id = stand.kit, stand.people[1]
    project = kit.create_project(checking_project())
    ban = toloka.user_restriction.ProjectUserRestriction(user_id=user_id, private_comment="no", project_id=project.id)
    made = kit.set_user_restriction(ban)
    assert kit.get_user_restriction(made.id).private_comment == "no"
    assert [each.id for each in kit.get_user_restrictions(project_id=project.id)] == [made.id]
    assert kit.find_user_restrictions(user_id=user_id, sort=["-created"]).items[0].id == made.id
    kit.delete_user_restriction(made.id)
    assert list(kit.get_user_restrictions(project_id=project.id)) == []


@step(
    """
    POST /v1/trainings
    GET /v1/trainings
    GET /v1/trainings/{}
    PUT /v1/trainings/{}
    POST /v1/trainings/{}/open
    POST /v1/trainings/{}/close
    POST /v1/trainings/{}/archive
    POST /v1/trainings/{}/clone
    POST /v1/trainings/{}/close-for-update
    """,
    """
    create_training get_training find_trainings get_trainings update_training
    open_training open_training_async close_training close_training_async archive_training archive_training_async
    clone_training clone_training_async
    """,
)
def trainings(stand: Stand) -> None:
    kit = stand.kit
    project = kit.create_project(labelling_project())
    made = kit.create_training(labelling_training(project.id))
    kit.create_tasks(labelling_tasks(made.id, 15, "training"), allow_defaults=True)
    made.public_instructions = "Learn"
    kit.update_training(made.id, made)
    assert kit.get_training(made.id).public_instructions == "Learn"
    assert kit.open_training(made.id).is_open()
    assert kit.open_training_async(made.id) is None
    assert [each.id for each in kit.get_trainings(project_id=project.id, status="OPEN")] == [made.id]
    assert stand.http.post(f"/trainings/{made.id}/close-for-update").json()["status"] == "SUCCESS"
    assert kit.get_training(made.id).last_close_reason.value == "FOR_UPDATE"
    assert stand.http.post(f"/trainings/{made.id}/close-for-update").status_code == 204
    kit.open_training(made.id)
    assert kit.close_training(made.id).is_closed()
    assert kit.close_training_async(made.id) is None
    assert kit.find_trainings(project_id=project.id).items[0].last_close_reason.value == "MANUAL"
    assert kit.archive_training(made.id).is_archived()
    assert kit.archive_training_async(made.id) is None
    clone = kit.clone_training(made.id)
    other = kit.wait_operation(kit.clone_training_async(made.id)).details.training_id
    assert {each.id for each in kit.get_trainings(project_id=project.id)} == {made.id, clone.id, other}
    assert kit.get_pool(made.id).status == Status.ARCHIVED


@step(
    """
    POST /v1/pools
    GET /v1/pools
    GET /v1/pools/{}
    PUT /v1/pools/{}
    PATCH /v1/pools/{}
    """,
    "create_pool get_pool find_pools get_pools update_pool patch_pool",
)
def pools(stand: Stand) -> None:
    kit = stand.kit
    project = kit.create_project(checking_project())
    made = kit.create_pool(checking_pool(project.id))
    assert kit.get_pool(made.id) == made
    made.private_comment = "changed"
    kit.update_pool(made.id, made)
    assert kit.get_pool(made.id).private_comment == "changed"
    kit.patch_pool(made.id, PoolPatchRequest(priority=7))
    assert kit.get_pool(made.id).priority == 7
    assert [each.id for each in kit.get_pools(project_id=project.id, status="CLOSED")] == [made.id]
    assert kit.find_pools(project_id=project.id, sort=["-last_started"], limit=1).items[0].id == made.id
    known = MixerConfig(real_tasks_count=0, golden_tasks_count=5, training_tasks_count=0)
    exam = kit.create_pool(checking_pool(project.id, type="EXAM", reward_per_assignment=0.0, mixer_config=known))
    assert kit.get_pool(exam.id).type.value == "EXAM"


@step("POST /v1/pools/{}/clone", "clone_pool clone_pool_async clone_project")
def clones(stand: Stand) -> None:
    kit, pool = stand.kit, stand.bench.checking()
    made = kit.clone_pool(pool.id)
    other = kit.wait_operation(kit.clone_pool_async(pool.id)).details.pool_id
    assert {each.id for each in kit.get_pools(project_id=pool.project_id)} == {pool.id, made.id, other}
    deep = kit.clone_project(pool.project_id)
    assert len(list(kit.get_pools(project_id=deep.project.id))) == 3


@step(
    """
    POST /v1/pools/{}/open
    POST /v1/pools/{}/close
    POST /v1/pools/{}/close-for-update
    POST /v1/pools/{}/archive
    """,
    """
    open_pool open_pool_async close_pool close_pool_async close_pool_for_update close_pool_for_update_async
    archive_pool archive_pool_async
    """,
)
def pool_states(stand: Stand) -> None:
    kit, bench = stand.kit, stand.bench
    pool = bench.checking()
    bench.fill(pool, 1)
    assert kit.wait_operation(kit.open_pool_async(pool.id)).status.value == "SUCCESS"
    assert kit.get_pool(pool.id).is_open()
    assert kit.open_pool_async(pool.id) is None
    assert kit.open_pool(pool.id).is_open()
    assert kit.close_pool_for_update(pool.id).last_close_reason.value == "FOR_UPDATE"
    assert kit.close_pool_for_update_async(pool.id) is None
    kit.open_pool(pool.id)
    kit.wait_operation(kit.close_pool_async(pool.id))
    assert kit.get_pool(pool.id).last_close_reason.value == "MANUAL"
    assert kit.close_pool(pool.id).is_closed()
    assert kit.archive_pool(pool.id).is_archived()
    assert kit.archive_pool_async(pool.id) is None
    assert [each.id for each in kit.get_pools(project_id=pool.project_id, status="ARCHIVED")] == [pool.id]


@step(
    """
    POST /v1/tasks
    GET /v1/tasks
    GET /v1/tasks/{}
    PATCH /v1/tasks/{}
    PATCH /v1/tasks/{}/set-overlap-or-min
    """,
    """
    create_task create_tasks create_tasks_async get_task find_tasks get_tasks patch_task patch_task_overlap_or_min
    """,
)
def tasks(stand: Stand) -> None:
    kit, pool = stand.kit, stand.bench.checking()
    wanted = [toloka.Task(pool_id=pool.id, input_values=inputs(pool, n, "http://x"), overlap=2) for n in range(4)]
    one = kit.create_task(wanted[0])
    assert kit.get_task(one.id).input_values == wanted[0].input_values
    two = kit.create_tasks(wanted[1:3], async_mode=False)
    assert {task.id for task in two.items.values()} <= {task.id for task in kit.get_tasks(pool_id=pool.id)}
    three = kit.create_tasks_async(wanted[3:])
    assert kit.wait_operation(three).details["success_count"] == 1
    bad = toloka.Task(pool_id=pool.id, input_values={"image": 5}, overlap=1)
    mixed = kit.create_tasks([wanted[0], bad], skip_invalid_items=True)
    assert (list(mixed.items), list(mixed.validation_errors)) == (["0"], ["1"])
    kit.patch_task(one.id, TaskPatch(overlap=5))
    assert kit.get_task(one.id).overlap == 5
    kit.patch_task_overlap_or_min(one.id, TaskOverlapPatch(overlap=0))
    assert kit.get_task(one.id).remaining_overlap == 0
    assert len(kit.find_tasks(pool_id=pool.id, sort=["-created", "id"], limit=3).items) == 3


@step(
    """
    POST /v1/task-suites
    GET /v1/task-suites
    GET /v1/task-suites/{}
    PATCH /v1/task-suites/{}
    PATCH /v1/task-suites/{}/set-overlap-or-min
    """,
    """
    create_task_suite create_task_suites create_task_suites_async get_task_suite find_task_suites get_task_suites
    patch_task_suite patch_task_suite_overlap_or_min
    """,
)
def task_suites(stand: Stand) -> None:
    kit, pool = stand.kit, stand.bench.checking(mixer_config=None)
    wanted = [
        toloka.TaskSuite(pool_id=pool.id, overlap=2, tasks=[toloka.Task(input_values=inputs(pool, n, "http://x"))])
        for n in range(4)
    ]
    one = kit.create_task_suite(wanted[0])
    assert kit.get_task_suite(one.id).tasks[0].input_values == wanted[0].tasks[0].input_values
    two = kit.create_task_suites(wanted[1:3], async_mode=False)
    assert {each.id for each in two.items.values()} <= {each.id for each in kit.get_task_suites(pool_id=pool.id)}
    assert kit.wait_operation(kit.create_task_suites_async(wanted[3:])).details["success_count"] == 1
    kit.patch_task_suite(one.id, TaskSuitePatch(overlap=5, issuing_order_override=2.5))
    assert kit.get_task_suite(one.id).overlap == 5
    kit.patch_task_suite_overlap_or_min(one.id, TaskSuiteOverlapPatch(overlap=0))
    assert kit.get_task_suite(one.id).remaining_overlap == 0
    assert len(kit.find_task_suites(pool_id=pool.id, sort=["-created", "id"], limit=3).items) == 3


@step(
    """
    GET /v1/operations
    GET /v1/operations/{}
    GET /v1/operations/{}/log
    """,
    "get_operation find_operations get_operations get_operation_log wait_operation",
)
def operations(stand: Stand) -> None:
    kit, pool = stand.kit, stand.bench.checking()
    task = toloka.Task(pool_id=pool.id, input_values=inputs(pool, 0, "http://x"), overlap=1)
    operation = kit.wait_operation(kit.create_tasks_async([task]))
    assert kit.get_operation(operation.id).status.value == "SUCCESS"
    (entry,) = kit.get_operation_log(operation.id)
    assert kit.get_task(entry.output["task_id"]).pool_id == pool.id
    assert operation.id in [each.id for each in kit.get_operations(type="TASK.BATCH_CREATE")]
    assert operation.id in [each.id for each in kit.find_operations(status="SUCCESS", sort=["-submitted"]).items]


@step(
    """
    GET /v1/assignments
    GET /v1/assignments/{}
    PATCH /v1/assignments/{}
    """,
    "get_assignment find_assignments get_assignments accept_assignment reject_assignment patch_assignment",
)
def assignments(stand: Stand) -> None:
    kit, pool = stand.kit, stand.unfinished()
    first, second, third = kit.get_assignments(pool_id=pool.id, status="SUBMITTED")
    kit.accept_assignment(first.id, "fine")
    assert kit.get_assignment(first.id).public_comment == "fine"
    kit.reject_assignment(second.id, "crooked")
    assert [page.id for page in kit.get_assignments(pool_id=pool.id, status="REJECTED")] == [second.id]
    kit.patch_assignment(second.id, toloka.assignment.AssignmentPatch(status="ACCEPTED", public_comment="after all"))
    assert kit.get_assignment(second.id).status == toloka.Assignment.ACCEPTED
    left = kit.find_assignments(pool_id=pool.id, status=["SUBMITTED", "REJECTED"], sort=["-submitted"])
    assert [page.id for page in left.items] == [third.id]


@step("GET /new/requester/pools/{}/assignments.tsv", "get_assignments_df")
def results_table(stand: Stand) -> None:
    pool = stand.unfinished()
    table = stand.kit.get_assignments_df(pool.id, status=["SUBMITTED"])
    assert set(table["ASSIGNMENT:assignment_id"]) == {
        page.id for page in stand.kit.get_assignments(pool_id=pool.id, status="SUBMITTED")
    }


def _wanted(pool: toloka.Pool, skill: toloka.Skill) -> dict[str, Any]:
    return {"pool_id": pool.id, "answer_weight_skill_id": skill.id, "fields": [{"name": "result"}]}


@step(
    """
    POST /v1/aggregated-solutions/aggregate-by-pool
    POST /v1/aggregated-solutions/aggregate-by-task
    GET /v1/aggregated-solutions/{}
    """,
    """
    aggregate_solutions_by_pool aggregate_solutions_by_task find_aggregated_solutions get_aggregated_solutions
    """,
)
def aggregation(stand: Stand) -> None:
    kit, pool = stand.kit, stand.bench.checking()
    skill = kit.create_skill(name="weight")
    done = stand.bench.fill(pool, 12)
    kit.open_pool(pool.id)
    stand.bench.run()
    operation = kit.wait_operation(
        kit.aggregate_solutions_by_pool(type="WEIGHTED_DYNAMIC_OVERLAP", **_wanted(pool, skill))
    )
    found = kit.find_aggregated_solutions(operation.id, limit=5)
    assert (len(found.items), found.has_more) == (5, True)
    by_pool = {each.task_id: each.output_values for each in kit.get_aggregated_solutions(operation.id)}
    assert set(by_pool) == {task.id for task in done}
    alone = kit.aggregate_solutions_by_task(task_id=done[0].id, **_wanted(pool, skill))
    assert alone.output_values == by_pool[done[0].id]
    kit.wait_operation(kit.aggregate_solutions_by_pool(type="DAWID_SKENE", **_wanted(pool, skill)))


@step(
    """
    PUT /v1/webhook-subscriptions
    GET /v1/webhook-subscriptions
    GET /v1/webhook-subscriptions/{}
    DELETE /v1/webhook-subscriptions/{}
    POST /v1/webhook-subscriptions/{}/test
    """,
    """
    upsert_webhook_subscriptions get_webhook_subscription find_webhook_subscriptions get_webhook_subscriptions
    delete_webhook_subscription
    """,
)
def webhook_subscriptions(stand: Stand) -> None:
    kit, pool = stand.kit, stand.bench.checking()
    with receiving() as inbox:
        wanted = toloka.WebhookSubscription(
            webhook_url=inbox.url, event_type="POOL_CLOSED", pool_id=pool.id, secret_key="s"
        )
        made = kit.upsert_webhook_subscriptions([wanted]).items["0"]
        assert kit.upsert_webhook_subscriptions([wanted]).items["0"].id == made.id
        assert kit.get_webhook_subscription(made.id).webhook_url == inbox.url
        assert [each.id for each in kit.get_webhook_subscriptions(pool_id=pool.id)] == [made.id]
        assert kit.find_webhook_subscriptions(event_type="POOL_CLOSED", sort=["-created"]).items[0].id == made.id
        alone = {"webhook_url": inbox.url, "event_type": "ASSIGNMENT_CREATED", "pool_id": pool.id}
        other = stand.http.put("/webhook-subscriptions", json=alone).json()["id"]
        assert {each.id for each in kit.get_webhook_subscriptions(pool_id=pool.id)} == {made.id, other}
        assert stand.http.post(f"/webhook-subscriptions/{made.id}/test").json()["success"] is True
        assert {event["type"] for event in inbox.events} == {"TEST_EVENT"}
    kit.delete_webhook_subscription(made.id)
    with pytest.raises(DoesNotExistApiError):
        kit.get_webhook_subscription(made.id)
