"""The step of the conformance run in which a pool has everything that a pool can have."""

from typing import Any

from blood import project, training
from conformance import Stand, step
from simulated import checking_pool

from simulator.quality.rule_forms import COLLECTORS

PARAMETERS: dict[str, dict[str, Any]] = {
    "RESTRICTION": {"scope": "PROJECT", "duration_days": 1, "private_comment": "no"},
    "RESTRICTION_V2": {"scope": "POOL", "duration_unit": "HOURS", "duration": 5},
    "SET_SKILL": {"skill_value": 50},
    "SET_SKILL_FROM_OUTPUT_FIELD": {},
    "CHANGE_OVERLAP": {"delta": 1, "open_pool": True},
    "APPROVE_ALL_ASSIGNMENTS": {},
    "REJECT_ALL_ASSIGNMENTS": {"public_comment": "no"},
}
VALUES = {"assessment_event": "REJECT", "pool_access_revoked_reason": "RESTRICTION"}
NEEDED = {"fast_submit_threshold_seconds": 5, "answer_threshold": 2}


def configs(skill_id: str) -> list[dict[str, Any]]:
    """Every collector of pools with all its conditions and each action."""
    return [_config(kind, skill_id) for kind in COLLECTORS if kind != "TRAINING"]


def _config(kind: str, skill_id: str) -> dict[str, Any]:
    collector = COLLECTORS[kind]
    parameters = {name: NEEDED.get(name, 10) for name in collector.parameters}
    conditions = [_condition(key, skill_id) for key in collector.keys]
    rules = [
        {"conditions": conditions, "action": {"type": name, "parameters": _parameters(kind, name, skill_id)}}
        for name in collector.actions
    ]
    return {"collector_config": {"type": kind, "parameters": parameters}, "rules": rules}


def _condition(key: str, skill_id: str) -> dict[str, Any]:
    value = skill_id if key == "skill_id" else VALUES.get(key, 3)
    return {"key": key, "operator": "EQ" if isinstance(value, str) else "GTE", "value": value}


def _parameters(kind: str, action: str, skill_id: str) -> dict[str, Any]:
    given = PARAMETERS[action] | ({"skill_id": skill_id} if action.startswith("SET_SKILL") else {})
    rate = next((key for key in COLLECTORS[kind].keys if key.endswith("rate")), None)
    return given | ({"from_field": rate} if action.endswith("FIELD") else {})


@step("POST /v1/pools", "create_pool get_pool")
def full_pools(stand: Stand) -> None:
    kit = stand.kit
    made = kit.create_project(project())
    skill, taught = kit.create_skill(name="given by rules"), kit.create_training(training(made.id))
    wanted = checking_pool(made.id, auto_accept_solutions=False, auto_accept_period_day=3).unstructure()
    wanted["quality_control"] = {
        "configs": configs(skill.id),
        "training_requirement": {"training_pool_id": taught.id, "training_passing_skill_value": 50},
    }
    wanted["speed_quality_balance"] = {"type": "TOP_PERCENTAGE_BY_QUALITY", "percent": 50}
    field = {"fields": [{"name": "result"}], "answer_weight_skill_id": skill.id}
    wanted["dynamic_overlap_config"] = {"type": "BASIC", "max_overlap": 5, "min_confidence": 0.9} | field
    sent = stand.http.post("/pools", json=wanted).json()
    read = kit.get_pool(sent["id"])
    assert len(read.quality_control.configs) == len(COLLECTORS) - 1
    assert read.dynamic_overlap_config.max_overlap == 5
    again = kit.create_pool(read)
    assert kit.get_pool(again.id).quality_control == read.quality_control
