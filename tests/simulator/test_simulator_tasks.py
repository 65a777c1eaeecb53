import uuid

import httpx
import pytest
import toloka.client as toloka
from simulated import Bench, inputs
from toloka.client.exceptions import ApiError, IncorrectActionsApiError, ValidationApiError

AUTH = {"Authorization": "OAuth token"}


def bodies(bench: Bench, pool: toloka.Pool, count: int) -> list[dict]:
    return [{"pool_id": pool.id, "input_values": inputs(pool, n, bench.url), "overlap": 2} for n in range(count)]


def post(bench: Bench, body: object, **flags: str) -> httpx.Response:
    return httpx.post(f"{bench.url}/api/v1/tasks", json=body, params=flags, headers=AUTH)


def test_tasks_created_in_bulk_are_read_back(bench):
    pool = bench.checking()
    made = bench.fill(pool, 120, unavailable_for=["someone"])
    assert [task.input_values["assignment_id"] for task in made] == [f"page-{n}" for n in range(120)]
    assert {task.overlap for task in made} == {2}
    read = bench.client.get_task(made[0].id)
    assert read == made[0]
    assert (read.remaining_overlap, read.unavailable_for) == (2, ["someone"])
    assert {task.id for task in bench.client.get_tasks(pool_id=pool.id)} == {task.id for task in made}


def test_one_task_is_created_either_way(bench):
    pool = bench.checking()
    task = toloka.Task(pool_id=pool.id, input_values=inputs(pool, 1, bench.url), overlap=3)
    later = bench.client.create_task(task)
    assert bench.client.get_task(later.id).overlap == 3
    answer = post(bench, bodies(bench, pool, 1)[0])
    assert (answer.status_code, answer.json()["overlap"]) == (201, 2)


def test_a_synchronous_list_is_answered_by_index(bench):
    pool = bench.checking()
    good, bad = bodies(bench, pool, 2)
    bad["input_values"] = {"smell": "bad"}
    answer = post(bench, [good, bad], skip_invalid_items="true").json()
    assert list(answer["items"]) == ["0"]
    assert set(answer["validation_errors"]["1"]) == {
        "input_values.image",
        "input_values.assignment_id",
        "input_values.smell",
    }
    refused = post(bench, [good, bad])
    assert (refused.status_code, list(refused.json()["payload"])) == (400, ["1"])


def test_one_bad_task_stops_all_unless_it_may_be_skipped(bench):
    pool = bench.checking()
    good = toloka.Task(pool_id=pool.id, input_values=inputs(pool, 1, bench.url), overlap=1)
    bad = toloka.Task(pool_id=pool.id, input_values={}, overlap=1)
    with pytest.raises(ValidationApiError):
        bench.client.create_tasks([good, bad])
    assert list(bench.client.get_tasks(pool_id=pool.id)) == []
    made = bench.client.create_tasks([good, bad], skip_invalid_items=True)
    assert (list(made.items), list(made.validation_errors)) == (["0"], ["1"])


def test_the_same_operation_creates_once_and_answers_the_same(bench):
    pool = bench.checking()
    tasks = [toloka.Task(pool_id=pool.id, input_values=inputs(pool, n, bench.url), overlap=1) for n in range(3)]
    parameters = toloka.task.CreateTasksParameters(operation_id=uuid.uuid4(), async_mode=True)
    first = bench.client.create_tasks(tasks, parameters)
    again = bench.client.create_tasks(tasks, parameters)
    assert {k: v.id for k, v in first.items.items()} == {k: v.id for k, v in again.items.items()}
    assert len(list(bench.client.get_tasks(pool_id=pool.id))) == 3


def test_a_synchronous_operation_is_known_too_and_its_log_tells_the_tasks(bench):
    pool, identity = bench.checking(), str(uuid.uuid4())
    made = post(bench, bodies(bench, pool, 2), operation_id=identity).json()["items"]
    again = post(bench, bodies(bench, pool, 2), operation_id=identity)
    assert (again.status_code, again.json()["code"]) == (409, "OPERATION_ALREADY_EXISTS")
    log = httpx.get(f"{bench.url}/api/v1/operations/{identity}/log", headers=AUTH).json()
    assert [entry["output"]["task_id"] for entry in log] == [made["0"]["id"], made["1"]["id"]]
    assert bench.client.get_operation(identity).details["success_count"] == 2


