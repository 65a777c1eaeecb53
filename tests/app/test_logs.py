"""Log lines: for people and for programs, one a record, with nothing secret and nothing forged in them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SETUP = """
import logging, sys, threading, warnings
from app.config import Settings
from app.logs import tell_crashes, to_stderr
to_stderr(Settings(log=sys.argv[1], token="canary-token"))
tell_crashes()
log = logging.getLogger("a.place")
"""


def logged(format: str, script: str) -> str:
    """What a process of its own writes to standard error."""
    command = [sys.executable, "-c", SETUP + script, format]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60).stderr


def objects(script: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in logged("json", script).splitlines()]


def test_a_line_says_when_how_grave_where_what_and_with_which_data() -> None:
    script = "log.warning('pool %s stays closed', 7, extra={'code': 'X', 'why': 'no money', 'n': 3})"
    date, time, *rest = logged("text", script).split(" ", 2)
    assert len(f"{date} {time}") == len("2024-05-01 10:00:00,123")
    assert rest == ["WARNING a.place: pool 7 stays closed code=X why='no money' n=3\n"]


def test_for_programs_it_is_an_object() -> None:
    (said,) = objects("log.warning('pool %s stays closed', 7, extra={'code': 'X', 'n': 3, 'f': float('nan'), 'o': {}})")
    assert said.pop("time").endswith("+00:00")
    assert said == {
        "level": "WARNING",
        "logger": "a.place",
        "message": "pool 7 stays closed",
        "data": {"code": "X", "n": 3, "f": "nan", "o": "{}"},
    }


FAILS = """
try:
    raise ValueError("canary-token, and\\n2024-05-01 CRITICAL forged: line\\x1b[31m\\u2028")
except ValueError as error:
    log.exception("failed\\nagain", extra={"secret": "a canary-token", "error": error})
"""


@pytest.mark.parametrize("format", ["text", "json"])
def test_no_secret_is_in_message_data_or_traceback(format: str) -> None:
    told = logged(format, FAILS + "log.error('canary-token %s', 'canary-token')")
    assert "Traceback" in told
    assert "canary" not in told
    assert told.count("***") >= 5


def test_no_line_is_forged_and_no_control_character_comes_through() -> None:
    lines = logged("text", FAILS).split("\n")
    assert lines.pop() == ""
    assert [line for line in lines if not line.startswith("    ")] == lines[:1]
    assert r"failed\nagain" in lines[0]
    assert all(line.isprintable() for line in lines)
    (said,) = objects(FAILS)
    assert said["exception"].startswith("Traceback")
    assert "forged" in said["exception"]


def test_long_fields_are_cut() -> None:
    script = "log.warning('m' * 5000, extra={'long': 'x' * 5000})"
    assert len(logged("text", script)) < 2200
    (said,) = objects(script)
    assert (len(said["message"]), len(said["data"]["long"])) == (1000, 1000)


def test_a_secret_is_not_cut_in_two_before_it_is_found() -> None:
    assert "canary" not in logged("text", "log.warning('x' * 995 + 'canary-token')")


CRASHES = """
def work(): raise KeyError("canary-token")
thread = threading.Thread(target=work)
thread.start(); thread.join()
warnings.warn("beware of canary-token")
log.warning("%d", "canary-token")
work()
"""


def test_crashes_warnings_and_wrong_arguments_are_lines_too() -> None:
    said = objects(CRASHES)
    assert [(each["level"], each["logger"]) for each in said] == [
        ("CRITICAL", "crowdhook"),
        ("WARNING", "py.warnings"),
        ("WARNING", "a.place"),
        ("CRITICAL", "crowdhook"),
    ]
    assert "canary" not in json.dumps(said)


@pytest.mark.parametrize(("format", "starts"), [("text", "20"), ("json", '{"time": "20')])
def test_gunicorn_writes_the_same_lines(tmp_path: Path, format: str, starts: str) -> None:
    command = [sys.executable, "-m", "gunicorn", "--config=python:app.web_config", "--bind=127.0.0.1:0"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CROWDHOOK_")}
    env = {**clean, "CROWDHOOK_LOG": format, "CROWDHOOK_DATABASE": str(tmp_path / "crowdhook.db")}
    failed = subprocess.run([*command, "app.web:application()"], cwd=ROOT, env=env, capture_output=True, text=True)
    heads = [line for line in failed.stderr.splitlines() if not line.startswith("    ")]
    lines = [line for line in heads if not line.startswith("A setting is missing")]  # gunicorn prints that, too
    assert len(lines) > 3
    assert all(line.startswith(starts) for line in lines), failed.stderr
    assert "there is no webhook secret" in failed.stderr
