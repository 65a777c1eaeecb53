"""Who may take a pool: the filter of a pool, checked when it is set and evaluated at each issue."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from simulator.crowd import devices
from simulator.crowd.profiles import VERIFIABLE, Profile, Version
from simulator.elements.draws import canonical
from simulator.elements.errors import Flaw, flaw, not_allowed, required
from simulator.elements.shapes import Shape, anything, closed, flag, listed, number, text
from simulator.records.state import Json, Person, State

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": operator.eq,
    "NE": operator.ne,
    "GT": operator.gt,
    "GTE": operator.ge,
    "LT": operator.lt,
    "LTE": operator.le,
}
"""Toloka's comparison operators."""


IDENTITY, INCLUSION, COMPARISON = ("EQ", "NE"), ("IN", "NOT_IN"), tuple(COMPARISONS)
LONGEST = 10_000
"""Characters that a filter may have, as JSON."""


@dataclass(frozen=True, slots=True)
class Trait:
    """Something about a person that filters ask for: by which operators, with which values, and what he has.

    What is compared is one value or None; else it is all values that he has.
    """

    signs: tuple[str, ...]
    value: Shape
    of: Callable[[Profile], Any]


def _one_of(*words: str) -> Shape:
    def check(value: Any, path: str) -> dict[str, Flaw]:
        return {} if value in words else {path: not_allowed(f"must be one of {', '.join(words)}")}

    return check


def _code(pattern: str, what: str) -> Shape:
    def check(value: Any, path: str) -> dict[str, Flaw]:
        good = isinstance(value, str) and re.fullmatch(pattern, value)
        return {} if good else {path: not_allowed(f"must be the code of a {what} in capital letters")}

    return check


def _version(name: str, part: int | None) -> Callable[[Profile], Any]:
    """Return how to read a version, as one number of its major and minor number, or one part of it."""

    def read(profile: Profile) -> float | None:
        version: Version | None = getattr(profile, name)
        if version is None:
            return None
        return float(f"{version[0]}.{version[1]}") if part is None else version[part]

    return read


def _single(name: str) -> Callable[[Profile], Any]:
    return lambda profile: (getattr(profile, name),)


COUNTRY, LANGUAGE, WHOLE = _code("[A-Z]{2}", "country"), _code("[A-Z]{2}(-[A-Z]+)?", "language"), number(whole=True)
TRAITS = {
    ("profile", "gender"): Trait(IDENTITY, _one_of("MALE", "FEMALE"), _single("gender")),
    ("profile", "country"): Trait(IDENTITY, COUNTRY, _single("country")),
    ("profile", "citizenship"): Trait(IDENTITY, COUNTRY, _single("citizenship")),
    ("profile", "education"): Trait(IDENTITY, _one_of("BASIC", "MIDDLE", "HIGH"), _single("education")),
    ("profile", "adult_allowed"): Trait(IDENTITY, flag, _single("adult_allowed")),
    ("profile", "verified"): Trait(IDENTITY, flag, _single("verified")),
    ("profile", "date_of_birth"): Trait(COMPARISON, WHOLE, attrgetter("date_of_birth")),
    ("profile", "city"): Trait(INCLUSION, WHOLE, _single("city")),
    ("profile", "languages"): Trait(INCLUSION, LANGUAGE, attrgetter("languages")),
    ("computed", "region_by_phone"): Trait(INCLUSION, WHOLE, attrgetter("region_by_phone")),
    ("computed", "region_by_ip"): Trait(INCLUSION, WHOLE, attrgetter("region_by_ip")),
    ("computed", "rating"): Trait(COMPARISON, number(), attrgetter("rating")),
    ("computed", "client_type"): Trait(IDENTITY, _one_of(*devices.BY_CLIENT), _single("client_type")),
    ("computed", "device_category"): Trait(IDENTITY, _one_of(*devices.SYSTEMS), _single("device_category")),
    ("computed", "os_family"): Trait(IDENTITY, _one_of(*devices.SYSTEM_VERSIONS), _single("os_family")),
    ("computed", "user_agent_type"): Trait(IDENTITY, _one_of(*devices.AGENT_TYPES), _single("user_agent_type")),
    ("computed", "user_agent_family"): Trait(
        IDENTITY, _one_of(*devices.BROWSER_VERSIONS), _single("user_agent_family")
    ),
    **{
        ("computed", f"{name}{suffix}"): Trait(COMPARISON, number() if part is None else WHOLE, _version(name, part))
        for name in ("os_version", "user_agent_version")
        for suffix, part in (("", None), ("_major", 0), ("_minor", 1), ("_bugfix", 2))
    },
}
"""By category and key; skills are apart."""
LANGUAGE_OF = {skill_id: code for code, skill_id in VERIFIABLE.items()}
"""Languages by the global skill of those who passed its test."""
TESTED = 100.0


