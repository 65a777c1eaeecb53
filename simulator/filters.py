"""Who may take a pool: the filter of a pool, checked when it is set and evaluated at each issue."""

import operator
from collections.abc import Callable
from typing import Any

from simulator.errors import Flaw, flaw, not_allowed
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


def flaws(state: State, node: Json, path: str = "filter") -> dict[str, Flaw]:
    """What this filter asks for that the simulator does not know, by path."""
    for joint in ("and", "or"):
        if joint in node:
            parts = enumerate(node[joint])
            return {k: v for i, part in parts for k, v in flaws(state, part, f"{path}.{joint}[{i}]").items()}
    wrong = _condition_flaw(state, node)
    return {path: wrong} if wrong else {}


def _condition_flaw(state: State, node: Json) -> Flaw | None:
    category, key, sign = node.get("category"), node.get("key"), node.get("operator")
    if category == "profile" and key == "languages":
        return None if sign in ("IN", "NOT_IN") else not_allowed(f"operator {sign} of languages")
    if category != "skill":
        return not_allowed(f"filter {category} {key} is not simulated")
    if sign not in COMPARISONS:
        return not_allowed(f"operator {sign} of a skill")
    if key not in state.skills:
        return flaw("ENTITY_DOES_NOT_EXIST", f"skill {key} does not exist")
    return None


def passes(state: State, node: Json | None, person: Person) -> bool:
    """Whether this person may take pages of a pool with this filter."""
    if node is None:
        return True
    if "and" in node:
        return all(passes(state, part, person) for part in node["and"])
    if "or" in node:
        return any(passes(state, part, person) for part in node["or"])
    if node["category"] == "profile":
        return bool((node["value"] in person.performer.languages) == (node["operator"] == "IN"))
    return _has_skill(state, node, person)


def _has_skill(state: State, node: Json, person: Person) -> bool:
    held = state.user_skills.get((node["key"], person.performer.id))
    wanted = node.get("value")
    if wanted is None:
        return bool((held is None) == (node["operator"] == "EQ"))
    return held is not None and COMPARISONS[node["operator"]](held.value, float(wanted))
