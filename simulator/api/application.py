"""The whole API over one world as a Flask application: routes, access, errors, the platform's date."""

import logging
import uuid
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, request, send_from_directory
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from simulator.account import quotas
from simulator.api import (
    aggregation,
    assignments,
    attachments,
    bonuses,
    messages,
    operations,
    people,
    pools,
    projects,
    results,
    suites,
    tasks,
    trainings,
    webhooks,
)
from simulator.api.protocol import LARGEST, admit, refused
from simulator.api.wire import body, note, refusal, reply
from simulator.elements.clock import Gate
from simulator.elements.errors import Refused, flaw, invalid, missing
from simulator.memory.request_history import kind_of_path
from simulator.page.routes import pages
from simulator.world.world import World

logger = logging.getLogger(__name__)
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp"})
LONGEST_WAIT = 60.0
LINES = 1000
"""Of the request history, in one answer, unless another `limit` is asked for."""
NOUNS = (
    projects,
    pools,
    trainings,
    tasks,
    suites,
    assignments,
    people,
    attachments,
    bonuses,
    messages,
    operations,
    aggregation,
    results,
)


def create_app(
    world: World,
    *,
    gate: Gate | None,
    files: Path | None,
    token: str | None,
    requests: Callable[[int, int], bytes],
    clock: Callable[[], float],
) -> Flask:
    """The API. `requests(after, limit)` are lines of the request history; without a token any key is good.

    `clock` is machine time.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"], app.url_map.merge_slashes = LARGEST, False
    for noun in NOUNS:
        app.register_blueprint(noun.routes(world))
    app.register_blueprint(webhooks.routes(world, clock))
    app.register_blueprint(pages(world))
    _add_doors(app, world, gate, requests)
    if files is not None:
        _add_pictures(app, files)
    _add_errors(app)

    @app.before_request
    def receive() -> None:
        note(kind=kind_of_path(request.method, request.url_rule.rule if request.url_rule else None))
        if request.path.startswith("/api/"):
            with world.lock:
                late = world.within
                admit(None if late else token)
                if not late:
                    quotas.count_request(world.state)

    @app.after_request
    def date(response: Response) -> Response:
        response.headers["Date"] = http_date(world.now)
        return response

    return app


def _add_doors(app: Flask, world: World, gate: Gate | None, requests: Callable[[int, int], bytes]) -> None:
    """What is ours and not Toloka's: time, both histories, and the gate of a driven run."""

    @app.get("/simulator/time")
    def now() -> Response:
        return reply((200, {"now": world.now}))

    @app.get("/history")
    def history() -> Response:
        return Response(world.history_lines(), mimetype="application/x-ndjson")

    @app.get("/history/requests")
    def asked() -> Response:
        after, limit = _whole("after", 0), _whole("limit", LINES)
        return Response(requests(after, limit), mimetype="application/x-ndjson")

    if gate is not None:
        _add_gate(app, gate)


def _whole(name: str, usual: int) -> int:
    text = request.args.get(name, str(usual))
    if not text.isdecimal() or len(text) > 15:
        raise invalid({name: flaw("INTEGER_EXPECTED", "must be a whole number, 0 or more")})
    return int(text)


def _add_gate(app: Flask, gate: Gate) -> None:
    @app.get("/simulator/gate")
    def wait() -> Response:
        after, seconds = request.args.get("after", 0, int), request.args.get("seconds", 0.0, float)
        opened = gate.wait(after, min(seconds, LONGEST_WAIT))
        return reply((204, None) if opened is None else (200, {"tick": opened[0], "now": opened[1]}))

    @app.post("/simulator/gate/<int:tick>/done")
    def done(tick: int) -> Response:
        due = body().get("next_due_at")
        if due is not None and not isinstance(due, int | float):
            raise invalid({"next_due_at": flaw("FLOAT_EXPECTED", "must be platform seconds or null")})
        gate.done(tick, due)
        return reply((204, None))


def _add_pictures(app: Flask, files: Path) -> None:
    @app.get("/files/<path:name>")
    def picture(name: str) -> Response:
        if Path(name).suffix.lower() not in PICTURES:
            raise missing("file", name)
        return send_from_directory(files.resolve(), name)


def _add_errors(app: Flask) -> None:
    @app.errorhandler(Refused)
    def refuse(error: Refused) -> Response:
        return reply(refusal(error, uuid.uuid4().hex))

    @app.errorhandler(HTTPException)
    def protocol(error: HTTPException) -> Response:
        return reply(refusal(refused(error), uuid.uuid4().hex))

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        logger.error("request failed", exc_info=error, extra={"path": request.path})
        return reply(refusal(Refused(500, "INTERNAL_ERROR", "Internal error"), uuid.uuid4().hex))
