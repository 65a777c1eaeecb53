"""The application's edges: probes, headers, and errors that are the same for every error of a kind."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from deployed_receiver import Receiver
from flask import Flask

from store.errors import CrowdhookError, LaneLost
from store.migrations import migrate
from store.sqlite import SqliteLog
from webhooks.web import ANSWERS, HEADERS, LEAST_FREE_BYTES, create_app


@pytest.fixture
def database(tmp_path: Path) -> Path:
    migrate(tmp_path / "crowdhook.db")
    return tmp_path / "crowdhook.db"


@pytest.fixture
def app(database: Path) -> Iterator[Flask]:
    with closing(SqliteLog(database, time.time, busy_seconds=0.2)) as log:
        yield application(log)


def application(log: SqliteLog, free: int = 2**40) -> Flask:
    return create_app(
        log,
        secrets=lambda tag: (),
        page_password=None,
        free_bytes=lambda: free,
        machine_clock=time.time,
        platform_clock=time.time,
    )


def test_it_is_alive_and_ready(shared: Receiver) -> None:
    assert shared.request("GET", "/healthz").json == {"status": "alive"}
    assert shared.request("GET", "/readyz").json == {"status": "ready"}


def test_it_is_alive_and_not_ready_while_nothing_can_be_written(app: Flask, database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        reply = app.test_client().get("/readyz")
        assert app.test_client().get("/healthz").status_code == 200
    assert (reply.status_code, reply.json["error"]) == (503, "store_busy")
    assert app.test_client().get("/readyz").status_code == 200


def test_it_is_not_ready_with_little_room_left(database: Path) -> None:
    with closing(SqliteLog(database, time.time)) as log:
        assert application(log, LEAST_FREE_BYTES).test_client().get("/readyz").status_code == 200
        reply = application(log, LEAST_FREE_BYTES - 1).test_client().get("/readyz")
    assert (reply.status_code, reply.json["error"]) == (503, "disk_nearly_full")


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/events/404404", "/webhooks/toloka/main", "/static/pages.css", "/x"]
)
def test_every_answer_carries_the_headers_that_keep_it_harmless(shared: Receiver, path: str) -> None:
    reply = shared.request("GET", path)
    assert {name: reply.headers.get(name) for name in HEADERS} == HEADERS
    assert "Set-Cookie" not in reply.headers


def test_a_page_that_is_not_there_is_a_page(shared: Receiver) -> None:
    for path in ("/nowhere", "/events/404404", "/events/999999999999999999999999", "/events/-1", "/?state=odd"):
        reply = shared.request("GET", path)
        assert (reply.status, reply.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
        assert b"Nothing here" in reply.body


@pytest.mark.parametrize("path", ["/webhooks/", "/webhooks/toloka/", "/webhooks/toloka/a/b", "/webhooks//toloka/main"])
def test_an_address_of_no_hook_is_answered_in_json_and_never_redirected(shared: Receiver, path: str) -> None:
    reply = shared.request("POST", path, b"{}")
    assert (reply.status, reply.json) == (404, {"error": "not_found", "message": "Not Found"})


def test_errors_repeat_nothing_of_what_was_sent(shared: Receiver) -> None:
    canary = "canary-51d4"
    for path in (f"/webhooks/toloka/{canary}", f"/{canary}", f"/webhooks/{canary}", f"/?state={canary}"):
        for method in ("GET", "POST", "PUT"):
            assert canary.encode() not in shared.request(method, path, canary, {"X-Canary": canary}).body


@pytest.mark.parametrize("kind", ANSWERS, ids=lambda kind: kind.__name__)
def test_every_error_of_ours_has_its_one_answer(app: Flask, kind: type[CrowdhookError]) -> None:
    @app.get("/fail")
    def fail() -> str:
        raise kind("(a detail that is nobody's business)")

    reply = app.test_client().get("/fail")
    assert reply.status_code == ANSWERS[kind].status
    assert reply.json == {"error": ANSWERS[kind].code, "message": (kind.__doc__ or "").strip()}
    assert ("Retry-After" in reply.headers) == (reply.status_code in (429, 503))


@pytest.mark.parametrize("error", [LaneLost("(secret)"), ZeroDivisionError("secret")])
def test_what_nobody_expected_is_logged_and_told_to_nobody(
    app: Flask, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/fail")
    def fail() -> str:
        raise error

    reply = app.test_client().get("/fail")
    assert reply.status_code == 500
    assert "secret" not in reply.text
    assert "secret" in caplog.text
