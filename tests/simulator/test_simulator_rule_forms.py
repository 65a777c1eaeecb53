"""Every collector, condition and action that toloka-kit has is known here, and what is wrong with a rule is named."""

import re
from typing import Any

import attr
import httpx
import pytest
from simulated import Bench, checking_pool, checking_project
from toloka.client.actions import RuleAction, RuleType
from toloka.client.collectors import CollectorConfig
from toloka.client.conditions import IdentityRuleCondition, RuleCondition

from simulator.quality.rule_forms import ACTIONS, COLLECTORS, KEYS, REFUSED, WORDS


def variants(base: Any) -> dict[str, type]:
    """The kinds of something that toloka-kit has, by name."""
    return {kind.value: of for kind, of in base._variant_registry.registered_classes.items()}


KIT = variants(CollectorConfig)
"""toloka-kit's collectors, by type."""
VALUES = {"assessment_event": "REJECT", "pool_access_revoked_reason": "RESTRICTION", "skill_id": "1"}
NEEDED: dict[str, dict[str, Any]] = {
    "ASSIGNMENT_SUBMIT_TIME": {"fast_submit_threshold_seconds": 5},
    "MAJORITY_VOTE": {"answer_threshold": 2},
}


def documented_actions(of: type) -> set[str]:
    """The actions that the kit's documentation of a collector lists; the older ban is one where the newer is."""
    names = re.findall(r"toloka\.client\.actions\.(\w+)\.md\) ", of.__doc__ or "")
    types = {each.__name__: kind for kind, each in variants(RuleAction).items()}
    found = {types[name] for name in names}
    return found | ({"RESTRICTION"} if "RESTRICTION_V2" in found else set())


def parameters_of(of: type) -> set[str]:
    return {each.name for each in attr.fields(of.Parameters)} - {"_unexpected"}


def condition(key: str, operator: str = "EQ", value: Any = None) -> dict[str, Any]:
    return {"key": key, "operator": operator, "value": VALUES.get(key, 1) if value is None else value}


def action(kind: str, skill_id: str, key: str = "correct_answers_rate") -> dict[str, Any]:
    parameters: dict[str, dict[str, Any]] = {
        "RESTRICTION": {"scope": "POOL", "duration_days": 1},
        "RESTRICTION_V2": {"scope": "PROJECT", "duration_unit": "HOURS", "duration": 1, "private_comment": "why"},
        "SET_SKILL": {"skill_id": skill_id, "skill_value": 1},
        "SET_SKILL_FROM_OUTPUT_FIELD": {"skill_id": skill_id, "from_field": key},
        "CHANGE_OVERLAP": {"delta": 1, "open_pool": True},
        "APPROVE_ALL_ASSIGNMENTS": {},
        "REJECT_ALL_ASSIGNMENTS": {"public_comment": "no"},
    }
    return {"type": kind, "parameters": parameters[kind]}


