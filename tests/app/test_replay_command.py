"""`crowdhook policy`: a table and two files, or one line that names what is wrong and nothing written."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from handlers.verdict import Policy

VOTES = "page,task,verifier,vote\n" + "".join(f"p,1,v{at},OK\n" for at in range(4))
TRUTH = "page,task,right\np,1,1\n"


def policy(folder: Path, *options: str, votes: str = VOTES, truth: str = TRUTH) -> Result:
    (folder / "votes.csv").write_text(votes)
    (folder / "truth.csv").write_text(truth)
    files = ("--votes", str(folder / "votes.csv"), "--truth", str(folder / "truth.csv"), "--out", str(folder / "out"))
    return CliRunner().invoke(main, ["policy", *files, *options])


def test_a_table_is_printed_and_the_files_are_named(tmp_path: Path) -> None:
    result = policy(tmp_path, "--tasks-per-page", "1", "--reward", "0.02")
    assert result.exit_code == 0, result.output
    for word in ("shipped", "majority of", "platform's", "first task"):
        assert word in result.output
    for name in ("policy.json", "policy.png"):
        assert str(tmp_path / "out" / name) in result.output
        assert (tmp_path / "out" / name).stat().st_size > 0
    content = json.loads((tmp_path / "out" / "policy.json").read_text())
    assert content["rules"][0]["cost"] == 0.026
    assert content["rules"][0]["votes"] == 3


def test_every_number_of_the_policy_can_be_set(tmp_path: Path) -> None:
    options = {option for each in main.commands["policy"].params for option in each.opts}
    assert {f"--{each.name.replace('_', '-')}" for each in fields(Policy)} <= options
    result = policy(tmp_path, "--strict-first-votes", "4", "--accept-at", "0.9")
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "out" / "policy.json").read_text())
    assert content["policy"]["accept_at"] == 0.9
    assert content["rules"][0]["votes"] == 4


@pytest.mark.parametrize(
    ("options", "files", "words"),
    [
        (("--reject-at", "0.8"), {}, ["reject_at", "accept_at"]),
        (("--tasks-per-page", "2"), {}, ["votes.csv line 2", "1 tasks"]),
        (("--reward", "nan"), {}, ["reward", "nan"]),
        (("--votes", "nowhere.csv"), {}, ["nowhere.csv"]),
        ((), {"votes": VOTES.replace("vote\n", "answer\n")}, ["votes.csv line 1", "answer"]),
        ((), {"votes": VOTES + "p,1,v0,BAD\n"}, ["votes.csv line 6", "'v0'", "line 2"]),
        ((), {"votes": VOTES + "p,1,v9,MAYBE\n"}, ["votes.csv line 6", "'MAYBE'"]),
        ((), {"truth": TRUTH + "p,2,1\n"}, ["truth.csv line 3", "'2'"]),
        ((), {"votes": VOTES + "p,2,v0,OK\n"}, ["truth.csv", "'2'", "line 6"]),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(
    options: tuple[str, ...], files: dict[str, str], words: list[str], tmp_path: Path
) -> None:
    result = policy(tmp_path, *options, **files)
    assert result.exit_code == 2, result.output
    assert "\n" not in result.stderr.strip()
    for word in words:
        assert word in result.stderr
    assert not (tmp_path / "out").exists()
