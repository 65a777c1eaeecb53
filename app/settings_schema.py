"""What a pipeline's settings may be, as a JSON Schema made of their types; and what is wrong with given ones."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

Schema = dict[str, Any]
PLAIN: Mapping[Any, str] = {bool: "boolean", int: "integer", float: "number", str: "string", NoneType: "null"}


def schema_of(settings: Callable[..., Any]) -> Schema | None:
    """Return the JSON Schema of what a pipeline's `settings` take; None where they return no dataclass."""
    made = get_type_hints(settings).get("return") if not isinstance(settings, type) else None
    if not is_dataclass(made):
        return None
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_group(made)}


def complaint(schema: Schema, values: Mapping[str, Any]) -> str | None:
    """Say what is most wrong with given settings, and where; None when they are of the right names and types."""
    error = best_match(Draft202012Validator(schema).iter_errors(values))
    return None if error is None else _in_words(error)


def _in_words(error: ValidationError) -> str:
    place = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in error.absolute_path).lstrip(".")
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = ", ".join(sorted(error.instance.keys() - known.keys()))
        return f"there is no {f'{place}.' if place else ''}{unknown}; there are {', '.join(known)}."
    said = f"{error.instance!r} may not be here" if error.validator == "anyOf" else error.message
    return f"{place}: {said}." if place else f"{said}."


def _of(kind: Any) -> Schema:
    if kind in PLAIN:
        return {"type": PLAIN[kind]}
    if is_dataclass(kind):
        return _group_or_one(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return {"type": [PLAIN[each] for each in arguments]}
    if origin is tuple:
        return {"type": "array", "items": _of(arguments[0])}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(arguments[1])}
    return {}


def _group(kind: Any) -> Schema:
    types = get_type_hints(kind)
    properties = {each.name: _of(types[each.name]) for each in fields(kind)}
    return {"type": "object", "properties": properties, "required": [*_required(kind)], "additionalProperties": False}


def _group_or_one(kind: Any) -> Schema:
    """A group of which one setting alone is required may be written as that one."""
    required = [*_required(kind)]
    if len(required) != 1:
        return _group(kind)
    return {"anyOf": [_of(get_type_hints(kind)[required[0]]), _group(kind)]}


def _required(kind: Any) -> Iterator[str]:
    return (each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING)
