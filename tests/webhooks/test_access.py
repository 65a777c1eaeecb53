"""Who may look: this machine, or whoever knows the password; nobody else, whatever they send."""

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from store.migrations import migrate
from store.sqlite import SqliteLog
from webhooks.access import guard
from webhooks.web import create_app

PASSWORD = "correct horse ünd battery"
PAGES = ["/", "/events/1", "/assignments", "/static/pages.css", "/metrics"]
FORWARDED = ["X_Forwarded_For", "X_Forwarded_Host", "X_Forwarded_Proto", "X_Real_IP", "CF_Connecting_IP", "Forwarded"]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    migrate(tmp_path / "crowdhook.db")
    with closing(SqliteLog(tmp_path / "crowdhook.db", time.time)) as log:
        yield log


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def client(log: SqliteLog, password: str | None, clock: Callable[[], float] = time.time) -> FlaskClient:
    return create_app(
        log,
        secrets=lambda tag: (),
        page_password=password,
        free_bytes=lambda: 2**40,
        machine_clock=clock,
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


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("header", [*FORWARDED, "Via"])
def test_without_a_password_what_came_through_a_proxy_is_refused(log: SqliteLog, path: str, header: str) -> None:
    assert status(client(log, None), path, **{header: "127.0.0.1"}) == 403


def test_without_a_password_a_proxy_that_says_nothing_but_speaks_http_1_0_is_refused(log: SqliteLog) -> None:
    told = {"REMOTE_ADDR": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.0"}
    assert client(log, None).get("/", headers={"Host": "127.0.0.1"}, environ_overrides=told).status_code == 403


def test_what_the_platform_needs_is_for_everybody(log: SqliteLog) -> None:
    for password in (None, PASSWORD):
        reply = client(log, password).post(
            "/webhooks/toloka/main", json={}, headers={"Host": "example.org", "X-Forwarded-For": "203.0.113.9"}
        )
        assert (reply.status_code, reply.json["error"]) == (401, "bad_signature")


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
    each_from_elsewhere = enumerate(wrong)
    assert {status(guarded, path, f"10.0.0.{n}", Authorization=value) for n, value in each_from_elsewhere} == {401}


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
        guard("", time.time)


def test_after_ten_wrong_passwords_in_a_minute_an_address_has_to_wait(log: SqliteLog) -> None:
    clock = Clock()
    guarded = client(log, PASSWORD, clock)
    wrong, right = basic("a:wrong"), basic(f"a:{PASSWORD}")
    for _ in range(10):
        clock.now += 1.0
        assert status(guarded, peer="10.0.0.1", Authorization=wrong) == 401
    assert status(guarded, "/metrics", peer="10.0.0.1", Authorization=wrong) == 429
    assert status(guarded, peer="10.0.0.1", Authorization=right) == 429
    assert status(guarded, peer="10.0.0.1") == 401
    assert status(guarded, peer="10.0.0.2", Authorization=right) == 200
    clock.now += 51.0
    assert status(guarded, peer="10.0.0.1", Authorization=right) == 200


def test_right_passwords_and_looks_without_one_are_never_too_many(log: SqliteLog) -> None:
    guarded = client(log, PASSWORD, Clock())
    for _ in range(30):
        assert status(guarded, Authorization=basic(f"a:{PASSWORD}")) == 200
        assert status(guarded) == 401


def test_behind_a_proxy_on_this_machine_each_visitor_is_counted_apart(log: SqliteLog) -> None:
    guarded = client(log, PASSWORD, Clock())
    for n in range(11):  # what the client itself wrote stands first, and changes nothing
        last = status(guarded, X_Forwarded_For=f"1.1.1.{n}, 203.0.113.9", Authorization=basic("a:wrong"))
    assert last == 429
    assert status(guarded, X_Forwarded_For="203.0.113.10", Authorization=basic(f"a:{PASSWORD}")) == 200


def test_elsewhere_a_client_cannot_give_itself_new_addresses(log: SqliteLog) -> None:
    guarded = client(log, PASSWORD, Clock())
    forwarded = [
        status(guarded, peer="203.0.113.9", X_Forwarded_For=f"1.1.1.{n}", Authorization=basic("a:wrong"))
        for n in range(11)
    ]
    networks = [status(guarded, peer=f"2001:db8::{n}", Authorization=basic("a:wrong")) for n in range(11)]
    assert forwarded == networks == [401] * 10 + [429]
