"""What a plan of faults may say, and what is wrong with one that says something else."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from simulator.account.subscriptions import EVENT_TYPES
from simulator.delivery.habits import Habits, Retry
from simulator.faults.kinds import KINDS
from simulator.faults.plans import Detail, Fault, Moment, number, whole

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
LONGEST = 3.2e8


class Wrong(Exception):
    """The value under this name is not what it should be; `str` of it says what is wrong."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name = name


def _form(words: str, fits: Callable[[Any], bool]) -> Detail:
    return Detail(None, words, fits)


def _some_of(known: Iterable[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and set(value.split("|")) <= set(known)


def _is_nth(value: Any) -> bool:
    return whole(1)(value) or (isinstance(value, list) and bool(value) and all(map(whole(1), value)))


def _is_moment(value: Any) -> bool:
    return isinstance(value, datetime) or number(0, LONGEST)(value)


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("/")


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


MOMENT = _form("a date and time, or seconds after the start", _is_moment)
SECONDS = _form("a number of seconds above 0", number(0.001, LONGEST))
ANY = {
    "kind": _form(f"one of {', '.join(KINDS)}", lambda value: isinstance(value, str) and value in KINDS),
    "rate": _form("a number from 0 to 1", number(0, 1)),
    "nth": _form("a whole number from 1 on, or a list of them", _is_nth),
    "at_most": _form("a whole number, 0 or more", whole(0)),
    "from": MOMENT,
    "until": MOMENT,
}
OF = {
    "answers": {
        "method": _form(f"one of {', '.join(METHODS)}, or several with | between", _some_of(METHODS)),
        "path": _form("a pattern of paths below /api/v1, such as /tasks or /pools/*", _is_path),
    },
    "notices": {"event": _form(f"one of {', '.join(EVENT_TYPES)}", lambda value: value in EVENT_TYPES)},
}
RETRY = {
    "first": SECONDS,
    "factor": _form("a number from 1 to 100", number(1, 100)),
    "longest": SECONDS,
    "give_up_after": _form("a number of seconds, 0 or more", number(0, LONGEST)),
}
COURIER = {
    "batch_max": _form("a whole number from 1 to 10000", whole(1, 10_000)),
    "timeout": _form("a number of machine seconds above 0, at most 3600", number(0.001, 3600)),
    "submitted_in_auto_accept": _form("true or false", lambda value: isinstance(value, bool)),
    "retry": _form("a table", _is_table),
}
PLAN = {
    "seed": _form("a whole number", whole(-(2**63), 2**63)),
    "courier": _form("a table", _is_table),
    "fault": _form(
        "tables, each under [[fault]]", lambda value: isinstance(value, list) and all(map(_is_table, value))
    ),
}


def check(content: Mapping[str, Any], known: Mapping[str, Detail]) -> None:
    """Raise Wrong for the first name that is not known, or value that does not fit."""
    for name, value in content.items():
        if name not in known:
            raise Wrong(name, f"{name!r} is unknown; there are {', '.join(known)}")
        if not known[name].fits(value):
            raise Wrong(name, f"{name} must be {known[name].words}, not {value!r}")


def fault(content: Mapping[str, Any]) -> Fault:
    """A fault out of a table. Raises Wrong."""
    if "kind" not in content:
        raise Wrong("kind", "kind is missing")
    check({"kind": content["kind"]}, ANY)
    kind = KINDS[content["kind"]]
    check(content, {**ANY, **OF[kind.of], **kind.details})
    if ("rate" in content) == ("nth" in content):
        raise Wrong(
            "rate", "either rate or nth is needed" if "rate" not in content else "rate and nth exclude each other"
        )
    nth, since, until = content.get("nth", ()), _moment(content.get("from")), _moment(content.get("until"))
    if _in_vain(since, until):
        raise Wrong("until", "until must be after from")
    return Fault(
        kind=kind,
        rate=content.get("rate", 1.0),
        nth=(nth,) if isinstance(nth, int) else tuple(nth),
        methods=tuple(content["method"].split("|")) if "method" in content else (),
        path=content.get("path"),
        event_type=content.get("event"),
        since=since,
        until=until,
        at_most=content.get("at_most"),
        details={name: value for name, value in content.items() if name in kind.details},
    )


def _in_vain(since: Moment | None, until: Moment | None) -> bool:
    if isinstance(since, datetime) and isinstance(until, datetime):
        return since >= until
    return isinstance(since, float) and isinstance(until, float) and since >= until


def _moment(value: Any) -> Moment | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return None if value is None else float(value)


def habits(content: Mapping[str, Any]) -> Habits:
    """The courier's habits out of a table whose parts were checked."""
    retry = {"retry": Retry(**content["retry"])} if "retry" in content else {}
    return Habits(**{**content, **retry})
