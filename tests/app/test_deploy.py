"""The files of docs/deploy do what they say: nginx and Caddy in front of a real service; systemd's own checks."""

import base64
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from proxied import DEPLOY, HOST, Proxy, caddy, nginx
from served import serving, until

from simulator.crowd.performers import Crowd, answers_by_spec
from simulator.server import Simulator
from simulator.world.world import World
from store.sqlite import SqliteLog
from webhooks.signature import sign

SECRET, PASSWORD = "0123456789abcdef0123", "a page password"
BASIC = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()
HALF = f"POST /webhooks/toloka/main HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
PAGES = ("/", "/metrics", "/assignments", "/events/1", "/readyz", "/static/pages.css")
RUN: dict[str, Any] = {"nginx": nginx, "caddy": caddy}


def as_shipped(text: str) -> str:
    return text


def this_machine_may_look(text: str) -> str:
    return text.replace("203.0.113.0/24", "127.0.0.0/8")


def everybody_may_knock(text: str) -> str:
    """Leave the password alone to decide, as the files say how."""
    text = text.replace("        allow 203.0.113.0/24;\n        deny all;\n", "")
    return re.sub(r"\t@strangers \{.*?\n\t\}\n\trespond @strangers 403\n", "", text, flags=re.DOTALL)


def silent(text: str) -> str:
    """Be an nginx that says nothing of itself, as it is without any setting."""
    return re.sub(r"    proxy_(set_header|http_version) .*\n", "", everybody_may_knock(text))


@pytest.fixture(scope="module", params=sorted(RUN))
def kind(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if not shutil.which(name, path="/usr/sbin:/usr/bin") or not shutil.which("openssl"):
        pytest.skip(f"{name} or openssl is not installed: apt-get install nginx-light caddy openssl")
    return name


class Deployed:
    """A service, with or without a page password, and a proxy in front of it."""

    def __init__(self, folder: Path, kind: str, port: int) -> None:
        self.folder, self.kind, self.port = folder, kind, port

    @contextmanager
    def behind(self, changed: Callable[[str], str] = as_shipped) -> Iterator[Proxy]:
        with RUN[self.kind](self.folder, self.port, changed) as proxy:
            yield proxy

    def total(self) -> int:
        with closing(SqliteLog(self.folder / "crowdhook.db", time.time)) as log:
            return log.events(limit=1).total


@contextmanager
def deployed(folder: Path, kind: str, **env: str) -> Iterator[Deployed]:
    with ExitStack() as ending:
        simulator = Simulator(World(Crowd(), answers_by_spec, start=time.time()), gate=None, files=None, token="token")
        simulator.start()
        ending.callback(simulator.stop)
        told = {
            "TOLOKA_TOKEN": "token",
            "TOLOKA_ENVIRONMENT": simulator.url,
            "CROWDHOOK_WEBHOOK_SECRETS": f"main:{SECRET}",
        }
        port, lines = ending.enter_context(serving(folder, {**told, **env}))
        until(lambda: any("Booting worker" in line for line in lines))
        yield Deployed(folder, kind, port)


@pytest.fixture(scope="module")
def guarded(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployed(tmp_path_factory.mktemp("guarded"), kind, CROWDHOOK_PAGE_PASSWORD=PASSWORD) as made:
        yield made


def posted(proxy: Proxy, uuid: str, padding: int = 0) -> int:
    event = {"uuid": uuid, "type": "ASSIGNMENT_SUBMITTED", "pool_id": "1", "event_time": "2024-05-01T10:00:00"}
    body = json.dumps({"events": [event | {"assignment_id": uuid, "task_id": "x" * padding}]}).encode()
    signed = sign(SECRET, body, int(time.time() * 1000))
    return proxy.request(
        "POST", "/webhooks/toloka/main", body, Content_Type="application/json", Toloka_Signature=signed
    )


def test_a_signed_notification_arrives_and_an_unsigned_one_does_not(guarded: Deployed) -> None:
    with guarded.behind() as proxy:
        before = guarded.total()
        assert posted(proxy, "signed") == 200
        assert proxy.request("POST", "/webhooks/toloka/main", b"{}", Content_Type="application/json") == 401
        assert guarded.total() == before + 1


def test_strangers_do_not_even_get_to_the_password(guarded: Deployed) -> None:
    with guarded.behind() as proxy:
        assert [proxy.request("GET", page, Authorization=BASIC) for page in PAGES] == [403] * len(PAGES)
        assert proxy.request("GET", "/media/nothing") in (401, 403, 404)


def test_who_may_knock_needs_the_password(guarded: Deployed) -> None:
    for changed in (this_machine_may_look, everybody_may_knock):
        with guarded.behind(changed) as proxy:
            assert posted(proxy, f"also {changed.__name__}") == 200
            assert [proxy.request("GET", page) for page in PAGES] == [401, 401, 401, 401, 200, 401]
            assert [proxy.request("GET", page, Authorization=BASIC) for page in PAGES] == [200] * len(PAGES)


def test_without_a_password_the_pages_answer_to_nobody_behind_the_proxy(kind: str, tmp_path: Path) -> None:
    ways = [everybody_may_knock, silent] if kind == "nginx" else [everybody_may_knock]
    with deployed(tmp_path, kind) as open_one:
        for changed in ways:
            with open_one.behind(changed) as proxy:
                assert posted(proxy, f"signed {changed.__name__}") == 200
                assert [proxy.request("GET", page) for page in PAGES] == [403, 403, 403, 403, 200, 403]


def test_requests_that_are_half_sent_keep_nobody_out(guarded: Deployed) -> None:
    with guarded.behind() as proxy, ExitStack() as ending:
        for number in range(40):  # more than the receiver has threads
            connection = ending.enter_context(proxy.connected())
            connection.sendall((HALF if number % 2 else f"{HALF}Content-Length: 100\r\n\r\n{{").encode())
        assert [posted(proxy, f"meanwhile {number}") for number in range(10)] == [200] * 10


def test_a_body_above_a_mebibyte_is_refused_and_one_below_is_not(guarded: Deployed) -> None:
    with guarded.behind() as proxy:
        before = guarded.total()
        with suppress(ConnectionError):  # it may hang up while the body is still being sent
            assert posted(proxy, "large", 2**20) in (413, 502)  # Caddy 2.6 says 502
        assert guarded.total() == before
        assert posted(proxy, "small", 2**20 - 1000) == 200


def test_the_unit_is_one_that_systemd_takes_and_calls_well_shut_off(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed: apt-get install systemd")
    unit = tmp_path / "crowdhook.service"
    text = (DEPLOY / "crowdhook.service").read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/crowdhook/.venv/bin/crowdhook", sys.executable))
    verified = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    looked = ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit]
    security = subprocess.run(looked, capture_output=True, text=True)
    assert security.returncode == 0, security.stdout
