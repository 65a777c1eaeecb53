"""Whether a pool's quality rules are ones that the simulator knows: checked when the pool is set up."""

from simulator.errors import Flaw, flaw, not_allowed, required
from simulator.filters import COMPARISONS
from simulator.shapes import Shape, fields, flag, listed, number, text
from simulator.state import Json, State

RATES = ("correct_answers_rate", "incorrect_answers_rate")
KEYS: dict[str, tuple[str, ...]] = {
    "ACCEPTANCE_RATE": ("total_assignments_count", "accepted_assignments_rate", "rejected_assignments_rate"),
    "ASSIGNMENT_SUBMIT_TIME": ("total_submitted_count", "fast_submitted_count"),
    "ANSWER_COUNT": ("assignments_accepted_count",),
    "MAJORITY_VOTE": ("total_answers_count", *RATES),
    "GOLDEN_SET": (
        "total_answers_count",
        *RATES,
        "golden_set_answers_count",
        "golden_set_correct_answers_rate",
        "golden_set_incorrect_answers_rate",
    ),
    "ASSIGNMENTS_ASSESSMENT": (
        "pending_assignments_count",
        "accepted_assignments_count",
        "rejected_assignments_count",
        "assessment_event",
    ),
}
NEEDED = {"ASSIGNMENT_SUBMIT_TIME": "fast_submit_threshold_seconds", "MAJORITY_VOTE": "answer_threshold"}
SCOPES = ("POOL", "PROJECT", "ALL_PROJECTS")
DURATIONS = ("MINUTES", "HOURS", "DAYS", "PERMANENT")
PERFORMER_ACTIONS = ("RESTRICTION_V2", "SET_SKILL", "SET_SKILL_FROM_OUTPUT_FIELD")


PARAMETERS = {
    "delta": number(-1000, 1000, whole=True),
    "open_pool": flag,
    "scope": text,
    "duration_unit": text,
    "duration": number(0, 10_000),
    "private_comment": text,
    "skill_id": text,
    "skill_value": number(0, 100),
    "from_field": text,
}
COLLECTING: dict[str, Shape] = {
    "history_size": number(1, whole=True),
    "fast_submit_threshold_seconds": number(0),
    "answer_threshold": number(1, whole=True),
}
ACTION = fields({"type": text, "parameters": fields(PARAMETERS)}, "type")
CONDITION = fields({"key": text, "operator": text}, "key", "operator")
RULE = fields({"conditions": listed(CONDITION), "action": ACTION}, "conditions", "action")
COLLECTOR = fields({"type": text, "uuid": text, "parameters": fields(COLLECTING)}, "type")
CONFIG = fields({"collector_config": COLLECTOR, "rules": listed(RULE)}, "collector_config", "rules")
TRAINING = fields(
    {"training_pool_id": text, "training_passing_skill_value": number(0, 100)},
    "training_pool_id",
    "training_passing_skill_value",
)
SHAPE = fields({"configs": listed(CONFIG), "training_requirement": TRAINING})
"""What quality control is made of; what its parts mean is looked at afterwards."""


def flaws(state: State, quality_control: Json) -> dict[str, Flaw]:
    """What the simulator does not know about these rules, by path."""
    found: dict[str, Flaw] = {}
    if quality_control.get("checkpoints_config"):
        found["quality_control.checkpoints_config"] = not_allowed("checkpoints_config is not simulated")
    wanted = quality_control.get("training_requirement")
    training = state.pools.get(wanted["training_pool_id"]) if wanted else None
    if wanted and (training is None or training.training is None or training.status == "ARCHIVED"):
        missing = flaw("ENTITY_DOES_NOT_EXIST", f"there is no training {wanted['training_pool_id']}")
        found["quality_control.training_requirement.training_pool_id"] = missing
    for place, config in enumerate(quality_control.get("configs") or []):
        found |= _config(state, config, f"quality_control.configs[{place}]")
    return found


def _config(state: State, config: Json, path: str) -> dict[str, Flaw]:
    kind = config["collector_config"]["type"]
    if kind not in KEYS:
        return {f"{path}.collector_config.type": not_allowed(f"collector {kind} is not simulated")}
    found: dict[str, Flaw] = {}
    needed = NEEDED.get(kind)
    if needed and (config["collector_config"].get("parameters") or {}).get(needed) is None:
        found[f"{path}.collector_config.parameters.{needed}"] = required()
    for place, rule in enumerate(config["rules"]):
        found |= _rule(state, kind, rule, f"{path}.rules[{place}]")
    return found


def _rule(state: State, kind: str, rule: Json, path: str) -> dict[str, Flaw]:
    found: dict[str, Flaw] = {}
    for place, condition in enumerate(rule["conditions"]):
        found |= _condition(kind, condition, f"{path}.conditions[{place}]")
    action = rule["action"]["type"]
    allowed = ("CHANGE_OVERLAP",) if kind == "ASSIGNMENTS_ASSESSMENT" else PERFORMER_ACTIONS
    if action not in allowed:
        return found | {f"{path}.action.type": not_allowed(f"action {action} of {kind} is not simulated")}
    wrong = _action(state, kind, action, rule["action"].get("parameters") or {})
    return found | ({f"{path}.action.parameters": wrong} if wrong else {})


def _condition(kind: str, condition: Json, path: str) -> dict[str, Flaw]:
    if condition["key"] not in KEYS[kind] or condition["operator"] not in COMPARISONS:
        return {f"{path}.key": not_allowed(f"{condition['key']} {condition['operator']} of {kind}")}
    value = text if condition["key"] == "assessment_event" else number()
    return fields({"value": value}, "value")(condition, path)


def _action(state: State, kind: str, action: str, parameters: Json) -> Flaw | None:
    if action == "CHANGE_OVERLAP":
        return None if parameters.get("delta") is not None else required()
    if action == "RESTRICTION_V2":
        return _restriction(parameters)
    if parameters.get("skill_id") not in state.skills:
        return flaw("ENTITY_DOES_NOT_EXIST", f"skill {parameters.get('skill_id')} does not exist")
    if action == "SET_SKILL":
        return None if parameters.get("skill_value") is not None else required()
    source = parameters.get("from_field")
    return None if source in (*KEYS[kind], "wrong_answers_rate") else not_allowed(f"from_field {source} of {kind}")


def _restriction(parameters: Json) -> Flaw | None:
    if parameters.get("scope") not in SCOPES:
        return not_allowed(f"scope {parameters.get('scope')}")
    if parameters.get("duration_unit") not in DURATIONS:
        return not_allowed(f"duration_unit {parameters.get('duration_unit')}")
    permanent = parameters["duration_unit"] == "PERMANENT"
    return None if permanent or parameters.get("duration") else required()
