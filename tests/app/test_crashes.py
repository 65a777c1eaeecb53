"""Whatever is killed, repeated or shuffled, the same seed gives the same world: byte for byte."""

import json
from pathlib import Path

import pytest
from calm import FULL, SEED, Calm, mortal_worker, options
from mortal import deaths, diary

from app.segmentation import rehearse

HERE = Path(__file__).parent
STEPS = ("claimed", "decided", "sent", "applied", "settled")
KINDS = ("ask", "accept", "reject")
pytestmark = pytest.mark.soak


def world(out: Path) -> str:
    return (out / "world.jsonl").read_text(encoding="utf-8")


def fatal_steps(folder: Path) -> list[tuple[str, str, str]]:
    """Choose, for each step and kind, a moment of the undisturbed run: (step, kind, key of an event or decision)."""
    chosen: dict[tuple[str, str], str] = {}
    claimed: list[str] = []
    for entry in diary(folder):
        if entry["name"] == "claimed":
            claimed = entry["keys"]
        for kind in set(entry["kinds"]) & set(KINDS):
            if entry["name"] == "decided":
                chosen.setdefault(("claimed", kind), claimed[0])
            own = "ask" if kind == "ask" else "verdict"
            chosen.setdefault((entry["name"], kind), next(key for key in entry["keys"] if key.startswith(own)))
    return [(name, kind, key) for (name, kind), key in chosen.items()]


def test_a_worker_killed_at_every_step_of_every_kind_changes_nothing(full: Calm, tmp_path: Path) -> None:
    folder, out = tmp_path / "diary", tmp_path / "out"
    folder.mkdir()
    fatal = fatal_steps(full.diary)
    (folder / "plan.json").write_text(json.dumps(fatal))
    done = rehearse(options(out, worker=mortal_worker(folder), **FULL))
    killed = deaths(folder)
    print("\nkilled at:", *killed, sep="\n  ")
    assert killed == sorted(f"{step}-{kind}" for step in STEPS for kind in KINDS)
    assert done.summary["one_verdict_each"]
    assert world(out) == world(full.out)


def test_a_receiver_killed_under_load_changes_nothing(
    calm: Calm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = tmp_path / "deaths", tmp_path / "out"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.setenv("MORTAL_FOLDER", str(folder))
    done = rehearse(options(out, web="mortal_web:application()", repeat=True))
    killed = deaths(folder)
    print("\nkilled:", *killed, sep="\n  ")
    assert len(killed) >= 4
    assert {death.split("-")[0] for death in killed} == {"before", "after"}
    assert done.summary["one_verdict_each"]
    assert world(out) == world(calm.out)


def test_notifications_sent_twice_and_shuffled_change_nothing(full: Calm, tmp_path: Path) -> None:
    done = rehearse(options(tmp_path, repeat=True, shuffle=True, **FULL))
    told = done.summary["notifications"]
    print("\n", told)
    assert told["displaceable"] > 20
    assert told["displaced"] >= told["displaceable"] / 2
    assert told["repeated"] == told["sent"] / 2
    assert world(tmp_path) == world(full.out)


def test_the_same_seed_is_the_same_world_and_another_is_another(calm: Calm, tmp_path: Path) -> None:
    again, other = tmp_path / "again", tmp_path / "other"
    rehearse(options(again))
    rehearse(options(other, seed=SEED + 1))
    assert world(again) == world(calm.out)
    assert world(other) != world(calm.out)


def test_lost_notifications_are_found_by_the_reconciler(tmp_path: Path) -> None:
    done = rehearse(options(tmp_path, lose=0.2))
    summary = done.summary
    print("\n", summary["notifications"], summary["images"])
    assert summary["notifications"]["lost"] > 10
    assert summary["images"].get("pending", 0) == 0
    assert summary["one_verdict_each"]
    assert all(set(states) <= {"done"} for states in summary["decisions"].values())