def test_overlap_comes_from_the_task_or_from_the_pools_defaults_if_allowed(bench):
    pool = bench.checking()
    task = {"pool_id": pool.id, "input_values": inputs(pool, 1, bench.url)}
    assert list(post(bench, task).json()["payload"]) == ["overlap"]
    assert post(bench, task, allow_defaults="true").json()["overlap"] == 2
    assert post(bench, task | {"overlap": 5}, allow_defaults="true").json()["overlap"] == 5


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"pool_id": "404"}, "pool_id"),
        ({"input_values": None}, "input_values"),
        ({"overlap": 0}, "overlap"),
        ({"overlap": 30_001}, "overlap"),
        ({"overlap": "two"}, "overlap"),
        ({"infinite_overlap": True}, "overlap"),
        ({"infinite_overlap": "yes", "overlap": None}, "infinite_overlap"),
        ({"known_solutions": []}, "known_solutions"),
        ({"colour": "red"}, "colour"),
        ({"traits_any_of": ["t"]}, "traits_any_of"),
    ],
)
def test_a_bad_field_is_named(bench, change, path):
    answer = post(bench, bodies(bench, bench.checking(), 1)[0] | change)
    assert answer.status_code == 400
    assert path in answer.json()["payload"]


def test_a_pool_without_mixing_takes_no_tasks(bench):
    pool = bench.checking(mixer_config=None)
    assert post(bench, bodies(bench, pool, 1)).json()["code"] == "MIXER_CONFIG_REQUIRED"


def test_empty_and_oversized_requests_are_refused(bench):
    pool = bench.checking()
    assert post(bench, []).status_code == 400
    assert post(bench, ["task"]).status_code == 400
    assert post(bench, bodies(bench, pool, 5001)).status_code == 413
    task = bodies(bench, pool, 1)[0]
    task["input_values"]["assignment_id"] = "x" * 1_048_576
    assert post(bench, task).json()["code"] == "ENTITY_TOO_LARGE"


def test_tasks_can_open_their_pool(bench):
    pool = bench.checking()
    post(bench, bodies(bench, pool, 1), open_pool="true")
    assert bench.client.get_pool(pool.id).is_open()


def test_a_pool_that_cannot_be_opened_is_only_logged(bench):
    pool, identity = bench.checking(reward_per_assignment=9000), str(uuid.uuid4())
    answer = post(bench, bodies(bench, pool, 1), open_pool="true", async_mode="true", operation_id=identity)
    assert answer.json()["status"] == "SUCCESS"
    entry = httpx.get(f"{bench.url}/api/v1/operations/{identity}/log", headers=AUTH).json()[-1]
    assert (entry["type"], entry["success"], entry["output"]["code"]) == ("POOL_OPEN", False, "NOT_ENOUGH_BALANCE")


def test_ids_depend_on_content_and_time_and_not_on_batches(bench):
    pool = bench.checking()
    together = [view["id"] for view in post(bench, bodies(bench, pool, 3)).json()["items"].values()]
    assert len({each[:20] for each in together}) == 1
    twin = post(bench, bodies(bench, pool, 1)[0]).json()["id"]
    assert twin not in together
    bench.run(1)
    assert post(bench, bodies(bench, pool, 1)[0]).json()["id"] > max(together)


def test_tasks_are_listed_by_pool_only(bench):
    assert httpx.get(f"{bench.url}/api/v1/tasks", headers=AUTH).status_code == 400
    with pytest.raises(ApiError):
        list(bench.client.get_tasks(pool_id="404"))


def test_an_empty_pool_cannot_be_opened(bench):
    with pytest.raises(IncorrectActionsApiError) as caught:
        bench.client.open_pool(bench.checking().id)
    assert caught.value.code == "EMPTY_POOL"
