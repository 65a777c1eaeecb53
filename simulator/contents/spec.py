"""Values against a project's field specification, with Toloka's flaws."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from simulator.elements.errors import Flaw, flaw, not_allowed, required


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "string": ("STRING_EXPECTED", lambda value: isinstance(value, str)),
    "url": ("INVALID_URL_SYNTAX", lambda value: isinstance(value, str) and bool(re.match(r"\w[\w+.-]*:|/", value))),
    "file": ("STRING_EXPECTED", lambda value: isinstance(value, str)),
    "coordinates": ("INVALID_COORDINATES_SYNTAX", lambda value: isinstance(value, str) and value.count(",") == 1),
    "boolean": ("BOOLEAN_EXPECTED", lambda value: isinstance(value, bool)),
    "integer": ("INTEGER_EXPECTED", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    "float": ("FLOAT_EXPECTED", _is_number),
    "json": ("JSON_EXPECTED", lambda value: True),
}
"""By type: what is said of a value that is not of it, and whether one is."""
TYPES = frozenset(_TYPES) | {f"array_{name}" for name in _TYPES}
"""Every field type that a project may declare."""


def flaws_of(values: Mapping[str, Any], spec: Mapping[str, Any], prefix: str) -> dict[str, Flaw]:
    """What is wrong with these values, by path (`prefix.field`); empty when they fit the specification."""
    found = {f"{prefix}.{name}": not_allowed() for name in values if name not in spec}
    for name, field in spec.items():
        wrong = _flaw(values.get(name), field)
        if wrong:
            found[f"{prefix}.{name}"] = wrong
    return found


def _flaw(value: Any, field: Mapping[str, Any]) -> Flaw | None:
    if value is None:
        return required() if field.get("required", True) else None
    kind = field["type"]
    if not kind.startswith("array_"):
        return _single(value, field, kind)
    if not isinstance(value, list):
        return flaw("ARRAY_EXPECTED", f"must be {kind}")
    size = _outside(len(value), field, "size", "ARRAY_SIZE")
    return size or next(filter(None, (_single(item, field, kind.removeprefix("array_")) for item in value)), None)


def _single(value: Any, field: Mapping[str, Any], kind: str) -> Flaw | None:
    code, fits = _TYPES[kind]
    if not fits(value):
        return flaw(code, f"must be {kind}")
    if field.get("allowed_values") and value not in field["allowed_values"]:
        return not_allowed("not one of the allowed values")
    if kind == "string" and field.get("pattern") and not re.fullmatch(field["pattern"], value):
        return flaw("PATTERN_MISMATCH", "does not match the pattern", pattern=field["pattern"])
    measure = len(value) if isinstance(value, str) else value
    if isinstance(value, str):
        return _outside(measure, field, "length", "STRING_LENGTH")
    return _outside(measure, field, "value", "VALUE") if _is_number(value) else None


def _outside(measure: float, field: Mapping[str, Any], what: str, code: str) -> Flaw | None:
    low, high = field.get(f"min_{what}"), field.get(f"max_{what}")
    if low is not None and measure < low:
        return flaw(f"{code}_LESS_THAN_MIN", f"{what} must be at least {low}", min=low)
    if high is not None and measure > high:
        return flaw(f"{code}_GREATER_THAN_MAX", f"{what} must be at most {high}", max=high)
    return None
