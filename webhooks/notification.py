"""A notification's bytes, read into events: pure, and safe with anything that a sender can put into a body."""

import json
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from store.errors import CrowdhookError
from store.records import Event, EventState, natural_key

MAX_EVENTS = 5000
MAX_DEPTH = 16

# What Toloka tells, and the id that each type cannot do without. The six about assignments happen once per assignment.
_NEEDS: Mapping[str, str | None] = {
    "ASSIGNMENT_CREATED": "assignment_id",
    "ASSIGNMENT_SUBMITTED": "assignment_id",
    "ASSIGNMENT_SKIPPED": "assignment_id",
    "ASSIGNMENT_EXPIRED": "assignment_id",
    "ASSIGNMENT_APPROVED": "assignment_id",
    "ASSIGNMENT_REJECTED": "assignment_id",
    "DYNAMIC_OVERLAP_COMPLETED": "task_id",
    "POOL_CLOSED": None,
}
_TEST = "TEST_EVENT"

_TOKEN = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_BRACKET = re.compile(r"[\[{\]}]")
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # an unfinished one too
_UNSTORABLE = re.compile("[\ud800-\udfff\0]")
_YEARS = range(2000, 3000)
_INT64 = range(-(2**63), 2**63)
_MADE_UP = uuid.UUID("5d3ed0b4-8a4f-5a0c-9d0b-3f0c9e0f6b1a")  # namespace of the uuids of events that brought none


class BadNotification(CrowdhookError):
    """The notification is not a JSON object with a list of 1 to 5000 events."""


class _BadEvent(Exception):
    """One event among others is malformed; its text says how."""


class _KeyTwice(dict[str, Any]):
    """A JSON object in which a key occurred more than once: nobody can say which value was meant."""


def parse(body: bytes) -> list[Event]:
    """Return the events of a notification, a malformed one as DEAD with the reason; raises BadNotification."""
    envelope = _decode(body)
    events = envelope.get("events") if type(envelope) is dict else None
    if not isinstance(events, list) or not 1 <= len(events) <= MAX_EVENTS:
        raise BadNotification
    return [_event(raw) for raw in events]


def _decode(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
        _check_depth(text)
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_refuse,
        )
    except ValueError as error:
        raise BadNotification from error
    # Strict UTF-8 and JSON let characters that no database takes through only as \u escapes.
    return _storable(value) if "\\u" in text else value


def _check_depth(text: str) -> None:
    """Refuse what is nested too deeply before the JSON reader follows it down."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return
    depth = 0
    for mark in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if mark in "[{" else -1
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _KeyTwice(found)


def _integer(digits: str) -> int | str:
    """Read an integer; one beyond 64 bits stays as it was written."""
    return int(digits) if len(digits) <= 20 and int(digits) in _INT64 else digits


def _number(digits: str) -> float | str:
    """Read a number; one beyond a float's range stays as it was written."""
    value = float(digits)
    return value if abs(value) != float("inf") else digits


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _storable(value: Any) -> Any:
    """Return the value with U+FFFD for each NUL and each half of a surrogate pair; the raw body keeps them."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return type(value)((_storable(key), _storable(item)) for key, item in value.items())
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value


def _event(raw: Any) -> Event:
    try:
        return _well_formed(raw)
    except _BadEvent as error:
        return _dead(raw, str(error))


def _well_formed(raw: Any) -> Event:
    if not isinstance(raw, dict):
        raise _BadEvent("not an object")
    if isinstance(raw, _KeyTwice):
        raise _BadEvent("a key occurs twice")
    kind = _required(raw, "type")
    known = kind in _NEEDS
    need = _NEEDS.get(kind)
    if need:
        _required(raw, need)
    assignment_id = _optional(raw, "assignment_id")
    pool_id = _required(raw, "pool_id") if known else _optional(raw, "pool_id") or ""
    event_time = _time(raw.get("event_time"))
    return Event(
        uuid=_required(raw, "uuid"),
        type=kind,
        pool_id=pool_id,
        event_time=event_time,
        key=natural_key(kind, pool_id, assignment_id, event_time) if known else None,
        assignment_id=assignment_id,
        task_id=_optional(raw, "task_id"),
        state=EventState.NEW if known else EventState.IGNORED,
        reason="" if known else "test call" if kind == _TEST else "unknown type",
        payload=raw,
    )


def _dead(raw: Any, reason: str) -> Event:
    """Keep a malformed event under a uuid made from its content, so that a repetition is the same event."""
    fields = raw if isinstance(raw, dict) else {}
    text = json.dumps(raw, sort_keys=True, ensure_ascii=False)
    return Event(
        uuid=str(uuid.uuid5(_MADE_UP, text)),
        type=_optional(fields, "type") or "MALFORMED",
        pool_id=_optional(fields, "pool_id") or "",
        event_time=0.0,
        state=EventState.DEAD,
        reason=reason,
        payload=raw if isinstance(raw, dict) else {"event": raw},
    )


def _optional(raw: Mapping[str, Any], name: str) -> str | None:
    """Return an id or a type if it is a short plain one; an integer counts as its digits."""
    value = raw.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else None


def _required(raw: Mapping[str, Any], name: str) -> str:
    value = _optional(raw, name)
    if value is None:
        raise _BadEvent(f"{name} is missing or malformed")
    return value


def _time(text: Any) -> float:
    """Return UNIX seconds of a time that Toloka wrote: ISO, UTC unless it says otherwise."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise _BadEvent("event_time is missing or malformed")
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise _BadEvent("event_time is no time") from error
    if time.year not in _YEARS:
        raise _BadEvent("event_time is of another age")
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
