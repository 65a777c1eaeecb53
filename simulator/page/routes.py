"""The simulator's page: how projects, pools, people and money stand, for people to look at."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from simulator.elements.clock import iso
from simulator.elements.draws import canonical
from simulator.nouns.assignments import STATUSES
from simulator.page.overview import overview
from simulator.records.nobody import in_words
from simulator.records.state import Json
from simulator.world.world import World

MOST_PEOPLE = 200
ONLY_OURS = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PERIODS = (2, 10, 60)
"""Seconds after which the page may be asked to load itself again."""


def pages(world: World) -> Blueprint:
    """The page at `/`; with `?every=N` a browser loads it again every N seconds."""
    made = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/look")

    @made.get("/")
    def show() -> str:
        with world.lock:
            stranded, view = world.stranded(), overview(world.state)
        return render_template("overview.html", view=view, stranded=stranded, every=_period(), **_WORDS)

    @made.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = ONLY_OURS
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        return response

    return made


def _period() -> int | None:
    period = request.args.get("every", None, int)
    return period if period in PERIODS else None


def _dollars(amount: float) -> str:
    return f"${amount:,.4f}".rstrip("0").ljust(len(f"{amount:,.2f}") + 1, "0")


def _moment(at: float) -> str:
    return iso(at).replace("T", " ")


def _told(line: Json) -> str:
    """What a line of the history says beside its moment, kind and id."""
    return canonical({name: value for name, value in line.items() if name not in ("at", "kind", "id")})


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else ""


_WORDS: dict[str, Any] = {
    "dollars": _dollars,
    "moment": _moment,
    "told": _told,
    "share": _share,
    "statuses": STATUSES,
    "periods": PERIODS,
    "most": MOST_PEOPLE,
    "in_words": in_words,
}
"""How the page puts things."""
