"""Whether quality rules are ones that the platform knows: what each collector counts, and what may follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

from simulator.elements.draws import digest
from simulator.elements.errors import Flaw, flaw, not_allowed
from simulator.elements.shapes import Shape, anything, closed, fields, flag, listed, number, one_of, text
from simulator.offering import distributions
from simulator.offering.filters import COMPARISONS
from simulator.records.state import Json, State

BANS = ("RESTRICTION", "RESTRICTION_V2")
VERDICTS = ("APPROVE_ALL_ASSIGNMENTS", "REJECT_ALL_ASSIGNMENTS")
USUAL = (*BANS, *VERDICTS, "SET_SKILL")
SHARED = (*USUAL, "SET_SKILL_FROM_OUTPUT_FIELD")
RATES = ("correct_answers_rate", "incorrect_answers_rate")
ALIASES = {"wrong_answers_rate": "incorrect_answers_rate"}
"""Other names that `from_field` may have for what is counted."""
HISTORY: Mapping[str, Shape] = {"history_size": number(1, whole=True)}
ANSWERS = number(1, whole=True)


@dataclass(frozen=True, slots=True)
class Collector:
    """What a collector counts, what may follow from it, and its parameters, of which some are `needed`."""

    keys: tuple[str, ...]
    actions: tuple[str, ...] = USUAL
    parameters: Mapping[str, Shape] = field(default_factory=dict)
    needed: tuple[str, ...] = ()


COLLECTORS = {
    "ACCEPTANCE_RATE": Collector(
        ("total_assignments_count", "accepted_assignments_rate", "rejected_assignments_rate"), SHARED, HISTORY
    ),
    "ANSWER_COUNT": Collector(("assignments_accepted_count",)),
    "ASSIGNMENTS_ASSESSMENT": Collector(
        ("pending_assignments_count", "accepted_assignments_count", "rejected_assignments_count", "assessment_event"),
        ("CHANGE_OVERLAP",),
    ),
    "ASSIGNMENT_SUBMIT_TIME": Collector(
        ("total_submitted_count", "fast_submitted_count"),
        parameters={"fast_submit_threshold_seconds": number(0, whole=True), **HISTORY},
        needed=("fast_submit_threshold_seconds",),
    ),
    "GOLDEN_SET": Collector(
        (
            "total_answers_count",
            *RATES,
            "golden_set_answers_count",
            "golden_set_correct_answers_rate",
            "golden_set_incorrect_answers_rate",
        ),
        SHARED,
        HISTORY,
    ),
    "INCOME": Collector(("income_sum_for_last_24_hours",)),
    "MAJORITY_VOTE": Collector(
        ("total_answers_count", *RATES), SHARED, {"answer_threshold": ANSWERS, **HISTORY}, ("answer_threshold",)
    ),
    "SKIPPED_IN_ROW_ASSIGNMENTS": Collector(("skipped_in_row_count",)),
    "TRAINING": Collector(
        ("submitted_assignments_count", "total_answers_count", *RATES, "next_assignment_available"),
        ("SET_SKILL_FROM_OUTPUT_FIELD",),
    ),
    "USERS_ASSESSMENT": Collector(("pool_access_revoked_reason", "skill_id"), ("CHANGE_OVERLAP",)),
}
"""Every collector that is simulated; TRAINING is in trainings alone, where the platform puts it."""
KEYS = frozenset(key for collector in COLLECTORS.values() for key in collector.keys)
"""Every condition key."""
REFUSED = ("CAPTCHA",)
"""Collectors that the platform once had and the simulator has not."""
NEVER_DONE = ("CLEAN_ASSIGNMENTS_HISTORY", "CLEAN_COLLECTOR", "SET_POOL_COMPLETE")
"""Actions that the API names, no documentation explains and no client has."""

WORDS: dict[str, Shape] = {
    "assessment_event": one_of("ACCEPT", "ACCEPT_AFTER_REJECT", "REJECT"),
    "pool_access_revoked_reason": one_of("RESTRICTION", "SKILL_CHANGE"),
    "skill_id": text,
}
"""Condition keys that are compared with words, which are equal or not; all others are numbers."""
SCOPE = one_of("POOL", "PROJECT", "ALL_PROJECTS")
DURATION = number(1, 10_000, whole=True)
ACTIONS: dict[str, Shape] = {
    "RESTRICTION": closed({"scope": SCOPE, "duration_days": DURATION, "private_comment": text}, "scope"),
    "RESTRICTION_V2": closed(
        {
            "scope": SCOPE,
            "duration_unit": one_of("MINUTES", "HOURS", "DAYS", "PERMANENT"),
            "duration": DURATION,
            "private_comment": text,
        },
        "scope",
        "duration_unit",
    ),
    "SET_SKILL": closed({"skill_id": text, "skill_value": number(0, 100, whole=True)}, "skill_id", "skill_value"),
    "SET_SKILL_FROM_OUTPUT_FIELD": closed({"skill_id": text, "from_field": text}, "skill_id", "from_field"),
    "CHANGE_OVERLAP": closed({"delta": number(-30_000, 30_000, whole=True), "open_pool": flag}, "delta"),
    "APPROVE_ALL_ASSIGNMENTS": closed({}),
    "REJECT_ALL_ASSIGNMENTS": closed({"public_comment": text}, "public_comment"),
}
"""Every action, with its parameters."""

ACTION = closed({"type": text, "parameters": fields({})}, "type")
CONDITION = closed({"key": text, "operator": one_of(*COMPARISONS), "value": anything}, "key", "operator", "value")
RULE = closed({"conditions": listed(CONDITION), "action": ACTION}, "conditions", "action")
COLLECTOR = closed({"type": text, "uuid": text, "parameters": fields({})}, "type")
CONFIG = closed({"collector_config": COLLECTOR, "rules": listed(RULE)}, "collector_config", "rules")
TRAINING = closed(
    {"training_pool_id": text, "training_passing_skill_value": number(0, 100, whole=True)},
    "training_pool_id",
    "training_passing_skill_value",
)
CHECKED = closed(
    {"target_overlap": number(1, 30_000, whole=True), "task_distribution_function": distributions.shape},
    "target_overlap",
    "task_distribution_function",
)
CHECKPOINTS = closed({"real_settings": CHECKED, "golden_settings": CHECKED, "training_settings": CHECKED})
SHAPE = closed(
    {
        "configs": listed(CONFIG),
        "training_requirement": TRAINING,
        "checkpoints_config": CHECKPOINTS,
        "captcha_frequency": one_of("LOW", "MEDIUM", "HIGH"),
    }
)
"""What a pool's quality control is made of; what its parts mean is looked at afterwards."""
PROJECT_SHAPE = closed({"configs": listed(CONFIG)})
"""What a project's quality control is made of."""


