"""What the OpenAPI file bounds in a request's body is refused beyond the bound, by its path and with Toloka's code.

So are fractions of what it calls integers, and fields of other names wherever it names an object's fields.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from openapi import FILE, NEEDED
from simulated import Bench, checking_project, serving, world
from test_simulator_shapes import a_pool

from simulator.crowd.performers import Crowd

Json = dict[str, Any]
CODES = {
    "minimum": "VALUE_LESS_THAN_MIN",
    "maximum": "VALUE_GREATER_THAN_MAX",
    "minItems": "ARRAY_SIZE_LESS_THAN_MIN",
    "maxItems": "ARRAY_SIZE_GREATER_THAN_MAX",
    "enum": "UNKNOWN_ENUM_VALUE",
    "integer": "INTEGER_EXPECTED",
    "properties": "VALUE_NOT_ALLOWED",
}
LENGTHS = ("private_comment",)
"""Texts whose length the file calls a maximum."""


class Bound(NamedTuple):
    """One bound of a request: at which path, of which kind, and a value beyond it."""

    route: str
    path: tuple[str | int, ...]
    kind: str
    value: Any

    @property
    def name(self) -> str:
        """The path as the API writes it."""
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)[1:]

    @property
    def looked_away_from(self) -> bool:
        """Whether clients send it back as they got it, and the platform does not read it."""
        if "remaining_overlap" in self.path:
            return True
        return self.route.startswith("PUT") and self.path[0] in ("status", "last_close_reason", "owner")

    @property
    def code(self) -> str:
        return "STRING_LENGTH_GREATER_THAN_MAX" if self.path[-1] in LENGTHS else CODES[self.kind]

    def broken(self, good: Json) -> Json:
        """The good body with this value instead; what leads to it is made where it is not there."""
        body: Any = copy.deepcopy(good)
        here = body
        for part, following in zip(self.path, self.path[1:], strict=False):
            if isinstance(part, str) and here.get(part) in (None, []):
                here[part] = [{}] if isinstance(following, int) else {}
            here = here[part]
        here[self.path[-1]] = self.value
        if self.kind == "maxItems":
            here[self.path[-1]] = [*(good.get(str(self.path[-1])) or [{}])[:1], *self.value][:1] * len(self.value)
        return body


def bounds() -> list[Bound]:
    if not FILE.exists():
        return []
    content = json.loads(FILE.read_text(encoding="utf-8"))
    bodies = [
        (f"{method.upper()} {path}", said["requestBody"]["content"]["application/json"]["schema"])
        for path, methods in content["paths"].items()
        for method, said in methods.items()
        if isinstance(said, dict) and "requestBody" in said
    ]
    known = [each for route, schema in bodies for each in walk(content, route, schema) if not each.looked_away_from]
    found = {(each.route, each.path, each.kind): each for each in known}
    return list(found.values())


def walk(content: Json, route: str, schema: Json, path: tuple[str | int, ...] = ()) -> Iterator[Bound]:
    while "$ref" in schema:
        schema = content["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for part in [*schema.get("allOf", []), *schema.get("oneOf", [])[:1]]:
        yield from walk(content, route, part, path)
    for name, inner in schema.get("properties", {}).items():
        yield from walk(content, route, inner, (*path, name))
    if "items" in schema:
        yield from walk(content, route, schema["items"], (*path, 0))
    if "properties" in schema:
        yield Bound(route, (*path, "no_such_field"), "properties", 1)
    for kind, value in beyond(schema, path):
        yield Bound(route, path, kind, value)


def beyond(schema: Json, path: tuple[str | int, ...]) -> Iterator[tuple[str, Any]]:
    if schema.get("type") == "integer":
        yield "integer", schema.get("minimum", 0) + 1.5
    if "enum" in schema:
        yield "enum", "NO_SUCH_VALUE"
    if "minimum" in schema:
        yield "minimum", schema["minimum"] - 1
    if "maximum" in schema:
        yield "maximum", "x" * (schema["maximum"] + 1) if path[-1] in LENGTHS else schema["maximum"] + 1
    if schema.get("minItems"):
        yield "minItems", []
    if "maxItems" in schema:
        yield "maxItems", [{}] * (schema["maxItems"] + 1)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with serving(world(Crowd(performers=30, skip=0.0, expire=0.0))) as made:
        yield made


@pytest.fixture(scope="module")
def good(bench: Bench) -> dict[str, tuple[str, Json]]:
    """For each route with a body: where to send a good one, and the body."""
    pool, filled, own = a_pool(bench), bench.outlining(), bench.checking(mixer_config=None)
    (task,) = bench.fill(filled, 1)
    bench.client.open_pool(filled.id)
    bench.run()
    (page,) = bench.client.get_assignments(pool_id=filled.id)
    user_id, skill = bench.world.state.crowd.people()[0].id, next(bench.client.get_skills(name="given"))
    question = {"input_values": {"image": "http://x", "assignment_id": "1"}}
    suite = {"pool_id": own.id, "tasks": [question], "overlap": 1}
    suite_id = bench.http.post("task-suites", json=suite).json()["id"]
    message = {"topic": {"EN": "t"}, "text": {"EN": "t"}, "answerable": True}
    compose = message | {"recipients_select_type": "DIRECT", "recipients_ids": [user_id]}
    thread = bench.http.post("message-threads/compose", json=compose).json()["id"]
    rule = {
        "conditions": [{"key": "assignments_accepted_count", "operator": "GT", "value": 5}],
        "action": {"type": "SET_SKILL", "parameters": {"skill_id": skill.id, "skill_value": 50}},
    }
    control = {"configs": [{"collector_config": {"type": "ANSWER_COUNT"}, "rules": [rule]}]}
    pool["quality_control"] |= control
    project = checking_project().unstructure() | {"assignments_issuing_type": "AUTOMATED", "quality_control": control}
    training = {"project_id": pool["project_id"], "private_name": "t", "training_tasks_in_task_suite_count": 5}
    aggregate = {"type": "DAWID_SKENE", "pool_id": filled.id, "fields": [{"name": "nothing"}]}
    hook = {"pool_id": own.id, "event_type": "POOL_CLOSED", "webhook_url": "http://x"}
    bonus = {"user_id": user_id, "amount": 1, "without_message": True}
    folders = {"folders": ["IMPORTANT"]}
    return {
        "POST /aggregated-solutions/aggregate-by-pool": ("aggregated-solutions/aggregate-by-pool", aggregate),
        "POST /aggregated-solutions/aggregate-by-task": (
            "aggregated-solutions/aggregate-by-task",
            aggregate | {"task_id": task.id},
        ),
        "PATCH /assignments/{id}": (f"assignments/{page.id}", {"status": "ACCEPTED"}),
        "POST /message-threads/compose": ("message-threads/compose", compose),
        "POST /message-threads/{id}/reply": (f"message-threads/{thread}/reply", {"text": {"EN": "t"}}),
        "POST /message-threads/{id}/add-to-folders": (f"message-threads/{thread}/add-to-folders", folders),
        "POST /message-threads/{id}/remove-from-folders": (f"message-threads/{thread}/remove-from-folders", folders),
        "POST /pools": ("pools", {name: each for name, each in pool.items() if name != "id"}),
        "PUT /pools/{id}": (f"pools/{pool['id']}", pool),
        "PATCH /pools/{id}": (f"pools/{pool['id']}", {"priority": 5}),
        "POST /projects": ("projects", project),
        "PUT /projects/{id}": (f"projects/{pool['project_id']}", project),
        "POST /skills": ("skills", {"name": "n"}),
        "PUT /skills/{id}": (f"skills/{skill.id}", {"name": "given"}),
        "POST /task-suites": ("task-suites", suite),
        "PATCH /task-suites/{id}": (f"task-suites/{suite_id}", {"overlap": 2}),
        "PATCH /task-suites/{id}/set-overlap-or-min": (f"task-suites/{suite_id}/set-overlap-or-min", {"overlap": 2}),
        "POST /tasks": ("tasks", {"pool_id": pool["id"], **question, "overlap": 1}),
        "PATCH /tasks/{id}": (f"tasks/{task.id}", {"overlap": 2}),
        "PATCH /tasks/{id}/set-overlap-or-min": (f"tasks/{task.id}/set-overlap-or-min", {"overlap": 2}),
        "POST /trainings": ("trainings", training),
        "PUT /trainings/{id}": (f"trainings/{bench.http.post('trainings', json=training).json()['id']}", training),
        "POST /user-bonuses": ("user-bonuses", bonus),
        "PUT /user-restrictions": ("user-restrictions", {"scope": "ALL_PROJECTS", "user_id": user_id}),
        "PUT /user-skills": ("user-skills", {"skill_id": skill.id, "user_id": user_id, "value": 5}),
        "PUT /webhook-subscriptions": ("webhook-subscriptions", hook),
    }


@NEEDED
def test_good_bodies_are_taken(bench: Bench, good: dict[str, tuple[str, Json]]) -> None:
    assert {each.route for each in bounds()} <= good.keys()
    for route, (path, body) in good.items():
        answer = bench.http.request(route.split(" ")[0], path, json=body)
        assert answer.status_code < 400 or answer.status_code == 409, (route, answer.text)


@NEEDED
@pytest.mark.parametrize("bound", bounds(), ids=lambda each: f"{each.route} {each.name} {each.kind}")
def test_a_value_beyond_a_bound_is_refused(bench: Bench, good: dict[str, tuple[str, Json]], bound: Bound) -> None:
    path, body = good[bound.route]
    answer = bench.http.request(bound.route.split(" ")[0], path, json=bound.broken(body))
    assert answer.status_code == 400, answer.text
    told = answer.json()["payload"]
    above = [name for name, flaw in told.items() if bound.name.startswith(name) and "simulated" in flaw["message"]]
    if not above and has_no_place(bound, told):
        return
    assert above or told[bound.name]["code"] == bound.code, told


def has_no_place(bound: Bound, told: Json) -> bool:
    """Whether what is sent is refused before its value is looked at.

    A suite's task has no preliminary answers, and a collector or an action only its own parameters.
    """
    names = [bound.name] if "parameters" in bound.path else []
    names += ["tasks[0].baseline_solutions"] if "baseline_solutions" in bound.path else []
    return any(told.get(name, {}).get("code") == "VALUE_NOT_ALLOWED" for name in names)
