"""Whether an aggregation is one that can be made: checked before it is."""

from simulator.elements.errors import Flaw, conflict, flaw, not_allowed, refuse, required
from simulator.elements.shapes import closed, fields, listed, text
from simulator.nouns import pools
from simulator.quality import weighted
from simulator.records.state import Json, Pool, State

BY_SKILL, BY_CONFUSION = "WEIGHTED_DYNAMIC_OVERLAP", "DAWID_SKENE"
FORM = {
    "type": text,
    "pool_id": text,
    "task_id": text,
    "answer_weight_skill_id": text,
    "fields": listed(closed({"name": text}, "name")),
}


def checked(state: State, body: Json, *needed: str) -> Pool:
    """The pool that a request is about. Raises VALIDATION_ERROR, DOES_NOT_EXIST, or what cannot be aggregated."""
    unknown: dict[str, Flaw] = {name: not_allowed() for name in body if name not in FORM}
    refuse(unknown | fields(FORM, *needed)(body, ""))
    if body["type"] not in (BY_SKILL, BY_CONFUSION):
        refuse({"type": flaw("UNKNOWN_ENUM_VALUE", "unknown type")})
    pool = pools.get(state, body["pool_id"])
    if body["type"] == BY_SKILL and not pool.body.get("mixer_config"):
        raise conflict("ONLY_FOR_POOL_WITH_MIXER", "the pool's tasks are not mixed")
    spec = state.project_of(pool).body["task_spec"]["output_spec"]
    names = [field["name"] for field in body["fields"]]
    refuse(_fields(names, spec, body) | _skill(state, body))
    if body["type"] == BY_SKILL and any(weighted.options(spec[name]) is None for name in names):
        raise conflict("UNSUPPORTED_ALGORITHM", "a field has no bounded number of answers")
    return pool


def _fields(names: list[str], spec: Json, body: Json) -> dict[str, Flaw]:
    if not names:
        return {"fields": required()}
    if body["type"] == BY_CONFUSION and len(names) > 1:
        return {"fields": flaw("ARRAY_SIZE_GREATER_THAN_MAX", "one field at a time", max=1)}
    places = enumerate(names)
    return {f"fields[{place}].name": not_allowed("no output field") for place, name in places if name not in spec}


def _skill(state: State, body: Json) -> dict[str, Flaw]:
    if body["type"] == BY_CONFUSION or body.get("answer_weight_skill_id") in state.skills:
        return {}
    return {"answer_weight_skill_id": flaw("ENTITY_DOES_NOT_EXIST", "no such skill")}
