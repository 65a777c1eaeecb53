"""The shape of a request's JSON, checked before its meaning: what is not of the right kind is named by its path.

A missing value and null are the same, and fit every shape: whether a value is needed is said by `fields`.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from simulator.elements.clock import iso, seconds
from simulator.elements.errors import Flaw, flaw, not_allowed, refuse, required

Shape = Callable[[Any, str], dict[str, Flaw]]
"""shape(value, path) -> flaws by path."""
LARGEST = 1e15


def insist(value: Any, shape: Shape, path: str = "") -> None:
    """Raise VALIDATION_ERROR, with every path, if the value is not of this shape."""
    refuse(shape(value, path))


def _wrong(path: str, code: str, wanted: str) -> dict[str, Flaw]:
    return {path: flaw(code, f"must be {wanted}")}


def anything(value: Any, path: str) -> dict[str, Flaw]:
    """Any value."""
    return {}


def text(value: Any, path: str) -> dict[str, Flaw]:
    """A text."""
    return {} if isinstance(value, str) else _wrong(path, "STRING_EXPECTED", "a text")


def filled(value: Any, path: str) -> dict[str, Flaw]:
    """A text that is not empty."""
    return {path: required()} if value == "" else text(value, path)


def brief(most: int) -> Shape:
    """A text of at most so many characters."""

    def check(value: Any, path: str) -> dict[str, Flaw]:
        if isinstance(value, str) and len(value) > most:
            return {path: flaw("STRING_LENGTH_GREATER_THAN_MAX", f"must have at most {most} characters", max=most)}
        return text(value, path)

    return check


def unsimulated(value: Any, path: str) -> dict[str, Flaw]:
    """Nothing: what it would ask for is not simulated."""
    return {path: not_allowed(f"{path} is not simulated")}


def flag(value: Any, path: str) -> dict[str, Flaw]:
    """True or false."""
    return {} if isinstance(value, bool) else _wrong(path, "BOOLEAN_EXPECTED", "true or false")


def moment(value: Any, path: str) -> dict[str, Flaw]:
    """A date with a time, ISO."""
    try:
        iso(seconds(value))
    except (ValueError, TypeError, OverflowError):
        return {path: flaw("INVALID_DATE_TIME_SYNTAX", f"not a date: {value}")}
    return {}


def pattern(value: Any, path: str) -> dict[str, Flaw]:
    """A regular expression."""
    try:
        re.compile(value)
    except (re.error, TypeError, OverflowError, RecursionError):
        return _wrong(path, "INVALID_REGEX_SYNTAX", "a regular expression")
    return {}


def number(low: float = -LARGEST, high: float = LARGEST, *, whole: bool = False) -> Shape:
    """A number within bounds, both allowed."""
    kind = (int,) if whole else (int, float)

    def check(value: Any, path: str) -> dict[str, Flaw]:
        if not isinstance(value, kind) or isinstance(value, bool) or value != value:
            return _wrong(path, *(("INTEGER_EXPECTED", "a whole number") if whole else ("FLOAT_EXPECTED", "a number")))
        if value < low:
            return {path: flaw("VALUE_LESS_THAN_MIN", f"must be at least {low}", min=low)}
        return {path: flaw("VALUE_GREATER_THAN_MAX", f"must be at most {high}", max=high)} if value > high else {}

    return check


def one_of(*known: str) -> Shape:
    """One of these texts."""

    def check(value: Any, path: str) -> dict[str, Flaw]:
        return {} if value in known else {path: flaw("UNKNOWN_ENUM_VALUE", f"must be one of {', '.join(known)}")}

    return check


def listed(item: Shape, least: int = 0, most: float = math.inf) -> Shape:
    """A list of values of one shape, at least and at most so many."""

    def check(value: Any, path: str) -> dict[str, Flaw]:
        if not isinstance(value, list):
            return _wrong(path, "ARRAY_EXPECTED", "a list")
        if len(value) < least:
            return {path: flaw("ARRAY_SIZE_LESS_THAN_MIN", f"must be at least {least}", min=least)}
        if len(value) > most:
            return {path: flaw("ARRAY_SIZE_GREATER_THAN_MAX", f"must be at most {most}", max=most)}
        return {where: wrong for i, each in enumerate(value) for where, wrong in item(each, f"{path}[{i}]").items()}

    return check


def mapped(item: Shape) -> Shape:
    """An object whose values, under any names, are of one shape."""

    def check(value: Any, path: str) -> dict[str, Flaw]:
        if not isinstance(value, dict):
            return _wrong(path, "OBJECT_EXPECTED", "an object")
        return {where: wrong for name, each in value.items() for where, wrong in item(each, _at(path, name)).items()}

    return check


def fields(known: Mapping[str, Shape], *needed: str) -> Shape:
    """An object with these fields; those that are `needed` are not missing, and fields of other names may be there."""

    def check(value: Any, path: str) -> dict[str, Flaw]:
        if not isinstance(value, dict):
            return _wrong(path, "OBJECT_EXPECTED", "an object")
        found = {_at(path, name): required() for name in needed if value.get(name) is None}
        for name, shape in known.items():
            if value.get(name) is not None:
                found |= shape(value[name], _at(path, name))
        return found

    return check


def closed(known: Mapping[str, Shape], *needed: str) -> Shape:
    """An object with these fields and no other."""
    open_to_others = fields(known, *needed)

    def check(value: Any, path: str) -> dict[str, Flaw]:
        told = value if isinstance(value, dict) else {}
        others = [name for name in told if name not in known and told[name] is not None]
        return open_to_others(value, path) | {_at(path, name): not_allowed() for name in others}

    return check


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
