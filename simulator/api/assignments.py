"""Assignments over HTTP: listed, read and reviewed."""

from flask import Blueprint, request

from simulator.account.requester import OWNER
from simulator.api.search import Listing
from simulator.api.wire import Answer, blueprint, body
from simulator.contents import baselines, known
from simulator.elements.clock import iso
from simulator.elements.errors import Flaw, flaw, invalid, not_allowed, refuse, required
from simulator.elements.registers import Register
from simulator.elements.shapes import brief, fields, text
from simulator.nouns import assignments, pools, tasks
from simulator.records.state import Assignment, Json, State
from simulator.world import reviews
from simulator.world.world import World

MOMENTS = ("created", "submitted", "accepted", "rejected", "skipped", "expired")
LONGEST_COMMENT = 2048


def routes(world: World) -> Blueprint:
    """/assignments: list, get, accept or reject."""
    return blueprint(
        "assignments",
        world,
        {
            "GET /assignments": _find,
            "GET /assignments/<assignment_id>": _get,
            "PATCH /assignments/<assignment_id>": _review,
        },
    )


def view(state: State, page: Assignment) -> Json:
    """An assignment as the API shows it, its tasks within."""
    shown: Json = {
        "id": page.id,
        "task_suite_id": page.suite_id,
        "pool_id": page.pool_id,
        "user_id": page.user_id,
        "status": page.status,
        "reward": page.reward,
        "tasks": [_task_view(tasks.view(state, state.tasks[identity])) for identity in page.task_ids],
        "mixed": state.suites[page.suite_id].mixed,
        "automerged": False,
        "owner": OWNER,
    }
    moments = {name: getattr(page, name) for name in MOMENTS}
    shown |= {name: iso(moment) for name, moment in moments.items() if moment is not None}
    if page.solutions is not None:
        shown["solutions"] = page.solutions
    if page.attempts is not None:
        shown["first_declined_solution_attempt"] = page.attempts
    if page.bonus_ids:
        shown["bonus_ids"] = list(page.bonus_ids)
    return shown | ({"public_comment": page.comment} if page.comment is not None else {})


def _task_view(task: Json) -> Json:
    """A task as it stands in an assignment."""
    names = ("id", "pool_id", "input_values", "created", "overlap", "infinite_overlap", *known.FIELDS)
    names += (baselines.FIELD, "reserved_for", "unavailable_for")
    return {name: task[name] for name in names if name in task}


def _listing(state: State) -> Listing[Assignment]:
    return Listing(
        view=lambda page: view(state, page),
        ranges={
            "id": lambda page: page.id,
            "created": lambda page: page.created,
            "submitted": lambda page: page.submitted,
            "accepted": lambda page: page.accepted,
            "rejected": lambda page: page.rejected,
            "skipped": lambda page: page.skipped,
            "expired": lambda page: page.expired,
        },
        equals={
            "pool_id": lambda page: page.pool_id,
            "task_id": lambda page: next((i for i in page.task_ids if i == request.args["task_id"]), None),
            "task_suite_id": lambda page: page.suite_id,
            "status": lambda page: page.status,
            "user_id": lambda page: page.user_id,
        },
        choices={"status": assignments.STATUSES},
        most=100_000,
    )


def _find(state: State) -> Answer:
    return 200, _listing(state).page(_candidates(state), request.args)


def _candidates(state: State) -> Register[Assignment] | list[Assignment]:
    if "task_id" in request.args:
        identities = tasks.get(state, request.args["task_id"]).assignment_ids
        return [state.assignments[identity] for identity in identities]
    if "task_suite_id" in request.args:
        suite = state.suites.get(request.args["task_suite_id"])
        return [state.assignments[identity] for identity in (suite.assignment_ids if suite else ())]
    if "pool_id" in request.args:
        return pools.get(state, request.args["pool_id"]).pages
    raise invalid({"pool_id": required()})


def _get(state: State, assignment_id: str) -> Answer:
    return 200, view(state, assignments.get(state, assignment_id))


def _review(state: State, assignment_id: str) -> Answer:
    page, sent = assignments.get(state, assignment_id), body()
    flaws: dict[str, Flaw] = {name: not_allowed() for name in sent if name not in ("status", "public_comment")}
    flaws |= fields({"status": text, "public_comment": brief(LONGEST_COMMENT)})(sent, "")
    if "status" not in flaws and sent.get("status") not in assignments.REVIEWABLE:
        code = "VALUE_NOT_ALLOWED" if sent.get("status") in assignments.STATUSES else "UNKNOWN_ENUM_VALUE"
        flaws["status"] = flaw(code, "must be ACCEPTED or REJECTED")
    refuse(flaws)
    reviews.review(state, page, sent["status"], sent.get("public_comment"))
    return 200, view(state, page)