def _key(value: Any, path: str) -> dict[str, Flaw]:
    return {} if isinstance(value, int) and not isinstance(value, bool) else text(value, path)


CONDITION = closed({"category": text, "key": _key, "operator": text, "value": anything}, "category", "key", "operator")


def shape(node: Any, path: str) -> dict[str, Flaw]:
    """A filter: one condition, or several joined by either "and" or "or"."""
    joints = [joint for joint in ("and", "or") if isinstance(node, dict) and joint in node]
    return closed({joints[0]: listed(shape)}, joints[0])(node, path) if joints else CONDITION(node, path)


def flaws(state: State, node: Json, path: str = "filter") -> dict[str, Flaw]:
    """What is wrong with a filter, by path: too long, or conditions that nobody knows."""
    size = len(canonical(node))
    if size > LONGEST:
        return {path: flaw("VALUE_GREATER_THAN_MAX", f"must have at most {LONGEST} characters", max=LONGEST)}
    return _flaws(state, node, path)


def _flaws(state: State, node: Json, path: str) -> dict[str, Flaw]:
    for joint in ("and", "or"):
        if joint in node:
            parts = enumerate(node[joint])
            return {k: v for i, part in parts for k, v in _flaws(state, part, f"{path}.{joint}[{i}]").items()}
    if node["category"] == "skill":
        return _skill_flaws(state, node, path)
    return _trait_flaws(state, node, path)


def _skill_flaws(state: State, node: Json, path: str) -> dict[str, Flaw]:
    key, sign, value = str(node["key"]), node["operator"], node.get("value")
    if sign not in (IDENTITY if value is None else COMPARISON):
        return {f"{path}.operator": not_allowed(f"operator {sign} of a skill")}
    if value is not None and (wrong := number()(value, f"{path}.value")):
        return wrong
    if key not in state.skills and key not in LANGUAGE_OF:
        return {f"{path}.key": flaw("ENTITY_DOES_NOT_EXIST", f"skill {key} does not exist")}
    return {}


def _trait_flaws(state: State, node: Json, path: str) -> dict[str, Flaw]:
    category, key, sign = node["category"], node["key"], node["operator"]
    trait = TRAITS.get((category, key))
    if trait is None:
        return {f"{path}.key": not_allowed(f"filter {category} {key} is not simulated")}
    if sign not in trait.signs:
        return {f"{path}.operator": not_allowed(f"operator {sign} of {key}: it has {', '.join(trait.signs)}")}
    if node.get("value") is None:
        return {f"{path}.value": required()}
    return trait.value(node["value"], f"{path}.value")


def skills(node: Json | None) -> set[str]:
    """Ids of the skills that this filter asks for."""
    parts = [part for joint in ("and", "or") for part in (node or {}).get(joint, [])]
    own = {str(node["key"])} if node and node.get("category") == "skill" else set()
    return own.union(*(skills(part) for part in parts))


def passes(state: State, node: Json | None, person: Person) -> bool:
    """Whether this person may take pages of a pool with this filter."""
    if node is None:
        return True
    if "and" in node:
        return all(passes(state, part, person) for part in node["and"])
    if "or" in node:
        return any(passes(state, part, person) for part in node["or"])
    if node["category"] == "skill":
        return _has_skill(state, node, person)
    return not person.performer.screened or _is(person.performer.profile, node)


def _is(profile: Profile, node: Json) -> bool:
    trait, sign, wanted = TRAITS[node["category"], node["key"]], node["operator"], node["value"]
    has = trait.of(profile)
    if trait.signs is COMPARISON:
        return has is not None and bool(COMPARISONS[sign](has, wanted))
    return bool((wanted in has) == (sign in ("IN", "EQ")))


def _has_skill(state: State, node: Json, person: Person) -> bool:
    value, wanted = _value(state, str(node["key"]), person), node.get("value")
    if wanted is None:
        return bool((value is None) == (node["operator"] == "EQ"))
    return value is not None and bool(COMPARISONS[node["operator"]](value, float(wanted)))


def _value(state: State, skill_id: str, person: Person) -> float | None:
    if skill_id in LANGUAGE_OF:
        return TESTED if LANGUAGE_OF[skill_id] in person.performer.profile.verified_languages else None
    held = state.user_skills.get((skill_id, person.performer.id))
    return held.value if held else None
