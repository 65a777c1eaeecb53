"""Bad input is one line that names it and says what to do, status 2, no traceback."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from app.cli import main
from simulator.crowd.performers import Crowd, answers_by_spec
from simulator.server import Simulator
from simulator.world.world import World
from store.migrations import migrate
from store.sqlite import SqliteStore

SECRET = "main:0123456789abcdef0123456789abcdef"


def crowdhook(*arguments: str, env: Mapping[str, str | None] | None = None) -> Result:
    clean = {name: None for name in os.environ if name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    return CliRunner().invoke(main, arguments, env={**clean, **(env or {})})


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    line = result.stderr.strip()
    assert "\n" not in line
    assert "Traceback" not in result.output
    for word in words:
        assert word in line


@pytest.fixture
def platform() -> Iterator[Simulator]:
    simulator = Simulator(World(Crowd(), answers_by_spec, start=1.7e9), gate=None, files=None, token="right")
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def env(platform: Simulator, tmp_path: Path) -> dict[str, str]:
    return {
        "TOLOKA_TOKEN": "right",
        "TOLOKA_ENVIRONMENT": platform.url,
        "CROWDHOOK_DATABASE": str(tmp_path / "crowdhook.db"),
        "CROWDHOOK_WEBHOOK_SECRETS": SECRET,
    }


def test_an_unknown_pipeline_is_told_with_the_known_ones(tmp_path: Path) -> None:
    refused(crowdhook("rehearse", "image-sorting", "--out", str(tmp_path)), "image-sorting", "image-segmentation")


def test_a_missing_dataset_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    refused(
        crowdhook("rehearse", "image-segmentation", "--out", str(tmp_path), "--dataset", str(missing)), str(missing)
    )


def test_an_unreadable_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"not a picture")
    chosen = ("--out", str(tmp_path / "out"), "--dataset", str(tmp_path))
    refused(crowdhook("rehearse", "image-segmentation", *chosen), "broken.jpg")


def test_a_table_without_the_column_is_named(tmp_path: Path) -> None:
    table = tmp_path / "images.tsv"
    table.write_text("picture\na.jpg\n")
    chosen = ("--out", str(tmp_path / "out"), "--dataset", str(table))
    refused(crowdhook("rehearse", "image-segmentation", *chosen), "images.tsv", "image")


def test_an_annotation_of_another_image_is_named(tmp_path: Path) -> None:
    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    (tmp_path / "a.xml").write_text(
        "<annotation><filename>b.png</filename><size><width>40</width><height>30</height></size></annotation>"
    )
    chosen = ("--out", str(tmp_path / "out"), "--dataset", str(tmp_path))
    refused(crowdhook("rehearse", "image-segmentation", *chosen), "a.xml", "b.png")


def test_serving_without_a_secret_says_what_to_set() -> None:
    refused(crowdhook("serve"), "CROWDHOOK_WEBHOOK_SECRETS", "tag:secret")


def test_serving_without_a_token_says_what_to_set() -> None:
    refused(crowdhook("serve", env={"CROWDHOOK_WEBHOOK_SECRETS": SECRET}), "TOLOKA_TOKEN")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("TOLOKA_ENVIRONMENT", "PROD"),
        ("CROWDHOOK_WEBHOOK_SECRETS", "short:secret"),
        ("CROWDHOOK_WEBHOOK_SECRETS", "0123456789abcdef0123456789abcdef"),
        ("CROWDHOOK_REQUESTS_PER_SECOND", "many"),
        ("CROWDHOOK_LOG", "xml"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    refused(crowdhook("serve", env={name: value}), name)


def test_a_setting_from_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    refused(crowdhook("serve", env={"TOLOKA_TOKEN_FILE": str(tmp_path / "token")}), "TOLOKA_TOKEN_FILE")


def test_a_port_in_use_is_named(env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused(crowdhook("serve", env={**env, "PORT": port}), port, "PORT")
        refused(crowdhook("simulator", "--port", port), port, "--port")


def test_a_wrong_token_is_told(env: dict[str, str]) -> None:
    refused(crowdhook("work", env={**env, "TOLOKA_TOKEN": "wrong"}), "TOLOKA_TOKEN", "AUTHENTICATION_ERROR")


def test_an_unreachable_toloka_is_told(env: dict[str, str]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        refused(crowdhook("work", env={**env, "TOLOKA_ENVIRONMENT": url}), "TOLOKA_ENVIRONMENT", url)


def test_the_database_of_another_environment_is_refused(env: dict[str, str]) -> None:
    path = Path(env["CROWDHOOK_DATABASE"])
    migrate(path)
    store = SqliteStore(path, time.time)
    store.claim_identity("somebody", "PRODUCTION")
    store.close()
    refused(crowdhook("work", env=env), "another account", "PRODUCTION")


def test_a_newer_database_is_refused(env: dict[str, str]) -> None:
    path = Path(env["CROWDHOOK_DATABASE"])
    migrate(path)
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA user_version = 999')",
            path,
        ],
        check=True,
    )
    refused(crowdhook("work", env=env), "newer")


def test_a_file_that_is_no_database_is_refused(env: dict[str, str]) -> None:
    Path(env["CROWDHOOK_DATABASE"]).write_text("dear diary, " * 100)
    refused(crowdhook("work", env=env), "not a Crowdhook database")


def test_the_service_serves_restarts_what_dies_and_ends_cleanly(env: dict[str, str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    command = [sys.executable, "-c", "from app.cli import main; main()", "serve"]
    service = subprocess.Popen(command, env={**clean, **env, "PORT": str(port)}, stderr=subprocess.PIPE, text=True)
    try:
        assert answered(f"http://127.0.0.1:{port}/readyz")
        before = children_of(service.pid)
        assert len(before) == 2
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: len(set(children_of(service.pid)) - set(before)) == 2)
        assert answered(f"http://127.0.0.1:{port}/readyz")
    finally:
        service.terminate()
        _, told = service.communicate(timeout=60)
    assert service.returncode == 0
    assert len(re.findall("restarted child=(web|worker)", told)) >= 2


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def answered(url: str) -> bool:
    def once() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    return eventually(once)


def eventually(holds: object, seconds: float = 30.0) -> bool:
    until = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < until:
        if holds():  # type: ignore[operator]
            return True
        pause.wait(0.05)
    return False
