"""The entry that gunicorn loads: light, closed without a secret, and as the Procfile says."""

import os
import subprocess
import sys
from pathlib import Path

from app.config import Settings
from app.web_config import gunicorn_command

ROOT = Path(__file__).parents[2]
HEAVY = (
    "toloka",
    "pandas",
    "numpy",
    "sqlite_utils",
    "crowdkit",
    "boto3",
    "botocore",
    "handlers",
    "simulator",
    "store.migrations",
)


def python(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CROWDHOOK", "TOLOKA"))}
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=ROOT, env=clean | environment, capture_output=True, text=True, timeout=60)


def test_it_imports_nothing_heavy() -> None:
    done = python("import sys, app.web; print(*sys.modules)")
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "webhooks.web" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_without_a_secret_it_says_what_to_set() -> None:
    done = python("import app.web; app.web.application()")
    assert done.returncode != 0
    assert "CROWDHOOK_WEBHOOK_SECRETS" in done.stderr.splitlines()[-1]


def test_a_secret_never_shows(tmp_path: Path) -> None:
    secret = "do not show this to anybody"
    script = "import app.web; print(vars(app.web.application()))"
    path = str(tmp_path / "crowdhook.db")
    done = python(script, CROWDHOOK_WEBHOOK_SECRETS=f"main:{secret}", CROWDHOOK_DATABASE=path)
    assert done.returncode == 0, done.stderr
    assert secret not in done.stdout + done.stderr


def test_the_procfile_starts_the_same_server() -> None:
    web, worker = (ROOT / "Procfile").read_text().splitlines()
    command = gunicorn_command(Settings(host="0.0.0.0", port=5000))
    ours = " ".join(["python", *command[1:-1], f'"{command[-1]}"'])
    assert web.replace("${PORT:-8080}", "5000") == f"web: {ours}"
    assert worker == "worker: crowdhook work"


def test_an_address_of_ipv6_is_written_in_brackets() -> None:
    assert "--bind=[::1]:8080" in gunicorn_command(Settings(host="::1"))
