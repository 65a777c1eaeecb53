"""Who may take a pool: the filter of a pool, checked when it is set and evaluated at each issue."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.errors import Flaw, flaw, not_allowed
from simulator.performers import Performer
from simulator.shapes import anything, fields, listed, number, text
from simulator.state import Json, Person, State

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": operator.eq,
    "NE": operator.ne,
    "GT": operator.gt,
    "GTE": operator.ge,
    "LT": operator.lt,
    "LTE": operator.le,
}
"""Toloka's comparison operators."""


@dataclass(frozen=True, slots=True)
class Trait:
    """Something about a person that filters ask for: by which operators, with values of which type, what he has."""

    signs: tuple[str, str]
    type: type
    of: Callable[[Performer], tuple[Any, ...]]


TRAITS = {
    ("profile", "languages"): Trait(("IN", "NOT_IN"), str, lambda performer: performer.languages),
    ("profile", "country"): Trait(("EQ", "NE"), str, lambda performer: (performer.country,)),
    ("profile", "city"): Trait(("IN", "NOT_IN"), int, lambda performer: (performer.city,) if performer.city else ()),
    ("computed", "client_type"): Trait(("EQ", "NE"), str, lambda performer: (performer.client,)),
}
"""By category and key; skills are apart."""
CONDITION = fields({"category": text, "key": text, "operator": text, "value": anything}, "category", "key", "operator")


def shape(node: Any, path: str) -> dict[str, Flaw]:
    """A filter: conditions, joined by "and" and "or"."""
    joints = [joint for joint in ("and", "or") if isinstance(node, dict) and joint in node]
    return fields({joints[0]: listed(shape)}, joints[0])(node, path) if joints else CONDITION(node, path)


def flaws(state: State, node: Json, path: str = "filter") -> dict[str, Flaw]:
    """What this filter asks for that the simulator does not know, by path."""
    for joint in ("and", "or"):
        if joint in node:
            parts = enumerate(node[joint])
            return {k: v for i, part in parts for k, v in flaws(state, part, f"{path}.{joint}[{i}]").items()}
    wrong = _condition_flaw(state, node)
    return {path: wrong} if wrong else {}


def _condition_flaw(state: State, node: Json) -> Flaw | None:
    category, key, sign = node["category"], node["key"], node["operator"]
    if category != "skill":
        return _trait_flaw(state, category, key, sign, node.get("value"))
    if sign not in COMPARISONS or (node.get("value") is None and sign not in ("EQ", "NE")):
        return not_allowed(f"operator {sign} of a skill, or its value")
    if node.get("value") is not None and number()(node["value"], "value"):
        return flaw("FLOAT_EXPECTED", "must be a number")
    if key not in state.skills:
        return flaw("ENTITY_DOES_NOT_EXIST", f"skill {key} does not exist")
    return None


def _trait_flaw(state: State, category: str, key: str, sign: str, value: Any) -> Flaw | None:
    if (category, key) not in TRAITS:
        return not_allowed(f"filter {category} {key} is not simulated")
    trait = TRAITS[category, key]
    if sign not in trait.signs or not isinstance(value, trait.type) or isinstance(value, bool):
        return not_allowed(f"operator {sign} of {key}, or its value")
    if not any(trait.of(person.performer) for person in state.people.values()):
        return not_allowed(f"nobody in this world has any {key}")
    return None


def skills(node: Json | None) -> set[str]:
    """Ids of the skills that this filter asks for."""
    parts = [part for joint in ("and", "or") for part in (node or {}).get(joint, [])]
    own = {node["key"]} if node and node.get("category") == "skill" else set()
    return own.union(*(skills(part) for part in parts))


def passes(state: State, node: Json | None, person: Person) -> bool:
    """Whether this person may take pages of a pool with this filter."""
    if node is None:
        return True
    if "and" in node:
        return all(passes(state, part, person) for part in node["and"])
    if "or" in node:
        return any(passes(state, part, person) for part in node["or"])
    if node["category"] != "skill":
        has = node["value"] in TRAITS[node["category"], node["key"]].of(person.performer)
        return bool(has == (node["operator"] in ("IN", "EQ")))
    return _has_skill(state, node, person)


def _has_skill(state: State, node: Json, person: Person) -> bool:
    held = state.user_skills.get((node["key"], person.performer.id))
    wanted = node.get("value")
    if wanted is None:
        return bool((held is None) == (node["operator"] == "EQ"))
    return held is not None and COMPARISONS[node["operator"]](held.value, float(wanted))
