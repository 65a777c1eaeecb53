"""The window on the log: what happened, who was told, what was decided, and what came of it."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, render_template, request

from store.contract import EventLog
from store.records import EventState
from webhooks.access import guard

PAGE_LENGTH = 50  # events
STATES = (*(state.value for state in EventState), "parked")
LARGEST_SEQ = 2**63 - 1


def pages(
    log: EventLog,
    password: str | None,
    machine_clock: Callable[[], float],
    platform_clock: Callable[[], float],
) -> Blueprint:
    """Return the event log at `/` and one page per event, for loopback clients or behind the password."""
    blueprint = Blueprint("pages", __name__, template_folder="templates", static_folder="static")
    blueprint.before_request(guard(password))
    blueprint.add_app_template_filter(utc)
    blueprint.add_app_template_filter(pretty)
    blueprint.add_app_template_filter(count)

    @blueprint.get("/")
    def event_log() -> str:
        """Show the log, newest first, a page at a time."""
        chosen = _chosen()
        types, pools = log.filters()
        return render_template(
            "event_log.html",
            page=log.events(before=_before(), limit=PAGE_LENGTH, **chosen),
            chosen=chosen,
            choices={"type": types, "pool_id": pools, "state": STATES},
            paged=_before() is not None,
            work=log.workload(platform_clock()),
            machine_now=machine_clock(),
            platform_now=platform_clock(),
        )

    @blueprint.get(f"/events/<int(max={LARGEST_SEQ}):seq>")
    def event(seq: int) -> str:
        """Show one event with all that hangs on it."""
        file = log.event_file(seq)
        if file is None:
            abort(404)
        return render_template("event.html", file=file, docs=_docstrings(log.notes()))

    return blueprint


def not_found_page() -> str:
    """Return the page for an address that shows nothing."""
    return render_template("not_found.html")


def utc(seconds: float) -> str:
    """Write UNIX seconds as a UTC time to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def pretty(value: Any) -> str:
    """Write a JSON value for reading: indented, its letters as they are."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def count(number: int, one: str, many: str) -> str:
    """Write a number of things: `1 event`, `1 200 events`."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") + " " + (one if number == 1 else many)


def _chosen() -> dict[str, str | None]:
    """Return what the page is filtered by; a state that does not exist is a page that does not exist."""
    chosen = {name: request.args.get(name) or None for name in ("type", "pool_id", "state")}
    if chosen["state"] not in (None, *STATES):
        abort(404)
    return chosen


def _before() -> int | None:
    """Return the seq that the page starts below, if the address names one."""
    before = request.args.get("before", type=int)
    return min(before, LARGEST_SEQ) if before is not None else None


def _docstrings(notes: Mapping[str, str]) -> dict[str, str]:
    """Return what each handler says of itself, under `pipeline:handler`."""
    return {name.removeprefix("handler:"): text for name, text in notes.items() if name.startswith("handler:")}
