"""Who may look: this machine, or whoever knows the password; nobody else, whatever they send."""

import base64
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from store.migrations import migrate
from store.sqlite import SqliteLog
from webhooks.access import guard
from webhooks.web import create_app

PASSWORD = "correct horse ünd battery"
PAGES = ["/", "/events/1", "/static/pages.css"]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    migrate(tmp_path / "crowdhook.db")
    with closing(SqliteLog(tmp_path / "crowdhook.db", time.time)) as log:
        yield log


def client(log: SqliteLog, password: str | None) -> FlaskClient:
    return create_app(
        log,
        secrets=lambda tag: (),
        page_password=password,
        free_bytes=lambda: 2**40,
        machine_clock=time.time,
        platform_clock=time.time,
    ).test_client()


def status(client: FlaskClient, path: str = "/", peer: str = "127.0.0.1", **headers: str) -> int:
    given = {"Host": "localhost:8080"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers=given, environ_overrides={"REMOTE_ADDR": peer}).status_code


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.10", "::1"])
@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "127.0.0.1"])
def test_without_a_password_this_machine_may_look(log: SqliteLog, peer: str, host: str) -> None:
    assert status(client(log, None), peer=peer, Host=host) == 200


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("peer", ["10.0.0.7", "203.0.113.9", "2001:db8::1", "", "localhost.example", "128.0.0.1"])
def test_without_a_password_no_other_machine_may(log: SqliteLog, path: str, peer: str) -> None:
    assert status(client(log, None), path, peer=peer) == 403


@pytest.mark.parametrize(
    "host", ["example.org", "localhost.example.org", "127.0.0.1.example.org:80", "", "[::1", "1.2.3.4"]
)
def test_without_a_password_a_foreign_name_for_this_machine_is_refused(log: SqliteLog, host: str) -> None:
    assert status(client(log, None), Host=host) == 403


@pytest.mark.parametrize("header", ["X_Forwarded_For", "Forwarded", "Via"])
def test_without_a_password_what_came_through_a_proxy_is_refused(log: SqliteLog, header: str) -> None:
    assert status(client(log, None), **{header: "127.0.0.1"}) == 403


@pytest.mark.parametrize("path", PAGES)
def test_with_a_password_nobody_looks_without_it(log: SqliteLog, path: str) -> None:
    guarded = client(log, PASSWORD)
    wrong = [
        basic("a:wrong"),
        basic(f"{PASSWORD}:"),
        basic("a:"),
        basic(f"a:{PASSWORD} "),
        basic("a"),
        "Basic",
        "Basic é",
    ]
    wrong += [
        "Basic ####",
        f"Bearer {PASSWORD}",
        "",
        "Digest username=x",
        "Basic " + base64.b64encode(b"a:\xff").decode(),
    ]
    assert status(guarded, path) == 401
    assert {status(guarded, path, Authorization=value) for value in wrong} == {401}


@pytest.mark.parametrize("user", ["", "anybody", "ünd"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "203.0.113.9"])
def test_with_the_password_anybody_looks_from_anywhere(log: SqliteLog, user: str, peer: str) -> None:
    given = basic(f"{user}:{PASSWORD}")
    assert status(client(log, PASSWORD), peer=peer, Host="example.org", Authorization=given) == 200


def test_a_browser_is_asked_for_the_password(log: SqliteLog) -> None:
    reply = client(log, PASSWORD).get("/")
    assert reply.headers["WWW-Authenticate"].startswith("Basic ")
    assert PASSWORD not in reply.text


def test_the_probes_are_for_everybody(log: SqliteLog) -> None:
    for path in ("/healthz", "/readyz"):
        assert status(client(log, PASSWORD), path, peer="203.0.113.9", Host="example.org") == 200


def test_an_empty_password_is_no_password() -> None:
    with pytest.raises(ValueError, match="empty"):
        guard("")
