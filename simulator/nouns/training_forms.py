"""Whether a training is one that the simulator knows, and the pool that a training is."""

import copy

from simulator.elements.draws import digest
from simulator.elements.errors import Flaw, conflict, flaw, not_allowed, refuse
from simulator.elements.shapes import anything, fields, filled, flag, mapped, number, text
from simulator.nouns import projects
from simulator.records.state import Json, State

OVERLAP = 30_000
COUNT = number(0, 500, whole=True)
FIELDS = {
    "project_id": text,
    "private_name": filled,
    "training_tasks_in_task_suite_count": COUNT,
    "task_suites_required_to_pass": COUNT,
    "inherited_instructions": flag,
    "public_instructions": text,
    "may_contain_adult_content": flag,
    "assignment_max_duration_seconds": number(5, 2**31 - 1, whole=True),
    "mix_tasks_in_creation_order": flag,
    "shuffle_tasks_in_task_suite": flag,
    "retry_training_after_days": number(1, 10_000, whole=True),
    "metadata": mapped(anything),
}
NEEDED = ("project_id", "private_name", "training_tasks_in_task_suite_count")
READ_ONLY = ("id", "owner", "status", "last_close_reason", "created", "last_started", "last_stopped")
DEFAULTS = {
    "inherited_instructions": False,
    "may_contain_adult_content": False,
    "assignment_max_duration_seconds": 3600,
    "mix_tasks_in_creation_order": True,
    "shuffle_tasks_in_task_suite": True,
}


def check(state: State, body: Json) -> None:
    """Raise VALIDATION_ERROR for a training that lacks something or has a field that nobody knows."""
    flaws: dict[str, Flaw] = {name: not_allowed() for name in body if name not in (*FIELDS, *READ_ONLY)}
    refuse(flaws | fields(FIELDS, *NEEDED)(body, ""))
    if body["project_id"] not in state.projects:
        refuse({"project_id": flaw("ENTITY_DOES_NOT_EXIST", "project does not exist")})
    if projects.get(state, body["project_id"]).status == "ARCHIVED":
        raise conflict("PROJECT_INAPPROPRIATE_STATUS", "the project is archived")


def form_of(body: Json) -> Json:
    """What of a request makes the training, with the defaults."""
    sent = {name: value for name, value in body.items() if name in FIELDS and value is not None}
    return DEFAULTS | copy.deepcopy(sent)


def as_pool(identity: str, form: Json, skill_id: str) -> Json:
    """The body of the pool that a training is; its rules give this skill."""
    mixer: Json = {
        "real_tasks_count": 0,
        "golden_tasks_count": 0,
        "training_tasks_count": form["training_tasks_in_task_suite_count"],
        "min_training_tasks_count": min(1, form["training_tasks_in_task_suite_count"]),
        "force_last_assignment": False,
        "mix_tasks_in_creation_order": form["mix_tasks_in_creation_order"],
        "shuffle_tasks_in_task_suite": form["shuffle_tasks_in_task_suite"],
    }
    overlaps = {"default_overlap_for_new_task_suites": OVERLAP, "default_overlap_for_new_tasks": OVERLAP}
    shared = ("project_id", "private_name", "public_instructions", "may_contain_adult_content", "metadata")
    own: Json = {
        "type": "TRAINING",
        "assignment_max_duration_seconds": form["assignment_max_duration_seconds"],
        "reward_per_assignment": 0.0,
        "auto_accept_solutions": True,
        "defaults": overlaps,
        "mixer_config": mixer,
        "quality_control": {"configs": [_rules(identity, form, skill_id)]},
    }
    return own | {name: form[name] for name in shared if name in form}


def _rules(identity: str, form: Json, skill_id: str) -> Json:
    """Both rules give the share of first answers that were right: when enough pages are done, or no more can be had."""
    uuid = digest("collector", identity, 0)
    enough = form.get("task_suites_required_to_pass")
    ends: list[list[tuple[str, str, object]]] = [[("submitted_assignments_count", "EQ", enough)]] if enough else []
    ends.append([("next_assignment_available", "EQ", False), ("total_answers_count", "GT", 0)])
    gives = {"skill_id": skill_id, "from_field": "correct_answers_rate"}
    rules = [
        {
            "conditions": [{"key": key, "operator": sign, "value": value} for key, sign, value in end],
            "action": {"type": "SET_SKILL_FROM_OUTPUT_FIELD", "parameters": gives},
        }
        for end in ends
    ]
    collector: Json = {"type": "TRAINING", "uuid": f"{uuid[:8]}-{uuid[8:12]}-4000-8000-{uuid[:12]}"}
    return {"collector_config": collector, "rules": rules}
