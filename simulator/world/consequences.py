"""What a quality rule does to a performer: bans, skills, verdicts on what he sent in."""

from simulator.elements.clock import DAY, HOUR, MINUTE, exact
from simulator.nouns import trainings
from simulator.nouns.restrictions import restrict_by
from simulator.nouns.skills import set_user_skill
from simulator.quality.conditions import Rule
from simulator.quality.rule_forms import ALIASES, BANS, VERDICTS
from simulator.records.counting import Metrics
from simulator.records.state import Json, Pool, State
from simulator.world.reviews import review

UNITS = {"MINUTES": MINUTE, "HOURS": HOUR, "DAYS": DAY}
GIVES = {"APPROVE_ALL_ASSIGNMENTS": "ACCEPTED", "REJECT_ALL_ASSIGNMENTS": "REJECTED"}


def act(state: State, pool: Pool, user_id: str, rule: Rule, metrics: Metrics) -> None:
    """Do to this performer what the rule says, his work in the pool having made it hold."""
    kind, parameters = rule.action["type"], rule.action.get("parameters") or {}
    if kind in BANS:
        _ban(state, pool, user_id, rule.name, parameters)
    elif kind in VERDICTS:
        _judge(state, pool, user_id, GIVES[kind], parameters.get("public_comment"))
    elif parameters["skill_id"] not in state.skills:
        return
    elif kind == "SET_SKILL":
        set_user_skill(state, parameters["skill_id"], user_id, float(parameters["skill_value"]))
    else:
        _give_share(state, pool, user_id, parameters, metrics)


def _judge(state: State, pool: Pool, user_id: str, verdict: str, comment: str | None) -> None:
    """Accept or reject all pages of the performer in the pool that wait for a verdict."""
    pages = (state.assignments[identity] for identity in state.people[user_id].assignment_ids)
    for page in [page for page in pages if page.pool_id == pool.id and page.status == "SUBMITTED"]:
        review(state, page, verdict, comment)


def _give_share(state: State, pool: Pool, user_id: str, parameters: Json, metrics: Metrics) -> None:
    source = ALIASES.get(parameters["from_field"], parameters["from_field"])
    if source in metrics:
        set_user_skill(state, parameters["skill_id"], user_id, float(metrics[source]))
        if pool.training is not None:
            trainings.passed(state, pool, user_id)


def _ban(state: State, pool: Pool, user_id: str, name: str, parameters: Json) -> None:
    seconds = _seconds(parameters)
    until = None if seconds is None else exact(state.now + seconds)
    of: dict[str, str | None] = {"POOL": pool.id, "PROJECT": pool.project_id, "ALL_PROJECTS": None}
    scope, comment = parameters["scope"], parameters.get("private_comment")
    restrict_by(state, name, user_id, scope, of[scope], until, comment)


def _seconds(parameters: Json) -> float | None:
    """How long a ban is; None for good. The older action counts in days."""
    if "duration_unit" not in parameters:
        days = parameters.get("duration_days")
        return None if days is None else days * DAY
    unit = parameters["duration_unit"]
    return None if unit == "PERMANENT" else parameters["duration"] * UNITS[unit]
