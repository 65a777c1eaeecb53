"""Whether a pool is one that the simulator knows: checked when it is set up or changed."""

from simulator.elements.errors import Flaw, conflict, flaw, not_allowed, refuse, required
from simulator.elements.shapes import anything, closed, fields, filled, flag, mapped, moment, number, text
from simulator.offering import distributions, filters, speed_quality
from simulator.offering.overlap import MOST
from simulator.quality import dynamic_overlap, rule_forms
from simulator.records.state import KINDS, Json, State

REQUIRED = (
    "project_id",
    "private_name",
    "may_contain_adult_content",
    "will_expire",
    "reward_per_assignment",
    "assignment_max_duration_seconds",
)
READ_ONLY = ("id", "status", "last_close_reason", "created", "last_started", "last_stopped", "owner")
NOT_SIMULATED = ("dynamic_pricing_config", "training_config")
TYPES = ("REGULAR", "EXAM")
LEAST_PRICE = 0.005
COUNT = number(0, 500, whole=True)
MIXER = {
    "real_tasks_count": COUNT,
    "golden_tasks_count": COUNT,
    "training_tasks_count": COUNT,
    "min_real_tasks_count": COUNT,
    "min_golden_tasks_count": COUNT,
    "min_training_tasks_count": COUNT,
    "force_last_assignment": flag,
    "force_last_assignment_delay_seconds": number(0, 86_400, whole=True),
    "mix_tasks_in_creation_order": flag,
    "shuffle_tasks_in_task_suite": flag,
    "golden_task_distribution_function": distributions.shape,
    "training_task_distribution_function": distributions.shape,
}
DEFAULTS = {
    "default_overlap_for_new_tasks": number(1, MOST, whole=True),
    "default_overlap_for_new_task_suites": number(1, MOST, whole=True),
}
POOL = {
    "project_id": text,
    "private_name": filled,
    "may_contain_adult_content": flag,
    "will_expire": moment,
    "reward_per_assignment": number(0, 1e6),
    "assignment_max_duration_seconds": number(5, 2**31 - 1, whole=True),
    "private_comment": text,
    "public_description": text,
    "public_instructions": text,
    "auto_close_after_complete_delay_seconds": number(0, 259_200, whole=True),
    "auto_accept_solutions": flag,
    "auto_accept_period_day": number(1, 21, whole=True),
    "assignments_issuing_config": closed({"issue_task_suites_in_creation_order": flag}),
    "priority": number(0, 100, whole=True),
    "defaults": closed(DEFAULTS),
    "filter": filters.shape,
    "quality_control": rule_forms.SHAPE,
    "speed_quality_balance": speed_quality.shape,
    "dynamic_overlap_config": dynamic_overlap.SHAPE,
    "mixer_config": closed(MIXER, *(f"{kind}_tasks_count" for kind in KINDS)),
    "metadata": mapped(anything),
    "type": text,
}


def check(state: State, body: Json) -> None:
    """Raise VALIDATION_ERROR for a pool that lacks something or asks for what the simulator does not know."""
    flaws = {name: _unknown(name) for name in body if name not in POOL and name not in READ_ONLY}
    refuse(flaws | fields(POOL, *REQUIRED)(body, ""))
    if body["project_id"] not in state.projects:
        flaws["project_id"] = flaw("ENTITY_DOES_NOT_EXIST", "project does not exist")
    if body.get("auto_accept_solutions") is False and body.get("auto_accept_period_day") is None:
        flaws["auto_accept_period_day"] = required()
    if (body.get("type") or "REGULAR") not in TYPES:
        flaws["type"] = not_allowed(f"pools of type {body['type']} are not simulated")
    mixer = body.get("mixer_config") or {}
    flaws |= _price(body["reward_per_assignment"], has_real=bool(mixer.get("real_tasks_count")))
    flaws |= _mixer(mixer)
    if not mixer and (body.get("quality_control") or {}).get("checkpoints_config"):
        flaws["quality_control.checkpoints_config"] = not_allowed("selective checks need mixer_config")
    flaws |= filters.flaws(state, body["filter"]) if body.get("filter") else {}
    flaws |= rule_forms.flaws(state, body["quality_control"]) if body.get("quality_control") else {}
    flaws |= dynamic_overlap.flaws(state, body) if body.get("dynamic_overlap_config") and not flaws else {}
    refuse(flaws)
    if state.projects[body["project_id"]].status == "ARCHIVED":
        raise conflict("PROJECT_INAPPROPRIATE_STATUS", "the project is archived")


def _unknown(name: str) -> Flaw:
    return not_allowed(f"{name} is not simulated" if name in NOT_SIMULATED else "Unknown field")


def _mixer(mixer: Json) -> dict[str, Flaw]:
    found: dict[str, Flaw] = {}
    for kind in KINDS:
        least, most = mixer.get(f"min_{kind}_tasks_count"), mixer.get(f"{kind}_tasks_count") or 0
        if least is not None and least > most:
            wrong = flaw("VALUE_GREATER_THAN_MAX", f"must be at most {kind}_tasks_count", max=most)
            found[f"mixer_config.min_{kind}_tasks_count"] = wrong
        if most and mixer.get(f"{kind}_task_distribution_function"):
            found[f"mixer_config.{kind}_tasks_count"] = not_allowed("must be 0: the function says how many there are")
    return found


def _price(price: float, *, has_real: bool) -> dict[str, Flaw]:
    """A page may be free only where its pool has no real tasks."""
    if price >= LEAST_PRICE or (price == 0 and not has_real):
        return {}
    wrong = flaw("VALUE_LESS_THAN_MIN", f"must be at least {LEAST_PRICE}, or 0 without real tasks", min=LEAST_PRICE)
    return {"reward_per_assignment": wrong}