def config(collector: str, key: str, act: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    given = {"type": collector, "parameters": NEEDED.get(collector, {}) | parameters}
    return {"collector_config": given, "rules": [{"conditions": [condition(key)], "action": act}]}


class Forms:
    """Pools that are sent with one quality control after the other."""

    def __init__(self, bench: Bench) -> None:
        self.http = httpx.Client(base_url=f"{bench.url}/api/v1", headers={"Authorization": "OAuth token"})
        self.skill = bench.client.create_skill(name="skill").id
        project = bench.client.create_project(checking_project())
        self.body = checking_pool(project.id).unstructure() | {"reward_per_assignment": 0.01}

    def flaws(self, **control: Any) -> dict[str, str]:
        """What is wrong with this quality control: codes by path within it."""
        answer = self.http.post("/pools", json=self.body | {"quality_control": control})
        assert answer.status_code in (201, 400)
        found = answer.json().get("payload", {})
        return {path.removeprefix("quality_control."): flaw["code"] for path, flaw in found.items()}


@pytest.fixture
def forms(bench):
    made = Forms(bench)
    yield made
    made.http.close()


def test_every_collector_of_the_kit_is_simulated_or_refused_by_name():
    assert set(KIT) == {*COLLECTORS, *REFUSED}
    assert set(REFUSED) == {"CAPTCHA"}


@pytest.mark.parametrize("name", COLLECTORS)
def test_a_collector_has_the_kits_conditions_actions_and_parameters(name):
    ours, kits = COLLECTORS[name], KIT[name]
    assert set(ours.keys) == {key.value for key in kits._compatible_conditions}
    assert set(ours.parameters) == parameters_of(kits)
    if name != "TRAINING":
        assert set(ours.actions) == documented_actions(kits)


def test_every_condition_and_action_of_the_kit_is_there():
    captcha = {key.value for key in KIT["CAPTCHA"]._compatible_conditions}
    assert variants(RuleCondition).keys() == KEYS | captcha
    assert {kind.value for kind in RuleType} == set(ACTIONS)
    identities = {key for key, of in variants(RuleCondition).items() if issubclass(of, IdentityRuleCondition)}
    assert identities == set(WORDS)


def test_every_pair_of_collector_and_action_is_taken_or_refused_as_the_platform_says(forms):
    for name in COLLECTORS.keys() - {"TRAINING"}:
        kind = COLLECTORS[name]
        for act in ACTIONS:
            source = next((key for key in kind.keys if key.endswith("_rate")), "correct_answers_rate")
            found = forms.flaws(configs=[config(name, kind.keys[0], action(act, forms.skill, source))])
            wanted = {} if act in kind.actions else {"configs[0].rules[0].action.type": "VALUE_NOT_ALLOWED"}
            assert found == wanted, (name, act)


def test_every_key_is_taken_and_comes_back_through_the_client(bench, forms):
    some = [
        config(n, k, action(c.actions[0], forms.skill))
        for n, c in COLLECTORS.items()
        if n != "TRAINING"
        for k in c.keys
    ]
    answer = forms.http.post("/pools", json=forms.body | {"quality_control": {"configs": some}})
    read = bench.client.get_pool(answer.json()["id"])
    assert [each.rules[0].conditions[0].key.value for each in read.quality_control.configs] == [
        each["rules"][0]["conditions"][0]["key"] for each in some
    ]
    assert bench.client.update_pool(read.id, read) == read


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"collector_config.type": "CAPTCHA"}, {"collector_config.type": "VALUE_NOT_ALLOWED"}),
        ({"collector_config.type": "WEATHER"}, {"collector_config.type": "UNKNOWN_ENUM_VALUE"}),
        ({"collector_config.type": "TRAINING"}, {"collector_config.type": "UNKNOWN_ENUM_VALUE"}),
        (
            {"collector_config.parameters": {}},
            {"collector_config.parameters.fast_submit_threshold_seconds": "VALUE_REQUIRED"},
        ),
        (
            {"collector_config.parameters.answer_threshold": 3},
            {"collector_config.parameters.answer_threshold": "VALUE_NOT_ALLOWED"},
        ),
        (
            {"collector_config.parameters.history_size": 0},
            {"collector_config.parameters.history_size": "VALUE_LESS_THAN_MIN"},
        ),
        (
            {"collector_config.parameters.fast_submit_threshold_seconds": 7.5},
            {"collector_config.parameters.fast_submit_threshold_seconds": "INTEGER_EXPECTED"},
        ),
        ({"colour": "red"}, {"colour": "VALUE_NOT_ALLOWED"}),
        ({"rules.0.conditions.0.key": "total_answers_count"}, {"rules[0].conditions[0].key": "VALUE_NOT_ALLOWED"}),
        ({"rules.0.conditions.0.operator": "LIKE"}, {"rules[0].conditions[0].operator": "UNKNOWN_ENUM_VALUE"}),
        ({"rules.0.conditions.0.value": "many"}, {"rules[0].conditions[0].value": "FLOAT_EXPECTED"}),
        ({"rules.0.conditions.0.value": None}, {"rules[0].conditions[0].value": "VALUE_REQUIRED"}),
        ({"rules.0.action.type": "FLOGGING"}, {"rules[0].action.type": "UNKNOWN_ENUM_VALUE"}),
        ({"rules.0.action.type": "CLEAN_COLLECTOR"}, {"rules[0].action.type": "VALUE_NOT_ALLOWED"}),
        ({"rules.0.action.parameters.scope": "GALAXY"}, {"rules[0].action.parameters.scope": "UNKNOWN_ENUM_VALUE"}),
        (
            {"rules.0.action.parameters.duration_unit": "AEONS"},
            {"rules[0].action.parameters.duration_unit": "UNKNOWN_ENUM_VALUE"},
        ),
        ({"rules.0.action.parameters.duration": None}, {"rules[0].action.parameters.duration": "VALUE_REQUIRED"}),
        ({"rules.0.action.parameters.colour": 1}, {"rules[0].action.parameters.colour": "VALUE_NOT_ALLOWED"}),
    ],
)
def test_what_is_wrong_with_a_rule_is_named_by_its_place(forms, change, found):
    made = config("ASSIGNMENT_SUBMIT_TIME", "fast_submitted_count", action("RESTRICTION_V2", forms.skill))
    ((place, value),) = change.items()
    node: Any = made
    *way, last = place.split(".")
    for step in way:
        node = node[int(step)] if step.isdecimal() else node[step]
    node[last] = value
    assert forms.flaws(configs=[made]) == {f"configs[0].{path}": code for path, code in found.items()}


