"""Skills, and the values that performers have in them."""

from simulator.account import quotas
from simulator.account.requester import OWNER
from simulator.crowd.profiles import VERIFIABLE
from simulator.elements.clock import iso
from simulator.elements.errors import Flaw, Refused, conflict, flaw, missing, not_allowed, refuse, required
from simulator.elements.shapes import anything, fields, flag, insist, mapped, number, text
from simulator.offering import filters
from simulator.records.standing import Skill, UserSkill
from simulator.records.state import Json, Pool, State

FIELDS = {
    "name": text,
    "private_comment": text,
    "public_name": mapped(anything),
    "public_requester_description": mapped(anything),
    "hidden": flag,
    "skill_ttl_hours": number(whole=True),
    "training": flag,
    "severity": text,
}
READ_ONLY = ("id", "created", "owner", "global", "deprecated", "training")
GLOBAL = tuple(
    Skill(skill_id, {"name": f"{code} language test", "hidden": False, "global": True}, 0.0, 0.0)
    for code, skill_id in sorted(VERIFIABLE.items(), key=lambda item: item[1])
)
"""The platform's own skills: 100 for those who passed the test of a language. Filters ask for them."""
USER_SKILL = {"skill_id": text, "user_id": text, "value": number(0, 100), "reason": anything}


def check(body: Json) -> None:
    """Raise VALIDATION_ERROR for a skill that lacks its name or has an unknown field."""
    insist(body, fields(FIELDS))
    flaws = {name: not_allowed() for name in body if name not in (*FIELDS, *READ_ONLY)}
    if not body.get("name"):
        flaws["name"] = required()
    refuse(flaws)


def create(state: State, body: Json) -> Skill:
    """A new skill."""
    check(body)
    quotas.count(state, "skill")
    return add(state, {name: value for name, value in body.items() if name not in READ_ONLY})


def update(state: State, skill: Skill, body: Json) -> Skill:
    """Replace a skill's settings; 403 when it is the platform's own."""
    check(body)
    _insist_on_own(skill)
    fixed = {name: value for name, value in skill.body.items() if name in READ_ONLY}
    skill.body = {name: value for name, value in body.items() if name not in READ_ONLY} | fixed
    skill.modified = state.now
    return skill


def add(state: State, body: Json) -> Skill:
    """A new skill as it is, by whomever it was made."""
    skill = Skill(state.number("skill", body["name"]), body, state.now, state.now)
    state.skills[skill.id] = skill
    state.record("SKILL_CREATED", skill.id, name=body["name"])
    return skill


def get(state: State, identity: str) -> Skill:
    """The skill with this id, the requester's or the platform's own, or DOES_NOT_EXIST."""
    found = state.skills.get(identity) or next((each for each in GLOBAL if each.id == identity), None)
    if found is None:
        raise missing("skill", identity)
    return found


def _insist_on_own(skill: Skill) -> None:
    if skill in GLOBAL:
        raise Refused(403, "ACCESS_DENIED", f"skill {skill.id} is the platform's own")


def delete(state: State, skill: Skill) -> None:
    """Delete a skill that no pool uses, and take it from everybody; 409 while one does, 403 for the platform's own."""
    _insist_on_own(skill)
    if any(pool.status != "ARCHIVED" and skill.id in used_by(pool) for pool in state.pools.values()):
        raise conflict("SKILL_IS_USED", "a pool's filter or quality control uses the skill")
    if any(project.status != "ARCHIVED" and skill.id in given_by(project.body) for project in state.projects.values()):
        raise conflict("SKILL_IS_USED_BY_PROJECTS", "a project's quality control uses the skill")
    for held in [each for each in state.user_skills.values() if each.skill_id == skill.id]:
        _take_away(state, held)
    del state.skills[skill.id]
    state.record("SKILL_DELETED", skill.id)


def used_by(pool: Pool) -> set[str]:
    """Ids of the skills that a pool's filter asks for, its rules give or its dynamic overlap weighs by."""
    weighs = (pool.body.get("dynamic_overlap_config") or {}).get("answer_weight_skill_id")
    return given_by(pool.body) | filters.skills(pool.body.get("filter")) | ({weighs} if weighs else set())


def given_by(body: Json) -> set[str]:
    """Ids of the skills that the rules of a pool or project give."""
    configs = (body.get("quality_control") or {}).get("configs") or []
    actions = (rule["action"] for config in configs for rule in config["rules"])
    given = ((action.get("parameters") or {}).get("skill_id") for action in actions)
    return {skill_id for skill_id in given if skill_id}


def view(skill: Skill) -> Json:
    """A skill as the API shows it."""
    defaults = {"hidden": True, "global": False, "deprecated": False, "training": False}
    owner = {} if skill in GLOBAL else {"owner": OWNER}
    return defaults | skill.body | {"id": skill.id, "created": iso(skill.created)} | owner


def set_user_skill(state: State, skill_id: str, user_id: str, value: float) -> tuple[UserSkill, bool]:
    """Give a performer this value (0..100) of a skill; also whether he had none."""
    held = state.user_skills.get((skill_id, user_id))
    if held is None:
        identity = state.number("user-skill", [skill_id, user_id])
        new = UserSkill(identity, skill_id, user_id, value, state.now, state.now)
        state.user_skills[skill_id, user_id] = new
        state.user_skill_keys[identity] = (skill_id, user_id)
        _changed(state, new)
        return new, True
    if held.value != value:
        held.value, held.modified = value, state.now
        _changed(state, held)
    return held, False


def _changed(state: State, held: UserSkill) -> None:
    state.freed.add(held.user_id)
    state.losses.add((held.user_id, "SKILL_CHANGE", held.skill_id))
    state.record("USER_SKILL", held.user_id, skill_id=held.skill_id, value=round(held.value, 6))


def put_user_skill(state: State, body: Json) -> tuple[UserSkill, bool]:
    """Apply a requester's user skill; raises VALIDATION_ERROR."""
    flaws: dict[str, Flaw] = {name: not_allowed() for name in body if name not in USER_SKILL}
    flaws |= fields(USER_SKILL, "skill_id", "user_id", "value")(body, "")
    known = {"user_id": state.people.keys(), "skill_id": state.skills.keys()}
    for name in known.keys() - flaws.keys():
        if body[name] not in known[name]:
            flaws[name] = flaw("ENTITY_DOES_NOT_EXIST", f"no such {name}")
    refuse(flaws)
    quotas.count(state, "user skill")
    return set_user_skill(state, body["skill_id"], body["user_id"], float(body["value"]))


def get_user_skill(state: State, identity: str) -> UserSkill:
    """The user skill with this id, or DOES_NOT_EXIST."""
    if identity not in state.user_skill_keys:
        raise missing("user skill", identity)
    return state.user_skills[state.user_skill_keys[identity]]


def delete_user_skill(state: State, identity: str) -> None:
    """Take a performer's skill away."""
    _take_away(state, get_user_skill(state, identity))


def _take_away(state: State, held: UserSkill) -> None:
    del state.user_skills[held.skill_id, held.user_id], state.user_skill_keys[held.id]
    state.freed.add(held.user_id)
    state.losses.add((held.user_id, "SKILL_CHANGE", held.skill_id))
    state.record("USER_SKILL", held.user_id, skill_id=held.skill_id, value=None)


def user_skill_view(held: UserSkill) -> Json:
    """A user skill as the API shows it."""
    return {
        "id": held.id,
        "skill_id": held.skill_id,
        "user_id": held.user_id,
        "value": int(held.value + 0.5),
        "exact_value": held.value,
        "created": iso(held.created),
        "modified": iso(held.modified),
    }
