import httpx
import pytest
import toloka.client as toloka
from simulated import Bench, checking_pool, checking_project

BAN = {"type": "RESTRICTION_V2", "parameters": {"scope": "PROJECT", "duration_unit": "PERMANENT"}}
FAST = {"type": "ASSIGNMENT_SUBMIT_TIME", "parameters": {"fast_submit_threshold_seconds": 5}}


def condition(key: str, operator: str = "GT") -> dict:
    return {"key": key, "operator": operator, "value": "REJECT" if key == "assessment_event" else 1}


def flaws(bench: Bench, collector: dict, condition: dict, action: dict) -> dict:
    project = bench.client.create_project(checking_project())
    body = checking_pool(project.id).unstructure() | {"reward_per_assignment": 0.01, "quality_control": None}
    rule = {"conditions": [condition], "action": action}
    body["quality_control"] = {"configs": [{"collector_config": collector, "rules": [rule]}]}
    answer = httpx.post(f"{bench.url}/api/v1/pools", json=body, headers={"Authorization": "OAuth token"})
    return answer.json().get("payload", {})


def test_a_known_rule_has_no_flaw(bench):
    assert flaws(bench, FAST, condition("fast_submitted_count"), BAN) == {}


@pytest.mark.parametrize(
    ("collector", "key", "action", "path"),
    [
        ({"type": "CAPTCHA"}, "x", BAN, "collector_config.type"),
        ({"type": "MAJORITY_VOTE"}, "total_answers_count", BAN, "collector_config.parameters.answer_threshold"),
        (FAST, "total_answers_count", BAN, "rules[0].conditions[0].key"),
        (FAST, "fast_submitted_count", {"type": "REJECT_ALL_ASSIGNMENTS", "parameters": {}}, "rules[0].action.type"),
        ({"type": "ASSIGNMENTS_ASSESSMENT"}, "assessment_event", BAN, "rules[0].action.type"),
        (
            {"type": "ASSIGNMENTS_ASSESSMENT"},
            "assessment_event",
            {"type": "CHANGE_OVERLAP", "parameters": {}},
            "rules[0].action.parameters",
        ),
        *(
            (FAST, "fast_submitted_count", {"type": kind, "parameters": parameters}, "rules[0].action.parameters")
            for kind, parameters in [
                ("SET_SKILL", {"skill_id": "404", "skill_value": 1}),
                ("RESTRICTION_V2", {"scope": "GALAXY", "duration_unit": "DAYS", "duration": 1}),
                ("RESTRICTION_V2", {"scope": "POOL", "duration_unit": "AEONS", "duration": 1}),
                ("RESTRICTION_V2", {"scope": "POOL", "duration_unit": "DAYS"}),
            ]
        ),
    ],
)
def test_an_unknown_rule_is_refused_by_name(bench, collector, key, action, path):
    assert list(flaws(bench, collector, condition(key), action)) == [f"quality_control.configs[0].{path}"]


def test_skill_actions_need_their_value_and_a_field_that_is_counted(bench):
    skill = bench.client.create_skill(toloka.Skill(name="speed"))
    for kind, parameters in [("SET_SKILL", {}), ("SET_SKILL_FROM_OUTPUT_FIELD", {"from_field": "income"})]:
        action = {"type": kind, "parameters": {"skill_id": skill.id} | parameters}
        assert list(flaws(bench, FAST, condition("fast_submitted_count"), action))


def test_an_unknown_operator_is_refused(bench):
    assert flaws(bench, FAST, condition("fast_submitted_count", "LIKE"), BAN)
