"""The window on the log: what happened, who was told, what was decided, and what came of it."""

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from store.assignments import Decided
from store.contract import EventLog
from store.records import EventState
from webhooks.access import Guard
from webhooks.story import reason_for, story
from webhooks.wording import FILTERS, TESTS, pool_names

PAGE_LENGTH = 50  # events, or assignments
STATES = (*(state.value for state in EventState), "parked")
LARGEST_SEQ = 2**63 - 1


def pages(
    log: EventLog,
    check: Guard,
    machine_clock: Callable[[], float],
    platform_clock: Callable[[], float],
) -> Blueprint:
    """Return the event log at `/`, a page per event and per assignment, for those whom `check` lets look."""
    blueprint = Blueprint("pages", __name__, template_folder="templates", static_folder="static")
    blueprint.before_request(check)
    for filter in FILTERS:
        blueprint.add_app_template_filter(filter)
    for test in TESTS:
        blueprint.add_app_template_test(test)
    _add_events(blueprint, log, machine_clock, platform_clock)
    _add_assignments(blueprint, log)
    return blueprint


def _add_events(
    blueprint: Blueprint, log: EventLog, machine_clock: Callable[[], float], platform_clock: Callable[[], float]
) -> None:
    @blueprint.get("/")
    def event_log() -> str | Response:
        """Show the log, newest first, a page at a time; or go to what somebody looks for."""
        sought = request.args.get("find", "").strip()
        if sought and (found := _find(log, sought)):
            return redirect(found)
        chosen = _chosen()
        types, pools = log.filters()
        return render_template(
            "event_log.html",
            page=log.events(before=_before(), limit=PAGE_LENGTH, **chosen),
            chosen=chosen,
            choices={"type": types, "pool_id": pools, "state": STATES},
            decided=Decided,
            sought=sought,
            paged=_before() is not None,
            pools=pool_names(log.notes()),
            work=log.workload(platform_clock()),
            machine_now=machine_clock(),
        )

    @blueprint.get(f"/events/<int(max={LARGEST_SEQ}):seq>")
    def event(seq: int) -> str:
        """Show one event with all that hangs on it."""
        file = log.event_file(seq)
        if file is None:
            abort(404)
        happened, notes = file.event.event, log.notes()
        about = log.assignment_file(happened.assignment_id) if happened.assignment_id else None
        return render_template(
            "event.html",
            file=file,
            about=about,
            why=None if about is None else reason_for(happened, about),
            docs=_docstrings(notes),
            pools=pool_names(notes),
        )


def _add_assignments(blueprint: Blueprint, log: EventLog) -> None:
    @blueprint.get("/assignments")
    def assignments() -> str:
        """List the assignments that stand as asked, last decided first; without a question, those that wait."""
        asked = request.args.get("decided") or Decided.HELD
        if asked not in list(Decided):
            abort(404)
        return render_template(
            "assignments.html",
            page=log.assignments(Decided(asked), before=_before(), limit=PAGE_LENGTH),
            asked=asked,
            decided=Decided,
            paged=_before() is not None,
            pools=pool_names(log.notes()),
        )

    @blueprint.get("/assignments/<path:assignment_id>")
    def assignment(assignment_id: str) -> str:
        """Tell the story of one assignment."""
        file = log.assignment_file(assignment_id)
        if file is None:
            abort(404)
        return render_template("assignment.html", story=story(file), file=file, pools=pool_names(log.notes()))


def not_found_page() -> str:
    """Return the page for an address that shows nothing."""
    return render_template("not_found.html")


def _find(log: EventLog, sought: str) -> str | None:
    """Return the address of what has exactly this name: an event by its uuid, or an assignment by its id."""
    seq = log.seq_of(sought)
    if seq is not None:
        return url_for("pages.event", seq=seq)
    return url_for("pages.assignment", assignment_id=sought) if log.assignment_file(sought) else None


def _chosen() -> dict[str, str | None]:
    """Return what the page is filtered by; a state that does not exist is a page that does not exist."""
    chosen = {name: request.args.get(name) or None for name in ("type", "pool_id", "state", "assignment_id")}
    if chosen["state"] not in (None, *STATES):
        abort(404)
    return chosen


def _before() -> int | None:
    """Return the number that the page starts below, if the address names one."""
    before = request.args.get("before", type=int)
    return min(before, LARGEST_SEQ) if before is not None else None


def _docstrings(notes: Mapping[str, str]) -> dict[str, str]:
    """Return what each handler says of itself, under `pipeline:handler`."""
    return {name.removeprefix("handler:"): text for name, text in notes.items() if name.startswith("handler:")}
