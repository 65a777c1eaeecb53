"""Whatever is sent, the answer names what is wrong with it; nothing that is let in breaks the world afterwards."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from blood import training
from simulated import Bench, checking_pool, checking_project, serving, without_skill, world
from test_simulator_pools import segmentation_rules
from toloka.client import actions, collectors, conditions

from simulator.api.wire import VERBATIM
from simulator.crowd.performers import Crowd
from simulator.elements.shapes import (
    brief,
    closed,
    fields,
    flag,
    listed,
    mapped,
    moment,
    number,
    one_of,
    pattern,
    text,
)

OWN = {"id", "created", "uuid", "request_id"}
"""What two answers never have alike."""
WRONG: tuple[Any, ...] = (None, True, -7, 1e300, "x", [None], {"x": [5]})


def broken(value: Any) -> Iterator[Any]:
    """This JSON with one part at a time taken out or replaced by something else."""
    yield from WRONG
    if isinstance(value, dict):
        for name in value:
            yield {each: part for each, part in value.items() if each != name}
            yield from ({**value, name: part} for part in broken(value[name]))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from ([*value[:place], part, *value[place + 1 :]] for part in broken(item))


def a_pool(bench: Bench) -> dict[str, Any]:
    skill, other = (bench.client.create_skill(name=name) for name in ("given", "asked for"))
    project = bench.client.create_project(checking_project())
    made = segmentation_rules(checking_pool(project.id, filter=without_skill(other.id)), skill.id)
    made.quality_control.add_action(
        collector=collectors.MajorityVote(answer_threshold=1, history_size=10),
        conditions=[conditions.TotalAnswersCount > 0],
        action=actions.SetSkillFromOutputField(skill_id=skill.id, from_field="correct_answers_rate"),
    )
    made.quality_control.add_action(
        collector=collectors.GoldenSet(history_size=10),
        conditions=[conditions.GoldenSetAnswersCount > 0],
        action=actions.SetSkillFromOutputField(skill_id=skill.id, from_field="golden_set_correct_answers_rate"),
    )
    made.mixer_config.golden_tasks_count, made.mixer_config.min_golden_tasks_count = 1, 0
    taught = bench.client.create_training(training(project.id))
    made.set_training_requirement(training_pool_id=taught.id, training_passing_skill_value=50)
    return bench.client.create_pool(made).unstructure() | {"reward_per_assignment": 0.01, "will_expire": "2030-01-01"}


def requests(bench: Bench) -> list[tuple[str, str, Any]]:
    """One good request of every kind that has a body."""
    pool = a_pool(bench)
    filled = bench.checking()
    task = {"pool_id": pool["id"], "input_values": {"image": "http://x", "assignment_id": "1"}, "overlap": 2}
    person = bench.world.state.crowd.people()[0].id
    right = {"output_values": {"result": "OK"}}
    subscription = {"pool_id": pool["id"], "event_type": "POOL_CLOSED", "webhook_url": "http://x", "secret_key": "s"}
    ban = {"user_id": person, "scope": "POOL", "pool_id": pool["id"], "will_expire": "2030-01-01T00:00:00"}
    project = checking_project().unstructure()
    project["task_spec"]["output_spec"]["result"] |= {"pattern": "[A-Z]+", "max_length": 3}
    skill_id = next(iter(bench.client.get_skills())).id
    aggregate = {"type": "DAWID_SKENE", "pool_id": filled.id, "fields": [{"name": "result"}]}
    return [
        ("POST", "pools", pool),
        ("PATCH", f"pools/{filled.id}", {"priority": 5}),
        ("POST", "projects", project),
        ("POST", "trainings", training(pool["project_id"], metadata={"a": ["b"]}).unstructure()),
        ("POST", "tasks", [task | {"reserved_for": [person], "unavailable_for": []}]),
        ("POST", "tasks", [task | {"known_solutions": [right | {"correctness_weight": 0.5}]}]),
        ("PATCH", f"tasks/{bench.fill(filled, 1)[0].id}", {"overlap": 3}),
        ("PATCH", f"tasks/{bench.fill(filled, 1)[0].id}", {"known_solutions": [right]}),
        ("POST", "aggregated-solutions/aggregate-by-pool", aggregate),
        ("POST", "skills", {"name": "new", "hidden": True, "public_name": {"EN": "New"}}),
        ("PUT", "user-skills", {"skill_id": skill_id, "user_id": person, "value": 50.0}),
        ("PUT", "user-restrictions", ban),
        ("PUT", "webhook-subscriptions", [subscription]),
    ]


def test_no_broken_request_is_an_internal_error_and_every_refusal_names_a_path():
    with serving() as bench, httpx.Client(headers={"Authorization": "OAuth token"}) as http:
        refused = 0
        for method, path, good in requests(bench):
            url = f"{bench.url}/api/v1/{path}"
            assert http.request(method, url, json=good).status_code < 300, path
            for body in broken(good):
                answer = http.request(method, url, json=body)
                assert answer.status_code < 500, (path, body)
                if answer.status_code == 400:
                    refused += 1
                    assert answer.json()["code"] == "VALIDATION_ERROR"
        assert refused > 500


def nulled(value: Any) -> Iterator[tuple[Any, Any]]:
    """This JSON with one field null, and with that field taken out; not below what may hold null."""
    if isinstance(value, dict):
        for name, part in value.items():
            rest = {each: other for each, other in value.items() if each != name}
            yield rest | {name: None}, rest
            if name not in VERBATIM:
                yield from (({**value, name: one}, {**value, name: other}) for one, other in nulled(part))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from (
                ([*value[:place], one, *value[place + 1 :]], [*value[:place], other, *value[place + 1 :]])
                for one, other in nulled(item)
            )


def shared(told: Any) -> Any:
    """What an answer says but for what is its own."""
    if isinstance(told, dict):
        return {name: shared(each) for name, each in told.items() if name not in OWN}
    return [shared(each) for each in told] if isinstance(told, list) else told


def test_what_is_null_is_missing_wherever_it_stands():
    with serving() as bench, httpx.Client(headers={"Authorization": "OAuth token"}) as http:
        bodies = dict[str, Any]()
        for method, path, good in requests(bench):
            if method == "POST" and path != "tasks":
                for null, missing in nulled(good):
                    url = f"{bench.url}/api/v1/{path}"
                    answers = [http.post(url, json=each) for each in (null, missing)]
                    told = [shared(each.json()) for each in answers]
                    assert (answers[0].status_code, told[0]) == (answers[1].status_code, told[1]), (path, null)
                    bodies |= told[0]
        assert "mixer_config" in bodies


def test_a_page_is_paid_in_a_pool_whose_manner_of_review_is_null(bench):
    project = bench.client.create_project(checking_project())
    own = {"will_expire": "2030-01-01", "reward_per_assignment": 0.01, "auto_accept_solutions": None}
    answer = bench.http.post("pools", json=checking_pool(project.id).unstructure() | own)
    pool = bench.client.get_pool(answer.json()["id"])
    bench.fill(pool, 1, overlap=1)
    bench.client.open_pool(pool.id)
    bench.run()
    (page,) = bench.client.get_assignments(pool_id=pool.id)
    assert page.status == page.ACCEPTED


def test_no_pool_that_was_let_in_breaks_the_world():
    with serving(world(Crowd(performers=20, skip=0.0, expire=0.0, seconds_per_task=60.0))) as bench:
        good, made = a_pool(bench), 0
        skill = next(bench.client.get_skills(name="Check outlines - training"))
        for person in bench.world.state.crowd.people():
            bench.client.set_user_skill(skill_id=skill.id, user_id=person.id, value=Decimal(99))
        parts = {name: good[name] for name in ("filter", "quality_control", "mixer_config", "defaults")}
        with httpx.Client(headers={"Authorization": "OAuth token"}, base_url=f"{bench.url}/api/v1/") as http:
            for body in filter(lambda body: isinstance(body, dict), broken(parts)):
                answer = http.post("pools", json=good | body)
                if answer.status_code == 201:
                    made += 1
                    task = {"pool_id": answer.json()["id"], "input_values": {"image": "http://x", "assignment_id": "1"}}
                    right = [{"output_values": {"result": "OK"}}]
                    http.post("tasks", json=task | {"known_solutions": right, "infinite_overlap": True})
                    http.post("tasks?open_pool=true", json=task | {"overlap": 1})
        bench.run(24)
        done = [line for line in bench.world.history() if line["kind"] == "ASSIGNMENT_SUBMITTED"]
        assert len(done) > made / 2 > 10


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"conditions": [{"operator": "GT", "value": 1}]}, "rules[0].conditions[0].key"),
        ({"conditions": [{"key": "assignments_accepted_count", "operator": "GT"}]}, "rules[0].conditions[0].value"),
        ({"conditions": "often"}, "rules[0].conditions"),
        ({"action": {"type": ["SET_SKILL"]}}, "rules[0].action.type"),
        ({"action": {"type": "RESTRICTION_V2", "parameters": []}}, "rules[0].action.parameters"),
    ],
)
def test_a_flaw_deep_inside_is_named(bench, change, path):
    pool = a_pool(bench)
    pool["quality_control"]["configs"][2]["rules"][0] |= change
    answer = httpx.post(f"{bench.url}/api/v1/pools", json=pool, headers={"Authorization": "OAuth token"})
    assert (answer.status_code, list(answer.json()["payload"])) == (400, [f"quality_control.configs[2].{path}"])


@pytest.mark.parametrize("depth", [200, 100_000])
def test_json_without_end_is_refused(bench, depth):
    sent = '{"filter":' + "[" * depth + "]" * depth + "}"
    answer = httpx.post(f"{bench.url}/api/v1/pools", content=sent, headers={"Authorization": "OAuth token"})
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


def test_a_flaw_in_an_answer_to_a_review_is_named(bench):
    pool = bench.outlining()
    bench.fill(pool, 1)
    bench.client.open_pool(pool.id)
    bench.run()
    page = next(iter(bench.client.get_assignments(pool_id=pool.id)))
    url = f"{bench.url}/api/v1/assignments/{page.id}"
    sent = {"status": {"ACCEPTED": True}, "public_comment": 5}
    answer = httpx.patch(url, json=sent, headers={"Authorization": "OAuth token"})
    assert (answer.status_code, set(answer.json()["payload"])) == (400, set(sent))


@pytest.mark.parametrize(
    ("shape", "good", "bad", "code"),
    [
        (text, "", 5, "STRING_EXPECTED"),
        (flag, False, 0, "BOOLEAN_EXPECTED"),
        (moment, "2030-01-01T00:00:00.123456", "0001-01-01T00:00:00+23:00", "INVALID_DATE_TIME_SYNTAX"),
        (pattern, "[a-z]+", "[a-z", "INVALID_REGEX_SYNTAX"),
        (pattern, "a{9}", "a{99999999999}", "INVALID_REGEX_SYNTAX"),
        (pattern, "(a)", "(" * 5000 + ")" * 5000, "INVALID_REGEX_SYNTAX"),
        (number(), 0.5, float("nan"), "FLOAT_EXPECTED"),
        (number(), 10**15, 10**400, "VALUE_GREATER_THAN_MAX"),
        (number(1), 1, 0.9, "VALUE_LESS_THAN_MIN"),
        (number(whole=True), 3, 3.0, "INTEGER_EXPECTED"),
        (number(), 1, True, "FLOAT_EXPECTED"),
        (one_of("a", "b"), "b", "c", "UNKNOWN_ENUM_VALUE"),
        (brief(3), "abc", "abcd", "STRING_LENGTH_GREATER_THAN_MAX"),
        (listed(number(), 1, 2), [1, 2], [], "ARRAY_SIZE_LESS_THAN_MIN"),
        (listed(number(), most=2), [], [1, 2, 3], "ARRAY_SIZE_GREATER_THAN_MAX"),
    ],
)
def test_each_shape_fits_or_names_its_flaw(shape, good, bad, code):
    assert shape(good, "here") == {}
    assert shape(bad, "here")["here"]["code"] == code


def test_a_closed_object_takes_no_other_field():
    shape = closed({"name": text, "size": number()}, "name")
    assert shape({"name": "a", "size": None}, "it") == {}
    wrong = shape({"size": "big", "colour": "red", "taste": None}, "it")
    codes = {path: each["code"] for path, each in wrong.items()}
    assert codes == {"it.name": "VALUE_REQUIRED", "it.size": "FLOAT_EXPECTED", "it.colour": "VALUE_NOT_ALLOWED"}
    assert shape([], "it")["it"]["code"] == "OBJECT_EXPECTED"


def test_paths_lead_to_every_flaw_at_once():
    shape = fields({"names": listed(text), "sizes": mapped(number())}, "id")
    value = {"names": ["a", 5], "sizes": {"x": 1, "y": "big"}, "unknown": None}
    assert set(shape(value, "")) == {"id", "names[1]", "sizes.y"}
    assert set(shape(value, "it")) == {"it.id", "it.names[1]", "it.sizes.y"}
    assert shape({"id": 1, "names": None}, "") == {}
