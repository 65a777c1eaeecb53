"""The results table over HTTP, where the site has it."""

import math
from collections.abc import Collection

from flask import Blueprint, Response, request

from simulator.api.wire import switch
from simulator.elements.clock import seconds
from simulator.elements.errors import flaw, invalid, not_allowed
from simulator.elements.shapes import insist, moment
from simulator.nouns import pools
from simulator.results.results_table import ASSIGNMENT, STATUSES, Wanted, write
from simulator.world.world import World

DEFAULT_COLUMNS = "ASSIGNMENT:link,ASSIGNMENT:assignment_id,ASSIGNMENT:worker_id,ASSIGNMENT:status,ASSIGNMENT:started"
KNOWN = ("status", "field", "startTimeFrom", "startTimeTo", "excludeBanned", "addRowDelimiter")


def routes(world: World) -> Blueprint:
    """GET /new/requester/pools/<pool_id>/assignments.tsv."""
    made = Blueprint("results", __name__, url_prefix="/api/new/requester")

    @made.get("/pools/<pool_id>/assignments.tsv")
    def table(pool_id: str) -> Response:
        with world.lock:
            text = write(world.state, pools.get(world.state, pool_id), _wanted())
        return Response(text, mimetype="text/tab-separated-values")

    return made


def _wanted() -> Wanted:
    unknown = {name: not_allowed("unknown parameter") for name in request.args if name not in KNOWN}
    if unknown:
        raise invalid(unknown)
    return Wanted(
        statuses={STATUSES[name] for name in _names("status", "APPROVED", STATUSES)},
        columns=_names("field", DEFAULT_COLUMNS, ASSIGNMENT),
        since=_moment("startTimeFrom", -math.inf),
        until=_moment("startTimeTo", math.inf),
        without_banned=switch("excludeBanned"),
        gaps=switch("addRowDelimiter", default=True),
    )


def _names(parameter: str, default: str, known: Collection[str]) -> tuple[str, ...]:
    names = tuple(filter(None, ",".join(request.args.getlist(parameter) or [default]).split(",")))
    unknown = [name for name in names if name not in known]
    if unknown:
        raise invalid({parameter: flaw("VALUE_NOT_ALLOWED", f"unknown: {unknown[0]}")})
    return names


def _moment(parameter: str, default: float) -> float:
    text = request.args.get(parameter)
    if text is None:
        return default
    insist(text, moment, parameter)
    return seconds(text)