@pytest.mark.parametrize(
    ("collector", "act", "found"),
    [
        (
            "GOLDEN_SET",
            {"type": "SET_SKILL", "parameters": {"skill_id": "404", "skill_value": 1}},
            "skill_id ENTITY_DOES_NOT_EXIST",
        ),
        ("GOLDEN_SET", {"type": "SET_SKILL", "parameters": {"skill_id": "404"}}, "skill_value VALUE_REQUIRED"),
        (
            "GOLDEN_SET",
            {"type": "SET_SKILL_FROM_OUTPUT_FIELD", "parameters": {"skill_id": "SKILL", "from_field": "income"}},
            "from_field VALUE_NOT_ALLOWED",
        ),
        ("GOLDEN_SET", {"type": "REJECT_ALL_ASSIGNMENTS", "parameters": {}}, "public_comment VALUE_REQUIRED"),
        ("GOLDEN_SET", {"type": "RESTRICTION", "parameters": {}}, "scope VALUE_REQUIRED"),
        ("USERS_ASSESSMENT", {"type": "CHANGE_OVERLAP", "parameters": {}}, "delta VALUE_REQUIRED"),
    ],
)
def test_what_is_wrong_with_an_action_is_named(forms, collector, act, found):
    if act["parameters"].get("skill_id") == "SKILL":
        act = act | {"parameters": act["parameters"] | {"skill_id": forms.skill}}
    name, code = found.split()
    made = config(collector, COLLECTORS[collector].keys[0], act)
    assert forms.flaws(configs=[made]) == {f"configs[0].rules[0].action.parameters.{name}": code}


def test_a_word_is_equal_or_not_and_one_that_there_is(forms):
    made = config("ASSIGNMENTS_ASSESSMENT", "assessment_event", action("CHANGE_OVERLAP", forms.skill))
    made["rules"][0]["conditions"] = [condition("assessment_event", "GT", "MAYBE")]
    where = "configs[0].rules[0].conditions[0]"
    assert forms.flaws(configs=[made]) == {
        f"{where}.operator": "VALUE_NOT_ALLOWED",
        f"{where}.value": "UNKNOWN_ENUM_VALUE",
    }


def test_captchas_are_refused_by_name(forms):
    assert forms.flaws(captcha_frequency="LOW") == {"captcha_frequency": "VALUE_NOT_ALLOWED"}


def test_a_project_has_rules_and_nothing_else_of_quality_control(bench, forms):
    made = checking_project().unstructure()
    good = config("GOLDEN_SET", "total_answers_count", action("SET_SKILL", forms.skill))
    answer = forms.http.post("/projects", json=made | {"quality_control": {"configs": [good]}})
    (read,) = bench.client.get_project(answer.json()["id"]).quality_control.configs
    assert read.collector_config.uuid is not None
    assert [rule.unstructure() for rule in read.rules] == good["rules"]
    bad = {"configs": [good | {"rules": 5}], "captcha_frequency": "LOW"}
    flawed = forms.http.post("/projects", json=made | {"quality_control": bad})
    codes = {path: flaw["code"] for path, flaw in flawed.json()["payload"].items()}
    assert codes == {
        "quality_control.configs[0].rules": "ARRAY_EXPECTED",
        "quality_control.captcha_frequency": "VALUE_NOT_ALLOWED",
    }
    used = forms.http.delete(f"/skills/{forms.skill}")
    assert (used.status_code, used.json()["code"]) == (409, "SKILL_IS_USED_BY_PROJECTS")


def test_the_required_training_is_one(bench, forms):
    wanted = {"training_pool_id": bench.checking().id, "training_passing_skill_value": 50}
    assert forms.flaws(training_requirement=wanted) == {
        "training_requirement.training_pool_id": "ENTITY_DOES_NOT_EXIST"
    }
