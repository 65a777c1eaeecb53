"""`crowdhook simulator` and `rehearse` with faults, a start and a file of requests, as a person gives them."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from app.cli import main

COMMAND = [sys.executable, "-u", "-c", "from app.cli import main; main()", "simulator", "--port", "0"]
START = datetime(2025, 1, 6, 9, tzinfo=UTC)


def test_a_running_simulator_begins_when_it_should_fails_as_it_should_and_writes_it_down(tmp_path: Path) -> None:
    requests = tmp_path / "requests.jsonl"
    faults = ["--fault", "unavailable,nth=1,retry_after=9", "--fault", "html-page,nth=1"]
    options = ["--start", f"{START:%Y-%m-%dT%H:%M:%S}", "--requests", str(requests), *faults]
    with subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        url = line.partition('url="')[2].partition('"')[0]
        assert "page: /   histories: /history, /history/requests   " in line
        assert httpx.get(url).status_code == httpx.get(f"{url}/history").status_code == 200
        headers = {"Authorization": "OAuth canary"}
        answers = [httpx.get(f"{url}/api/v1/requester", headers=headers) for _ in range(3)]
        process.terminate()
        log = process.stderr.read()
    assert [each.status_code for each in answers] == [503, 502, 200]
    assert answers[0].headers["Retry-After"] == "9"
    assert START <= parsedate_to_datetime(answers[2].headers["Date"]) < START + timedelta(hours=1)
    written = [json.loads(line) for line in requests.read_text(encoding="utf-8").splitlines()]
    assert [line.get("fault") for line in written] == ["unavailable", "html-page", None]
    assert "canary" not in requests.read_text(encoding="utf-8")
    assert "faults that happened: html-page 1, unavailable 1\n" in log


@pytest.mark.parametrize(
    ("command", "options", "told"),
    [
        (
            "simulator",
            ["--fault", "lose=2"],
            "These faults cannot be used: 'lose=2': rate must be a number from 0 to 1",
        ),
        ("simulator", ["--faults", "nowhere.toml"], "nowhere.toml: No such file or directory"),
        ("simulator", ["--requests", "/nowhere/at/all"], "/nowhere/at/all: No such file or directory"),
        (
            "simulator",
            ["--requests", "a/../b", "--state", "b"],
            "These options do not go together: --state and --requests with the same file, a/../b.",
        ),
        ("simulator", ["--speed", "1e9"], "above 0 and at most 10000 platform seconds a second: --speed 1e+09"),
        ("simulator", ["--speed", "nan"], "above 0 and at most 10000 platform seconds a second: --speed nan"),
        ("simulator", ["--instant", "--speed", "60"], "These options do not go together: --instant and --speed."),
        ("simulator", ["--start", "2999-01-01"], "Platform time cannot start later than now"),
        ("simulator", ["--accuracy", "nan"], "Invalid value for '--accuracy': nan is not a number to count with."),
        ("rehearse", ["image-segmentation", "--cap", "inf"], "'--cap': inf is not a number to count with."),
        ("rehearse", ["image-segmentation", "--faults", __file__], f"{__file__} line 1: "),
        ("rehearse", ["image-segmentation", "--faults", "nowhere.toml"], "nowhere.toml: No such file or directory"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(command: str, options: list[str], told: str) -> None:
    result = CliRunner().invoke(main, [command, *options])
    assert (result.exit_code, told in result.output, len(result.output.splitlines())) == (2, True, 1), result.output
