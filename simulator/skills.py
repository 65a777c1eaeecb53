"""Skills, and the values that performers have in them."""

from simulator.clock import iso
from simulator.errors import Flaw, flaw, missing, not_allowed, refuse, required
from simulator.state import Json, Skill, State, UserSkill

FIELDS = (
    "name",
    "private_comment",
    "public_name",
    "public_requester_description",
    "hidden",
    "skill_ttl_hours",
    "training",
    "severity",
)
READ_ONLY = ("id", "created", "owner", "global", "deprecated", "training")


def check(body: Json) -> None:
    """Raise VALIDATION_ERROR for a skill that lacks its name or has an unknown field."""
    flaws = {name: not_allowed() for name in body if name not in (*FIELDS, *READ_ONLY)}
    if not body.get("name"):
        flaws["name"] = required()
    refuse(flaws)


def create(state: State, body: Json) -> Skill:
    """A new skill."""
    check(body)
    skill = Skill(state.number("skill", body["name"]), body, state.now)
    state.skills[skill.id] = skill
    state.record("SKILL_CREATED", skill.id, name=body["name"])
    return skill


def get(state: State, identity: str) -> Skill:
    """The skill with this id, or DOES_NOT_EXIST."""
    if identity not in state.skills:
        raise missing("skill", identity)
    return state.skills[identity]


def view(skill: Skill) -> Json:
    """A skill as the API shows it."""
    defaults = {"hidden": True, "global": False, "deprecated": False, "training": False}
    owner = {"id": "requester", "myself": True}
    return defaults | skill.body | {"id": skill.id, "created": iso(skill.created), "owner": owner}


def set_user_skill(state: State, skill_id: str, user_id: str, value: float) -> tuple[UserSkill, bool]:
    """Give a performer this value (0..100) of a skill; also whether he had none."""
    held = state.user_skills.get((skill_id, user_id))
    if held is None:
        identity = state.number("user-skill", [skill_id, user_id])
        new = UserSkill(identity, skill_id, user_id, value, state.now, state.now)
        state.user_skills[skill_id, user_id] = new
        _changed(state, new)
        return new, True
    if held.value != value:
        held.value, held.modified = value, state.now
        _changed(state, held)
    return held, False


def _changed(state: State, held: UserSkill) -> None:
    state.freed.add(held.user_id)
    state.record("USER_SKILL", held.user_id, skill_id=held.skill_id, value=round(held.value, 6))


def put_user_skill(state: State, body: Json) -> tuple[UserSkill, bool]:
    """Apply a requester's user skill; raises VALIDATION_ERROR."""
    fields = ("skill_id", "user_id", "value", "reason")
    flaws: dict[str, Flaw] = {name: not_allowed() for name in body if name not in fields}
    flaws |= {name: required() for name in fields[:3] if body.get(name) is None}
    value = body.get("value")
    if value is not None and not 0 <= float(value) <= 100:
        flaws["value"] = flaw("VALUE_NOT_ALLOWED", "must be between 0 and 100", min=0, max=100)
    if body.get("user_id") is not None and body["user_id"] not in state.people:
        flaws["user_id"] = flaw("ENTITY_DOES_NOT_EXIST", "no such performer")
    if body.get("skill_id") is not None and body["skill_id"] not in state.skills:
        flaws["skill_id"] = flaw("ENTITY_DOES_NOT_EXIST", "no such skill")
    refuse(flaws)
    return set_user_skill(state, body["skill_id"], body["user_id"], float(body["value"]))


def get_user_skill(state: State, identity: str) -> UserSkill:
    """The user skill with this id, or DOES_NOT_EXIST."""
    for held in state.user_skills.values():
        if held.id == identity:
            return held
    raise missing("user skill", identity)


def delete_user_skill(state: State, identity: str) -> None:
    """Take a performer's skill away."""
    held = get_user_skill(state, identity)
    del state.user_skills[held.skill_id, held.user_id]
    state.freed.add(held.user_id)
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
