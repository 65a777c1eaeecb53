"""Where the simulator answers otherwise than Toloka's OpenAPI file says, and why: the file is wrong or silent there."""

from typing import Any, NamedTuple

Schema = dict[str, Any]


class Deviation(NamedTuple):
    """One place, or several for one reason.

    `at` are "METHOD /v1/path STATUS" for an answer, "Schema.field" for a part of one. `answers` is the JSON Schema that
    holds there (references lead into the file), None for an empty body.
    """

    at: tuple[str, ...]
    says: str
    does: str
    why: str
    answers: Schema | None


def _of(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _results(name: str) -> Schema:
    """What became of a list of objects, by their index."""
    items = {"type": "object", "additionalProperties": _of(name)}
    return {"type": "object", "properties": {"items": items, "validation_errors": {"type": "object"}}}


_STATES = ("open", "close", "close-for-update", "archive")
ENTRY: Schema = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "success": {"type": "boolean"},
        "input": {"type": "object"},
        "output": {"type": "object"},
    },
}
DEVIATIONS = (
    Deviation(
        tuple(f"POST /v1/{noun}/{{}}/{state} 204" for noun in ("pools", "trainings") for state in _STATES),
        "202 only",
        "204 without a body when the pool is in this state already",
        "documented elsewhere, and the client counts on it",
        None,
    ),
    Deviation(
        ("POST /v1/tasks 202", "POST /v1/task-suites 202", "POST /v1/user-bonuses 202"),
        "201 only",
        "202 with the operation where `async_mode=true`",
        "an operation that was accepted created nothing yet",
        _of("OperationViewV1"),
    ),
    Deviation(
        ("POST /v1/tasks 201",),
        "a page of tasks",
        "`items` and `validation_errors` by index",
        "as with task suites and bonuses; the client reads nothing else",
        {"oneOf": [_of("TaskViewV1"), _results("TaskViewV1")]},
    ),
    Deviation(
        ("POST /v1/aggregated-solutions/aggregate-by-pool 202",),
        "201",
        "202",
        "as with every other operation",
        _of("OperationViewV1"),
    ),
    Deviation(
        ("PUT /v1/user-skills 201",),
        "200 only",
        "201 for a new one",
        "so do Toloka's other clients expect it",
        _of("UserSkillViewV1"),
    ),
    Deviation(
        ("PUT /v1/user-restrictions 201",),
        "200 only",
        "201 for a new one",
        "so do Toloka's other clients expect it",
        _of("UserRestrictionViewV1"),
    ),
    Deviation(
        ("PUT /v1/webhook-subscriptions 200",),
        "one subscription",
        "`items` and `validation_errors` by index where a list was sent",
        "the client sends lists only",
        {"oneOf": [_of("WebhookSubscriptionViewV1"), _results("WebhookSubscriptionViewV1")]},
    ),
    Deviation(
        ("PUT /v1/webhook-subscriptions 201",),
        "200 only",
        "201 for a new one sent alone",
        "so do Toloka's other clients expect it",
        _of("WebhookSubscriptionViewV1"),
    ),
    Deviation(
        ("POST /v1/webhook-subscriptions/{}/test 200",),
        "201",
        "200",
        "nothing is created, and Toloka's other clients expect it",
        _of("WebhookPushResultView"),
    ),
    Deviation(
        ("GET /v1/operations/{}/log 200",),
        "one entry",
        "a list of entries",
        "the file describes an entry and forgets the list",
        {"type": "array", "items": ENTRY},
    ),
    Deviation(
        ("OperationViewV1.details",),
        "five counts",
        "any object",
        "a clone tells the new id there; the file knows the counts of a batch only",
        {"type": "object"},
    ),
    Deviation(
        ("OperationViewV1.parameters",),
        "six fields",
        "any object",
        "an aggregation tells what was asked for there",
        {"type": "object"},
    ),
    Deviation(
        ("PoolViewV1.filter",),
        "a text",
        "an object",
        "filters are sent and read as objects",
        {"type": "object"},
    ),
    Deviation(
        ("PoolViewV1.type",),
        "REGULAR or TRAINING",
        "EXAM, too",
        "exams are set up as such and read back",
        {"type": "string", "enum": ["REGULAR", "TRAINING", "EXAM"]},
    ),
    Deviation(
        ("ActionConfigDtoV1.parameters",),
        "no `duration_days`",
        "those of the older `RESTRICTION`, too",
        "the client still has that action",
        {"type": "object"},
    ),
    Deviation(
        ("OneFieldConditionDtoV1.value",),
        "an object",
        "a number, a text or true or false",
        "thresholds are no objects",
        {"type": ["number", "string", "boolean"]},
    ),
    Deviation(
        (
            "TaskFormV1.overlap",
            "TaskViewV1.remaining_overlap",
            "TaskSuiteFormV1.overlap",
            "TaskSuiteFormV1.remaining_overlap",
        ),
        "at least 1",
        "0 for a task or suite that is stopped, null for one without end",
        "documented elsewhere",
        {"type": ["integer", "null"], "minimum": 0},
    ),
    Deviation(
        ("AssignmentViewV1.tasks",),
        "tasks without pool, overlap, dates and `reserved_for`",
        "the whole task",
        "so it comes from Toloka",
        {"type": "array", "items": _of("TaskViewV1")},
    ),
)
"""Beside these: errors, which the file leaves out, are as the documentation describes them."""
