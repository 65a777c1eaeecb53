"""From an empty folder to accepted images, by the script that the documentation shows."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from deployment import free_port

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "docs/examples/go_live.sh"
SECONDS = 400.0  # it takes about one minute on a quiet machine


def test_the_script_in_the_guide_is_the_file() -> None:
    guide = (ROOT / "docs/going-live.md").read_text(encoding="utf-8")
    assert f"<!-- docs/examples/go_live.sh -->\n```sh\n{SCRIPT.read_text(encoding='utf-8')}```" in guide


@pytest.mark.soak
def test_the_script_goes_from_an_empty_folder_to_accepted_images(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    programs = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}"}
    done = subprocess.run(
        ["bash", str(SCRIPT), str(free_port()), str(free_port())],
        cwd=tmp_path,
        env=clean | programs,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    for words in (
        "All 7 work.",
        "started, with $5.00 to spend",
        "Money, in dollars",
        "image-segmentation, run main: stopped",
    ):
        assert words in done.stdout
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    ended = Counter(each["status"] for each in results["images"])
    assert (ended["accepted"] >= 5, ended["pending"], ended.total()) == (True, 0, 8), ended
    assert len(results["annotations"]) > 0
    assert (tmp_path / "crowdhook.keyring").stat().st_mode & 0o077 == 0
