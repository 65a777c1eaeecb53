"""What a pool may hold at most, and what is asked for in vain because it is not simulated."""

import pytest
import toloka.client as toloka
from simulated import Bench, checking_project, serving, world
from toloka.client.exceptions import ValidationApiError

from simulator.elements.limits import Limits


def question(number: int) -> dict:
    return {"input_values": {"image": "http://x", "assignment_id": str(number)}}


def test_a_pool_closes_when_somebody_would_take_one_page_too_many():
    with serving(world(limits=Limits(assignments=7))) as bench:
        pool, other = bench.outlining(), bench.outlining()
        for each in (pool, other):
            bench.fill(each, 10 if each is pool else 7)
            bench.client.open_pool(each.id)
        bench.run()
        reasons = [bench.client.get_pool(each.id).last_close_reason.value for each in (pool, other)]
        assert reasons == ["ASSIGNMENTS_LIMIT_EXCEEDED", "COMPLETED"]
        assert len(list(bench.client.get_assignments(pool_id=pool.id))) == 7


def test_a_pool_takes_so_many_tasks_alone_or_in_suites():
    with serving(world(limits=Limits(tasks=5))) as bench:
        pool, own = bench.checking(), bench.checking(mixer_config=None)
        bench.fill(pool, 4)
        for path, kept, item in (
            ("tasks", pool, {"pool_id": pool.id, "overlap": 1, **question(1)}),
            ("task-suites", own, {"pool_id": own.id, "overlap": 1, "tasks": [question(1)] * 3}),
        ):
            refused = bench.http.post(path, json=[item, item])
            assert (refused.status_code, refused.json()["code"]) == (409, "POOL_TASKS_COUNT_EXCEEDED")
            before = len(list(bench.client.get_tasks(pool_id=kept.id)))
            assert bench.http.post(path, json=item).status_code == 201
            assert len(list(bench.client.get_tasks(pool_id=kept.id))) == before + (1 if path == "tasks" else 3)


def test_a_pool_lies_where_all_pools_lie(bench):
    pool = bench.checking()
    assert bench.client.create_pool(pool, tier="default").id != pool.id
    with pytest.raises(ValidationApiError) as caught:
        bench.client.create_pool(pool, tier="cold")
    assert list(caught.value.payload) == ["storage_key"]
    assert "cold is not simulated" in caught.value.payload["storage_key"]["message"]


@pytest.mark.parametrize(
    ("field", "value", "good"),
    [
        ("assignments_automerge_enabled", True, False),
        ("assignments_issuing_type", "MAP_SELECTOR", "AUTOMATED"),
        ("assignments_issuing_view_config", {"title_template": "t"}, None),
        ("traits_config", {"all_of": ["t"]}, None),
    ],
)
def test_what_a_project_asks_for_in_vain_is_named(bench, field, value, good):
    asked = checking_project().unstructure()
    refused = bench.http.post("projects", json=asked | {field: value})
    assert (refused.status_code, list(refused.json()["payload"])) == (400, [field])
    assert "not simulated" in refused.json()["payload"][field]["message"]
    assert bench.http.post("projects", json=asked | {field: good}).status_code == 201


def test_nobody_holds_more_active_pages_than_a_project_allows(bench):
    made = checking_project()
    made.max_active_assignments_count = 1
    made = bench.client.create_project(made)
    assert bench.client.get_project(made.id).max_active_assignments_count == 1
    asked = made.unstructure() | {"max_active_assignments_count": 0}
    assert list(bench.http.put(f"projects/{made.id}", json=asked).json()["payload"]) == ["max_active_assignments_count"]
    pools = [bench.client.create_pool(_in(bench, made.id)) for _ in range(2)]
    for pool in pools:
        bench.fill(pool, 200)
        bench.client.open_pool(pool.id)
    held: list[int] = []
    for _ in range(20):
        bench.run(0.1)
        active = [
            page.user_id for pool in pools for page in bench.client.get_assignments(pool_id=pool.id, status="ACTIVE")
        ]
        held += [active.count(user_id) for user_id in set(active)]
    assert set(held) == {1}


def _in(bench: Bench, project_id: str) -> toloka.Pool:
    pool = bench.checking()
    pool.project_id = project_id
    return pool


def test_a_change_of_overlap_opens_the_pool_where_that_is_asked_for_and_can_be(bench):
    pool = bench.outlining()
    (task,) = bench.fill(pool, 1)
    url = f"tasks/{task.id}"
    bench.http.patch(url, json={"overlap": 2})
    assert bench.client.get_pool(pool.id).is_closed()
    assert bench.http.patch(f"{url}?open_pool=true", json={"overlap": 3}).json()["overlap"] == 3
    assert bench.client.get_pool(pool.id).is_open()
    costly = bench.outlining(reward_per_assignment=9000)
    (task,) = bench.fill(costly, 1)
    assert bench.http.patch(f"tasks/{task.id}?open_pool=true", json={"overlap": 9}).json()["overlap"] == 9
    assert bench.client.get_pool(costly.id).is_closed()


@pytest.mark.parametrize("path", ["tasks", "task-suites", "user-bonuses", "pools"])
def test_a_parameter_that_a_request_does_not_have_is_named(bench, path):
    answer = bench.http.post(f"{path}?hurry=true", json={})
    assert (answer.status_code, list(answer.json()["payload"])) == (400, ["hurry"])


def test_an_operation_is_named_by_a_uuid(bench):
    answer = bench.http.post(
        "tasks?operation_id=mine", json={"pool_id": bench.checking().id, "overlap": 1, **question(1)}
    )
    assert (answer.status_code, answer.json()["payload"]["operation_id"]["code"]) == (400, "UUID_EXPECTED")


def test_a_switch_is_on_or_off(bench):
    answer = bench.http.post(
        "tasks?open_pool=maybe", json={"pool_id": bench.checking().id, "overlap": 1, **question(1)}
    )
    assert (answer.status_code, answer.json()["payload"]["open_pool"]["code"]) == (400, "BOOLEAN_EXPECTED")


def test_tasks_of_too_many_known_answers_are_refused(bench):
    pool = bench.checking()
    known = [{"output_values": {"result": "O" * 4_194_304}}]
    task = {"pool_id": pool.id, "overlap": 1, **question(1), "known_solutions": known}
    answer = bench.http.post("tasks", json=task)
    assert (answer.status_code, answer.json()["code"]) == (413, "ENTITY_TOO_LARGE")
