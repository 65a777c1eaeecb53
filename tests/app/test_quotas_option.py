"""A running simulator counts Toloka's quotas unless it is told not to."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

COMMAND = [sys.executable, "-u", "-c", "from app.cli import main; main()", "simulator", "--port", "0"]


@contextmanager
def running(*options: str) -> Iterator[httpx.Client]:
    with subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().partition('url="')[2].partition('"')[0]
            with httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": "OAuth token"}) as client:
                yield client
        finally:
            process.terminate()


@pytest.mark.parametrize(("options", "beyond"), [((), {429}), (("--no-quotas",), {200, 201})])
def test_requests_of_a_second_and_skills_of_a_minute_are_counted_unless_quotas_are_off(
    options: tuple[str, ...], beyond: set[int]
) -> None:
    """A platform second lasts a thousand of the machine's, so that no machine is too slow."""
    with running("--speed", "0.001", *options) as http:
        made = [http.post("skills", json={"name": f"skill {number}"}).status_code for number in range(11)]
        assert made[:10] == [201] * 10
        assert made[10] in beyond
        asked = [http.get("requester").status_code for _ in range(290)]
        assert asked[:289] == [200] * 289
        assert asked[289] in beyond
