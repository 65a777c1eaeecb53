"""The API fails in every way while a rehearsal goes on: work is done in the end, and nothing is done twice."""

import io
import json
import re
from pathlib import Path

import pytest
from calm import options
from rich.console import Console

from app.rehearsing import tell
from app.segmentation import rehearse
from simulator.faults.answer_faults import ANSWERS
from simulator.faults.file import BadFaults
from simulator.memory.twice import done_twice

KINDS = sorted(set(ANSWERS) - {"no-answer", "slow-drip", "clock-skew"})  # what takes machine time, or another clock
CHANGES, READS = 0.04, 0.002


def disturbed(folder: Path) -> Path:
    """Each kind once among what changes something, and once among what only reads."""
    more = {"too-many-requests": "retry_after = 1", "applied-late": "seconds = 45"}
    faults = [
        f'[[fault]]\nkind = "{kind}"\nrate = {rate}\nmethod = "{method}"\nat_most = 1\nfrom = 1\n{more.get(kind, "")}\n'
        for kind in KINDS
        for method, rate in (("POST|PATCH", CHANGES), ("GET", READS))
    ]
    file = folder / "faults.toml"
    file.write_text("seed = 5\n" + "".join(faults), encoding="utf-8")
    return file


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.soak
def test_a_mix_of_faults_ends_with_one_verdict_a_page_and_nothing_done_twice(tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = rehearse(options(out, limit=4, faults=disturbed(tmp_path)))
    summary, console = made.summary, Console(file=io.StringIO(), width=400)
    tell(console, made)
    assert isinstance(console.file, io.StringIO)
    happened = ", ".join(f"{count} {kind}" for kind, count in summary["faults"].items())
    assert re.search(rf"faults +│ {happened} ", console.file.getvalue())
    print("\n", summary["faults"], summary["images"], summary["decisions"])
    assert len(summary["faults"]) >= 6
    assert summary["images"]["pending"] == 0
    assert summary["one_verdict_each"]
    assert all(set(states) <= {"done"} for states in summary["decisions"].values())
    requests = lines(out / "requests.jsonl")
    assert done_twice(lines(out / "world.jsonl"), requests) == []
    assert sum("fault" in line for line in requests) == sum(summary["faults"].values())


def test_a_bad_file_is_refused_before_anything_is_begun(tmp_path: Path) -> None:
    file = tmp_path / "faults.toml"
    file.write_text('[[fault]]\nkind = "lose"\nrate = 2\n', encoding="utf-8")
    with pytest.raises(BadFaults, match="line 3: rate must be"):
        rehearse(options(tmp_path / "out", faults=file))
    assert not (tmp_path / "out" / "crowdhook.db").exists()
