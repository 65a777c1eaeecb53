import uuid
from decimal import Decimal

import httpx
import pytest
import toloka.client as toloka
from blood import Classes, tasks
from simulated import Bench
from toloka.client.exceptions import ApiError, DoesNotExistApiError, IncorrectActionsApiError, ValidationApiError

AUTH = {"Authorization": "OAuth token"}


def worked(bench: Bench) -> Classes:
    """A project in which one operation of every kind was done."""
    classes, client = Classes(bench), bench.client
    training, main = classes.training.id, classes.main.id
    person = sorted(bench.world.state.people)[0]
    client.create_user_bonus(toloka.UserBonus(user_id=person, amount=Decimal(1), without_message=True))
    client.open_pool(main)
    client.close_pool(main)
    client.open_training(training)
    client.close_training(training)
    client.archive_pool(client.clone_pool(main).id)
    client.archive_training(client.clone_training(training).id)
    client.archive_project(client.clone_project(client.create_project(classes.project).id).project.id)
    return classes


def test_every_operation_is_listed_by_its_type_with_its_parameters(bench):
    classes = worked(bench)
    made = {each.type.value: each for each in bench.client.get_operations()}
    pools, trainings = ("OPEN", "CLOSE", "CLONE"), ("TRAINING.OPEN", "TRAINING.CLOSE", "TRAINING.CLONE")
    assert {made[f"POOL.{act}"].parameters.pool_id for act in pools} == {classes.main.id}
    assert {made[kind].parameters.training_id for kind in trainings} == {classes.training.id}
    archived = made["PROJECT.ARCHIVE"].parameters.project_id
    assert bench.client.get_project(archived).status.value == "ARCHIVED"
    assert made["POOL.ARCHIVE"].parameters.pool_id == made["POOL.CLONE"].details.pool_id
    assert made["TRAINING.ARCHIVE"].parameters.training_id == made["TRAINING.CLONE"].details.training_id
    told = [each.parameters for each in bench.client.get_operations(type="TASK.BATCH_CREATE")]
    assert {(each.allow_defaults, each.skip_invalid_items, each.open_pool) for each in told} == {
        (True, False, False),
        (False, False, False),
    }
    assert {(each.status.value, each.progress) for each in made.values()} == {("SUCCESS", 100)}
    assert all(bench.client.get_operation(each.id) == each for each in made.values())


def test_operations_are_found_by_type_status_and_time(bench):
    classes = Classes(bench)
    bad = toloka.Task(pool_id=classes.main.id, input_values={})
    with pytest.raises(ValidationApiError):
        bench.client.create_task(bad)
    bench.run(1)
    bench.client.open_pool(classes.main.id)
    (opened,) = bench.client.get_operations(type="POOL.OPEN")
    assert opened.finished.timestamp() == bench.world.now
    (failed,) = bench.client.get_operations(status="FAIL")
    assert failed.details["failed_count"] == 1
    assert list(bench.client.get_operations(submitted_gte=opened.submitted)) == [opened]
    assert opened.id not in {each.id for each in bench.client.get_operations(finished_lt=opened.finished)}
    found = bench.client.find_operations(sort=["-submitted"], limit=1)
    assert (found.items, found.has_more) == ([opened], True)
    with pytest.raises(DoesNotExistApiError):
        bench.client.get_operation(str(uuid.uuid4()))


def test_logs_are_given_out_for_a_month(bench):
    classes = Classes(bench)
    (operation, *_) = bench.client.get_operations(type="TASK.BATCH_CREATE")
    bench.run(24 * 30)
    log = bench.client.get_operation_log(operation.id)
    assert bench.client.get_task(log[0].output["task_id"]).pool_id == log[0].input["pool_id"]
    bench.run(1)
    with pytest.raises(IncorrectActionsApiError) as caught:
        bench.client.get_operation_log(operation.id)
    assert (caught.value.status_code, caught.value.code) == (409, "OPERATION_LOGS_ARCHIVED")
    assert bench.client.get_operation(operation.id) == operation
    assert classes.project.id == bench.client.get_project(classes.project.id).id


def test_an_operation_id_is_good_once_whatever_the_mode(bench):
    classes = Classes(bench)
    url, identity = f"{bench.url}/api/v1/tasks", str(uuid.uuid4())
    body = [task.unstructure() for task in tasks(classes.main.id, 2, "real", 500)]
    query = {"operation_id": identity, "allow_defaults": "true"}
    assert httpx.post(url, json=body, params=query, headers=AUTH).status_code == 201
    with pytest.raises(ApiError) as caught:
        bench.client.create_tasks(tasks(classes.main.id, 2, "real", 500), async_mode=False, operation_id=identity)
    assert (caught.value.status_code, caught.value.code) == (409, "OPERATION_ALREADY_EXISTS")
    inputs = [task.input_values["image"] for task in bench.client.get_tasks(pool_id=classes.main.id)]
    assert len(inputs) == len(set(inputs))
