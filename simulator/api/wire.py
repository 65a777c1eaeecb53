"""Between HTTP and the world: routes that answer JSON, under the world's lock."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, request

from simulator.elements.draws import canonical
from simulator.elements.errors import Refused, flaw, invalid, not_allowed, refuse
from simulator.records.asked import NOTES
from simulator.records.state import Json
from simulator.world.world import World

Answer = tuple[int, Any]
"""HTTP status and the JSON content, None for an empty body."""
DEEPEST = 100
VERBATIM = frozenset({"filter", "recipients_filter", "input_values", "output_values", "metadata", "view_spec"})
"""Names below which null is a value."""
View = Callable[..., Answer]
"""view(state, **ids of the path) -> Answer."""


def reply(answer: Answer) -> Response:
    """An answer as an HTTP response."""
    status, content = answer
    text = "" if content is None else json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, mimetype="application/json")


def blueprint(name: str, world: World, routes: dict[str, View]) -> Blueprint:
    """Routes by "METHOD /path" below /api/v1; each view runs, and its answer is written down, under the lock."""
    made = Blueprint(name, __name__, url_prefix="/api/v1")
    for route, view in routes.items():
        method, path = route.split(" ")
        made.add_url_rule(path, route, _locked(world, view), methods=[method])
    return made


def _locked(world: World, view: View) -> Callable[..., Response]:
    def handle(**ids: str) -> Response:
        if request.method == "GET":
            with world.lock:
                return reply(view(world.state, **ids))
        with world.given("request", lambda: [world.now, *_sent()]) as state:
            before = dict(state.moved)
            try:
                answer = view(state, **ids)
                world.finish_if_instant()
            finally:
                note(cost=_cost(before, state.moved))
            return reply(answer)

    return handle


def _sent() -> tuple[str, str, str, str]:
    """The request that is being answered as a view sees it, to be written down; none looks at its headers."""
    path, query = request.environ["PATH_INFO"], request.environ["QUERY_STRING"]
    return request.method, path, query, request.get_data().decode("latin-1")


def note(**what: Any) -> None:
    """Note something of the present request for those who write requests down."""
    request.environ.setdefault(NOTES, {}).update(what)


def _cost(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, float]:
    changed = {what: amount - before.get(what, 0) for what, amount in after.items()}
    return {what: amount / 1e6 for what, amount in changed.items() if amount}


def content() -> Any:
    """The request's JSON. Raises VALIDATION_ERROR when there is none that can be read."""
    data = request.get_data()
    try:
        found = json.loads(data, parse_constant=_finite, parse_float=_finite)
        if b"\\u" in data:
            canonical(found).encode()  # half a character cannot be answered
    except (ValueError, RecursionError):
        raise invalid({"": flaw("JSON_EXPECTED", "a JSON body is needed")}) from None
    if _deeper(found, DEEPEST):
        raise invalid({"": not_allowed(f"JSON deeper than {DEEPEST} levels")})
    return _without_nulls(found)


def _without_nulls(found: Any) -> Any:
    """The same where what is null is missing, as Toloka has it; but in filters, and in what is the requester's own."""
    if isinstance(found, list):
        return [_without_nulls(each) for each in found]
    if not isinstance(found, dict):
        return found
    return {
        name: each if name in VERBATIM else _without_nulls(each) for name, each in found.items() if each is not None
    }


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _deeper(found: Any, levels: int) -> bool:
    inner = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return levels == 0 or any(_deeper(each, levels - 1) for each in inner)


def body() -> Json:
    """The request's JSON object."""
    found = content()
    if not isinstance(found, dict):
        raise invalid({"": flaw("OBJECT_EXPECTED", "must be an object")})
    return found


def switch(name: str, *, default: bool = False) -> bool:
    """A boolean query parameter."""
    text = request.args.get(name)
    if text is not None and text.lower() not in ("true", "false"):
        raise invalid({name: flaw("BOOLEAN_EXPECTED", "must be true or false")})
    return default if text is None else text.lower() == "true"


def only(*names: str) -> None:
    """Raise VALIDATION_ERROR for a query parameter of another name."""
    refuse({name: not_allowed("unknown parameter") for name in request.args if name not in names})


def needed(name: str) -> str:
    """A query parameter that must be there."""
    value = request.args.get(name)
    if not value:
        raise invalid({name: flaw("VALUE_REQUIRED", "May not be empty")})
    return value


def refusal(refused: Refused, request_id: str) -> Answer:
    """An error in Toloka's shape."""
    shown: Json = {"request_id": request_id, "code": refused.code, "message": str(refused)}
    return refused.status, shown | ({"payload": refused.payload} if refused.payload is not None else {})


def batch(items: dict[int, Any], flawed: dict[int, Any]) -> Json:
    """What became of a list of objects, by their index."""
    return {
        "items": {str(index): item for index, item in items.items()},
        "validation_errors": {str(index): flaws for index, flaws in flawed.items()},
    }
