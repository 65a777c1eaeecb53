"""JSON as text that is the same whenever the value is the same."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def to_text(value: Any) -> str:
    """Return compact JSON with sorted keys; Decimals become numbers, half characters escapes. Raises TypeError."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
    return _LONE_SURROGATE.sub(_escaped, text)


def from_text(text: str) -> Any:
    """Return the value that a text was made from."""
    return json.loads(text)


def clean(text: str) -> str:
    """Return a person's or a program's text fit for storing: half characters shown as escapes."""
    return _LONE_SURROGATE.sub(_escaped, text)


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
