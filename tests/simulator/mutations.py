"""Requests that were good, spoilt in one place or several: what hypothesis sends to every call."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from exchanges import Exchange
from hypothesis import strategies as st
from lived import Request

CHARACTERS = st.characters(codec=None)  # half characters and NUL, too
TEXTS = st.one_of(st.text(CHARACTERS, max_size=20), st.sampled_from(["", "\0", "x" * 5000, "-1", "٣", "true", "null"]))
NUMBERS = st.one_of(
    st.integers(), st.floats(), st.sampled_from([10**30, -(10**400), 1e308, 2**31, 2**63, float("nan"), -0.0])
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, st.sampled_from(["2030-01-01", "0001-01-01T00:00:00"]))


def nested(depth: int) -> Any:
    """JSON of so many levels."""
    inner: Any = 1
    for level in range(depth):
        inner = {"and": inner} if level % 2 else [inner]
    return inner


JUNK = st.one_of(
    st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=6),
    st.sampled_from([60, 99, 101, 900]).map(nested),
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
KINDS = (
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "\xff",
)
ENCODINGS = st.sampled_from(["%ff%fe", "%00", "%2e%2e", "%2f", "..", "%", "%zz", "a" * 3000, "%F0%9F%9F%A1", "0", "-1"])
PARAMETERS = (
    "sort",
    "limit",
    "id_gt",
    "created_lte",
    "overlap_gt",
    "status",
    "pool_id",
    "async_mode",
    "operation_id",
    "?",
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    copy = value.copy()
    copy[path[0]] = replaced(copy[path[0]], path[1:], by)
    return copy


@st.composite
def spoilt(draw: st.DrawFn, good: list[Exchange]) -> Request:
    """One of these requests with something else in some places; now and then as it was."""
    exchange = draw(st.sampled_from(good))
    segments = [quote(part) for part in exchange.path.split("/")]
    if draw(st.integers(0, 7)) == 0:
        segments[draw(st.integers(1, len(segments) - 1))] = draw(ENCODINGS)
    query = parse_qsl(exchange.query)
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        names = (*PARAMETERS, *(name for name, _ in query))
        query.append((draw(st.sampled_from(names)), draw(TEXTS)))
    target = "/".join(segments) + (f"?{urlencode(query, errors='surrogatepass')}" if query else "")
    method = draw(st.sampled_from(METHODS)) if draw(st.integers(0, 9)) == 0 else exchange.method
    kind = draw(st.sampled_from(KINDS)) if draw(st.integers(0, 9)) == 0 else KINDS[0]
    return Request(method, target, kind, draw(_content(exchange.sent)))


@st.composite
def _content(draw: st.DrawFn, sent: bytes) -> bytes:
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=40))
    if not sent:
        return b""
    value = json.loads(sent)
    for _ in range(draw(st.integers(0, 2))):
        value = replaced(value, draw(st.sampled_from(list(places(value)))), draw(JUNK))
    return json.dumps(value).encode()
