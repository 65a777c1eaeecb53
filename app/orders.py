"""What a person orders with `crowdhook setup`: a pipeline's settings out of a file and out of NAME=VALUE."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.settings_schema import complaint, schema_of
from handlers.pipeline import Pipeline
from store.errors import CrowdhookError


class BadOrder(CrowdhookError):
    """These settings cannot be used:"""


def values_of(file: Path | None, chosen: Sequence[str]) -> dict[str, Any]:
    """Read settings: a TOML file's, then each NAME=VALUE; a dotted name reaches into a group. Raises BadOrder."""
    values = _read(file) if file else {}
    for text in chosen:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadOrder(f"{text!r} is not NAME=VALUE.")
        _put(values, name.replace("-", "_").split("."), _parsed(value))
    return values


def settings_of(pipeline: Pipeline, values: Mapping[str, Any]) -> Any:
    """Build a pipeline's settings; raises BadOrder for wrong names and types, and what it says of wrong values."""
    schema = schema_of(pipeline.settings)
    wrong = complaint(schema, values) if schema else None
    if wrong:
        raise BadOrder(f"{pipeline.name}: {wrong}")
    try:
        return pipeline.settings(**values)
    except TypeError as error:
        raise BadOrder(f"{pipeline.name}: {error}.") from error


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadOrder(f"{file} cannot be read ({error}).") from error
    except tomllib.TOMLDecodeError as error:
        raise BadOrder(f"{file}: {error}.") from error


def _put(values: dict[str, Any], path: Sequence[str], value: Any) -> None:
    *groups, name = path
    for group in groups:
        values = values.setdefault(group, {})
        if not isinstance(values, dict):
            raise BadOrder(f"{'.'.join(path)}: {group} is not a group of settings.")
    values[name] = value


def _parsed(text: str) -> Any:
    """Read a number, true, false or a list as such; everything else is text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
