import httpx
import pytest
import toloka.client as toloka
from simulated import Bench, inputs


def body(bench: Bench, pool: toloka.Pool) -> dict:
    return {"pool_id": pool.id, "tasks": [{"input_values": inputs(pool, n, bench.url)} for n in range(2)], "overlap": 2}


def post(bench: Bench, sent: object, **flags: str) -> httpx.Response:
    return bench.http.post("task-suites", json=sent, params=flags)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"pool_id": "404"}, "pool_id"),
        ({"tasks": []}, "tasks"),
        ({"tasks": None}, "tasks"),
        ({"tasks": ["task"]}, "tasks[0]"),
        ({"tasks": [{}]}, "tasks[0].input_values"),
        ({"overlap": None}, "overlap"),
        ({"overlap": 0}, "overlap"),
        ({"overlap": 30_001}, "overlap"),
        ({"infinite_overlap": True}, "overlap"),
        ({"issuing_order_override": 100_000}, "issuing_order_override"),
        ({"issuing_order_override": "first"}, "issuing_order_override"),
        ({"reserved_for": "me"}, "reserved_for"),
        ({"longitude": 5.0}, "longitude"),
        ({"traits_any_of": ["t"]}, "traits_any_of"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_field_is_named(bench, change, path):
    pool = bench.checking(mixer_config=None)
    answer = post(bench, body(bench, pool) | change)
    assert (answer.status_code, list(answer.json()["payload"])) == (400, [path])
    assert not list(bench.client.get_task_suites(pool_id=pool.id))


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"baseline_solutions": []}, "baseline_solutions"),
        ({"overlap": 3}, "overlap"),
        ({"known_solutions": [{"output_values": {"result": "MAYBE"}}]}, "known_solutions[0].output_values.result"),
        ({"message_on_unknown_solution": "It is OK."}, "known_solutions"),
        ({"localization_config": "EN"}, "localization_config"),
    ],
)
def test_a_bad_field_of_a_task_is_named_by_its_place(bench, change, path):
    sent = body(bench, bench.checking(mixer_config=None))
    sent["tasks"][1] |= change
    answer = post(bench, [sent, sent])
    assert (answer.status_code, set(answer.json()["payload"])) == (400, {"0", "1"})
    assert list(answer.json()["payload"]["1"]) == [f"tasks[1].{path}"]


def test_overlap_comes_from_the_suite_or_from_the_pools_default_for_suites_if_allowed(bench):
    pool = bench.checking(mixer_config=None)
    asked = body(bench, pool) | {"overlap": None}
    assert post(bench, asked, allow_defaults="true").json()["overlap"] == 2
    assert post(bench, asked | {"overlap": 5}, allow_defaults="true").json()["overlap"] == 5
    assert post(bench, asked | {"infinite_overlap": True}, allow_defaults="true").json()["overlap"] is None
    pool.defaults = toloka.Pool.Defaults(default_overlap_for_new_tasks=3)
    bench.client.update_pool(pool.id, pool)
    assert list(post(bench, asked, allow_defaults="true").json()["payload"]) == ["overlap"]


def test_tasks_are_counted_in_their_suites_and_measured_with_their_answers(bench):
    pool = bench.checking(mixer_config=None)
    assert post(bench, []).status_code == 400
    assert post(bench, ["suite"]).status_code == 400
    sent = body(bench, pool)
    many = [sent | {"tasks": [{"input_values": {}}] * 2_501} for _ in range(2)]
    assert (post(bench, many).status_code, post(bench, many[:1]).status_code) == (413, 400)
    large = sent["tasks"][0] | {"known_solutions": [{"output_values": {"result": "O" * 4_194_304}}]}
    assert post(bench, sent | {"tasks": [large]}).status_code == 413
    large = sent["tasks"][0] | {"input_values": {"image": "x" * 524_288}}
    assert (post(bench, sent | {"tasks": [large] * 2}).status_code) == 413


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({}, "overlap"),
        ({"overlap": 0}, "overlap"),
        ({"overlap": 30_001}, "overlap"),
        ({"overlap": 3, "infinite_overlap": True}, "overlap"),
        ({"overlap": 3, "infinite_overlap": "no"}, "infinite_overlap"),
        ({"issuing_order_override": -100_000}, "issuing_order_override"),
        ({"overlap": 3, "reserved_for": []}, "reserved_for"),
    ],
)
def test_a_bad_change_is_named(bench, change, path):
    suite = post(bench, body(bench, bench.checking(mixer_config=None))).json()
    url = f"task-suites/{suite['id']}"
    answer = bench.http.patch(url, json=change)
    assert (answer.status_code, list(answer.json()["payload"])) == (400, [path])
    assert bench.http.get(url).json() == suite


def test_the_least_overlap_is_set_by_a_number_alone(bench):
    suite = post(bench, body(bench, bench.checking(mixer_config=None))).json()
    url = f"task-suites/{suite['id']}/set-overlap-or-min"
    for bad in ({}, {"overlap": -1}, {"overlap": 1, "issuing_order_override": 5}):
        assert bench.http.patch(url, json=bad).status_code == 400
    assert bench.http.patch(url, json={"overlap": 0}).json()["overlap"] == 0
    assert bench.http.patch("task-suites/404", json={"overlap": 0}).status_code == 404


def test_suites_are_listed_by_pool_or_task_only(bench):
    assert list(bench.http.get("task-suites").json()["payload"]) == ["pool_id"]
    assert bench.http.get("task-suites?task_id=404").status_code == 404
