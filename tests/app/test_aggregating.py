"""`crowdhook aggregate` where Toloka is asked: who is banned, and what its own aggregation says."""

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sorting import MAIN, Sorted
from told_toloka import Answers, Told, told

from app.cli import main

ACCOUNT = {"GET /requester": (200, {"id": "acme", "balance": 10.0, "public_name": {}})}
PLATFORM = "platform:DAWID_SKENE"
STARTED = "POST /aggregated-solutions/aggregate-by-pool"


def operation(status: str) -> dict[str, Any]:
    return {"id": "op-1", "type": "SOLUTION.AGGREGATE", "status": status, "parameters": {"pool_id": MAIN}}


def solution(task: str, label: str, confidence: float) -> dict[str, Any]:
    return {"pool_id": MAIN, "task_id": task, "confidence": confidence, "output_values": {"result": label}}


AGGREGATED: Answers = {
    **ACCOUNT,
    STARTED: (202, operation("RUNNING")),
    "GET /operations/op-1": (200, operation("SUCCESS")),
    "GET /aggregated-solutions/op-1": (
        200,
        {
            "items": [solution("t-a", "cat", 0.9), solution("t-known", "dog", 0.8), solution("t-z", "emu", 0.7)],
            "has_more": False,
        },
    ),
}
BANNED: Answers = {
    **ACCOUNT,
    f"GET /pools/{MAIN}": (200, {"id": MAIN, "project_id": "9", "private_name": "x"}),
    "GET /user-restrictions": (
        200,
        {
            "items": [
                {"id": "1", "scope": "PROJECT", "project_id": "9", "user_id": "bob", "created": "2024-01-01T00:00:00"},
                {"id": "2", "scope": "POOL", "pool_id": "404", "user_id": "ann", "created": "2024-01-01T00:00:00"},
            ],
            "has_more": False,
        },
    ),
}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Three performers on tasks `a` and `b`, and on a control task."""
    made = Sorted(tmp_path)
    made.ask(["a", "b"], {"known": "dog"})
    made.say([(item, who, "dog" if item == "known" else "cat") for item in ("a", "known") for who in ("ann", "bob")])
    made.say([("b", "eve", "dog"), ("a", "eve", "dog")])
    made.store.close()
    return made.database


def aggregate(database: Path, toloka: Told, out: Path, *options: str) -> Result:
    env: dict[str, str | None] = {name: None for name in os.environ if name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    env |= {"CROWDHOOK_DATABASE": str(database), "TOLOKA_TOKEN": "token", "TOLOKA_ENVIRONMENT": toloka.url}
    return CliRunner().invoke(main, ["aggregate", "sorting", "--out", str(out), *options], env=env)


def labels(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["task"]: row["label"] for row in csv.DictReader(file)}


def test_answers_of_performers_who_are_banned_are_left_out(database: Path, tmp_path: Path) -> None:
    with told(BANNED) as toloka:
        result = aggregate(database, toloka, tmp_path / "out", "--method", "MajorityVote", "--without-banned")
    assert result.exit_code == 0, result.output
    assert "2 of banned performers left out" in result.stdout
    assert labels(tmp_path / "out" / "labels-MajorityVote.csv") == {"t-a": "cat", "t-b": "dog"}
    content = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert (content["answers"], content["answers_of_banned"], content["performers"]) == (4, 2, 2)
    assert content["methods"][0]["undecided"]["count"] == 1


def test_where_everybody_is_banned_there_is_nothing(database: Path, tmp_path: Path) -> None:
    everybody = {"id": "1", "scope": "ALL_PROJECTS", "created": "2024-01-01T00:00:00"}
    items = [everybody | {"user_id": who} for who in ("ann", "bob", "eve")]
    with told({**BANNED, "GET /user-restrictions": (200, {"items": items, "has_more": False})}) as toloka:
        result = aggregate(database, toloka, tmp_path / "out", "--without-banned")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "all 6" in result.stderr
    assert not (tmp_path / "out").exists()


def test_the_platforms_labels_stand_beside_ours(database: Path, tmp_path: Path) -> None:
    with told(AGGREGATED) as toloka:
        result = aggregate(database, toloka, tmp_path / "out", "--method", PLATFORM, "--method", "MajorityVote")
    assert result.exit_code == 0, result.output
    assert labels(tmp_path / "out" / "labels-platform-DAWID_SKENE.csv") == {"t-a": "cat", "t-z": "emu"}
    theirs, ours = json.loads((tmp_path / "out" / "comparison.json").read_text())["methods"]
    assert (theirs["method"], theirs["right_on_controls"]["count"], theirs["right_on_controls"]["of"]) == (
        PLATFORM,
        1,
        1,
    )
    assert (theirs["labelled"]["count"], theirs["labelled"]["of"]) == (1, 2)
    assert (theirs["overlap"], len(ours["overlap"])) == ([], 3)
    store = Sorted(database.parent).store
    assert {method: len(kept) for method, kept in store.labels(MAIN).items()} == {PLATFORM: 2, "MajorityVote": 2}
    store.close()


def test_a_quota_that_is_used_up_is_one_line_and_nothing_is_written(database: Path, tmp_path: Path) -> None:
    quota = {"code": "TOO_MANY_REQUESTS", "message": "too many", "payload": {"interval": "DAY"}, "request_id": "r"}
    with told({**AGGREGATED, STARTED: (429, quota)}) as toloka:
        result = aggregate(database, toloka, tmp_path / "out", "--method", PLATFORM)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "200 a day" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_run_that_ended_before_the_labels_were_read_goes_on_with_the_same_operation(
    database: Path, tmp_path: Path
) -> None:
    broken = {**AGGREGATED, "GET /aggregated-solutions/op-1": (503, {"code": "REMOTE_SERVICE_UNAVAILABLE"})}
    with told(broken) as toloka:
        assert aggregate(database, toloka, tmp_path / "out", "--method", PLATFORM).exit_code == 2
        assert toloka.seen.count(STARTED) == 1
        toloka.answers = AGGREGATED
        result = aggregate(database, toloka, tmp_path / "out", "--method", PLATFORM)
        assert result.exit_code == 0, result.output
        assert toloka.seen.count(STARTED) == 1