def flaws(state: State, quality_control: Json) -> dict[str, Flaw]:
    """What is wrong with, or not simulated of, the quality control of a pool or project of good shape, by path."""
    found: dict[str, Flaw] = {}
    if quality_control.get("captcha_frequency"):
        found["quality_control.captcha_frequency"] = not_allowed("captcha_frequency is not simulated")
    wanted = quality_control.get("training_requirement")
    training = state.pools.get(wanted["training_pool_id"]) if wanted else None
    if wanted and (training is None or training.training is None or training.status == "ARCHIVED"):
        missing = flaw("ENTITY_DOES_NOT_EXIST", f"there is no training {wanted['training_pool_id']}")
        found["quality_control.training_requirement.training_pool_id"] = missing
    for place, config in enumerate(quality_control.get("configs") or []):
        found |= _config(state, config, f"quality_control.configs[{place}]")
    return found


def name_collectors(owner: str, body: Json) -> None:
    """Give each collector of a pool or project that has no uuid yet one that none of the others has."""
    collectors = [each["collector_config"] for each in (body.get("quality_control") or {}).get("configs") or []]
    taken = {collector.get("uuid") for collector in collectors}
    free = (name for place in count() if (name := _uuid(owner, place)) not in taken)
    for collector in collectors:
        if collector.get("uuid") is None:
            collector["uuid"] = next(free)


def _uuid(owner: str, place: int) -> str:
    name = digest("collector", owner, place)
    return f"{name[:8]}-{name[8:12]}-4000-8000-{name[:12]}"


def _config(state: State, config: Json, path: str) -> dict[str, Flaw]:
    name, where = config["collector_config"]["type"], f"{path}.collector_config"
    if name in REFUSED:
        return {f"{where}.type": not_allowed(f"collector {name} is not simulated")}
    if name not in COLLECTORS or name == "TRAINING":
        return {f"{where}.type": flaw("UNKNOWN_ENUM_VALUE", f"no pool or project has the collector {name}")}
    kind = COLLECTORS[name]
    parameters = config["collector_config"].get("parameters") or {}
    found = closed(kind.parameters, *kind.needed)(parameters, f"{where}.parameters")
    for place, rule in enumerate(config["rules"]):
        found |= _rule(state, kind, rule, f"{path}.rules[{place}]")
    return found


def _rule(state: State, kind: Collector, rule: Json, path: str) -> dict[str, Flaw]:
    found: dict[str, Flaw] = {}
    for place, condition in enumerate(rule["conditions"]):
        found |= _condition(kind, condition, f"{path}.conditions[{place}]")
    action, where = rule["action"]["type"], f"{path}.action"
    if action in NEVER_DONE:
        return found | {f"{where}.type": not_allowed(f"action {action} is not simulated")}
    if action not in ACTIONS:
        return found | {f"{where}.type": flaw("UNKNOWN_ENUM_VALUE", f"no action is called {action}")}
    if action not in kind.actions:
        return found | {f"{where}.type": not_allowed(f"this collector has no action {action}")}
    parameters = rule["action"].get("parameters") or {}
    wrong = ACTIONS[action](parameters, f"{where}.parameters")
    return found | (wrong or _meaning(state, kind, action, parameters, f"{where}.parameters"))


def _condition(kind: Collector, condition: Json, path: str) -> dict[str, Flaw]:
    key, sign = condition["key"], condition["operator"]
    if key not in kind.keys:
        return {f"{path}.key": not_allowed(f"this collector has no {key}")}
    if key not in WORDS:
        return number()(condition["value"], f"{path}.value")
    wrong = {} if sign in ("EQ", "NE") else {f"{path}.operator": not_allowed(f"{key} is equal to a word or not")}
    return wrong | WORDS[key](condition["value"], f"{path}.value")


def _meaning(state: State, kind: Collector, action: str, parameters: Json, path: str) -> dict[str, Flaw]:
    """What is wrong with an action whose parameters are of the right shape."""
    if action == "RESTRICTION_V2" and parameters["duration_unit"] != "PERMANENT":
        return fields({}, "duration")(parameters, path)
    if "skill_id" in parameters and parameters["skill_id"] not in state.skills:
        missing = flaw("ENTITY_DOES_NOT_EXIST", f"skill {parameters['skill_id']} does not exist")
        return {f"{path}.skill_id": missing}
    source = parameters.get("from_field")
    if source is not None and ALIASES.get(source, source) not in kind.keys:
        return {f"{path}.from_field": not_allowed(f"this collector has no {source}")}
    return {}
