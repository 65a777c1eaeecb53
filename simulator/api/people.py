"""Skills, user skills, user metadata and user restrictions over HTTP."""

from flask import Blueprint, request

from simulator.api.search import Listing
from simulator.api.wire import Answer, blueprint, body
from simulator.elements.errors import missing
from simulator.nouns import restrictions, skills, user_metadata
from simulator.records.standing import Restriction, Skill, UserSkill
from simulator.records.state import State
from simulator.world.world import World

SKILLS: Listing[Skill] = Listing(
    view=skills.view,
    ranges={"id": lambda skill: skill.id, "created": lambda skill: skill.created},
    equals={"name": lambda skill: skill.body["name"], "global": lambda skill: str(skill in skills.GLOBAL).lower()},
    bounds={"modified": lambda skill: skill.modified},
    choices={"global": ("true", "false")},
    most=100,
)
USER_SKILLS: Listing[UserSkill] = Listing(
    view=skills.user_skill_view,
    ranges={
        "id": lambda held: held.id,
        "created": lambda held: held.created,
        "modified": lambda held: held.modified,
    },
    equals={"skill_id": lambda held: held.skill_id, "user_id": lambda held: held.user_id},
    most=1000,
)
RESTRICTIONS: Listing[Restriction] = Listing(
    view=restrictions.view,
    ranges={"id": lambda ban: ban.id, "created": lambda ban: ban.created},
    equals={
        "scope": lambda ban: ban.scope,
        "user_id": lambda ban: ban.user_id,
        "project_id": lambda ban: ban.object_id if ban.scope == "PROJECT" else None,
        "pool_id": lambda ban: ban.object_id if ban.scope == "POOL" else None,
    },
    choices={"scope": (*restrictions.OBJECTS, "SYSTEM")},
    most=500,
)


def routes(world: World) -> Blueprint:
    """/skills, /user-skills, /user-restrictions: all that can be done with them; GET /user-metadata."""
    return blueprint(
        "people",
        world,
        {
            "POST /skills": _create_skill,
            "GET /skills": _find_skills,
            "GET /skills/<skill_id>": _get_skill,
            "PUT /skills/<skill_id>": _update_skill,
            "DELETE /skills/<skill_id>": _delete_skill,
            "PUT /user-skills": _put_user_skill,
            "GET /user-skills": _find_user_skills,
            "GET /user-skills/<identity>": _get_user_skill,
            "DELETE /user-skills/<identity>": _delete_user_skill,
            "GET /user-metadata/<user_id>": _get_metadata,
            "PUT /user-restrictions": _put_restriction,
            "GET /user-restrictions": _find_restrictions,
            "GET /user-restrictions/<identity>": _get_restriction,
            "DELETE /user-restrictions/<identity>": _delete_restriction,
        },
    )


def _create_skill(state: State) -> Answer:
    return 201, skills.view(skills.create(state, body()))


def _find_skills(state: State) -> Answer:
    """The platform's own skills are listed when they are asked for."""
    platforms = skills.GLOBAL if request.args.get("global") == "true" else ()
    return 200, SKILLS.page([*state.skills.values(), *platforms], request.args)


def _get_skill(state: State, skill_id: str) -> Answer:
    return 200, skills.view(skills.get(state, skill_id))


def _update_skill(state: State, skill_id: str) -> Answer:
    return 200, skills.view(skills.update(state, skills.get(state, skill_id), body()))


def _delete_skill(state: State, skill_id: str) -> Answer:
    skills.delete(state, skills.get(state, skill_id))
    return 204, None


def _put_user_skill(state: State) -> Answer:
    held, new = skills.put_user_skill(state, body())
    return 201 if new else 200, skills.user_skill_view(held)


def _find_user_skills(state: State) -> Answer:
    return 200, USER_SKILLS.page(state.user_skills.values(), request.args)


def _get_user_skill(state: State, identity: str) -> Answer:
    return 200, skills.user_skill_view(skills.get_user_skill(state, identity))


def _delete_user_skill(state: State, identity: str) -> Answer:
    skills.delete_user_skill(state, identity)
    return 204, None


def _get_metadata(state: State, user_id: str) -> Answer:
    if user_id not in state.people:
        raise missing("user", user_id)
    return 200, user_metadata.view(state.people[user_id].performer)


def _put_restriction(state: State) -> Answer:
    ban, new = restrictions.put(state, body())
    return 201 if new else 200, restrictions.view(ban)


def _find_restrictions(state: State) -> Answer:
    return 200, RESTRICTIONS.page(state.restrictions.values(), request.args)


def _get_restriction(state: State, identity: str) -> Answer:
    return 200, restrictions.view(restrictions.get(state, identity))


def _delete_restriction(state: State, identity: str) -> Answer:
    restrictions.delete(state, identity)
    return 204, None
