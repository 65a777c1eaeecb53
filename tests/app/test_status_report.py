"""`crowdhook status`: readable in 80 columns, the worrying first, JSON for programs, one line when there is nothing."""

import io
import json
import os
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from calm import Calm
from click.testing import CliRunner, Result
from ledger import CHECKING, OUTLINING, Ledger, accept, ask, outline, vote
from PIL import Image
from rich.console import Console

from app.cli import main
from app.drift import Drift
from app.exports import outlining_run
from app.run_status import Astray
from app.status import Status, status
from app.status_lines import show
from app.status_report import groups
from app.worries import worries
from store.migrations import migrate
from store.records import Binding, Standing
from store.sqlite import SqliteStore


def crowdhook(database: Path, *arguments: str) -> Result:
    clean = {name: None for name in os.environ if name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    return CliRunner().invoke(main, ["status", *arguments], env={**clean, "CROWDHOOK_DATABASE": str(database)})


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert "\n" not in result.stderr.strip()
    for word in words:
        assert word in result.stderr


def print_status(console: Console, told: Status) -> None:
    show(console, told, worries(told), groups(told))


def shown(ledger: Ledger, **more: object) -> str:
    printed = io.StringIO()
    told = status(ledger.store, ledger.running, 100.0)
    print_status(Console(file=printed, width=80, highlight=False), replace(told, **more))
    return printed.getvalue()


def test_a_rehearsed_run_is_told_in_80_columns_with_its_picture(calm: Calm, tmp_path: Path) -> None:
    picture = tmp_path / "progress.png"
    result = crowdhook(calm.out / "crowdhook.db", "image-segmentation", "--fee", "0.3", "--picture", str(picture))
    assert result.exit_code == 0, result.output
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    summary = calm.done.summary
    assert f"{summary['images']['accepted']} accepted" in result.stdout
    assert f"{summary['money']['total']:.2f}" in result.stdout
    with Image.open(picture) as drawn:
        assert drawn.format == "PNG"


def test_json_is_all_of_it(calm: Calm) -> None:
    result = crowdhook(calm.out / "crowdhook.db", "image-segmentation", "--run", "rehearsal", "--json")
    told = json.loads(result.stdout)
    with closing(SqliteStore(calm.out / "crowdhook.db", time.time)) as store:
        stands = status(store, outlining_run(store, "image-segmentation", None), told["now"])
    assert told["images"] == stands.images
    assert told["questions"]["votes"] == stands.questions.votes
    assert [pool["role"] for pool in told["pools"]] == ["outlining", "checking"]


def test_the_worrying_comes_before_the_numbers(tmp_path: Path) -> None:
    astray = tuple(Astray("accept", "conflict", f"a{i}", "the platform shows REJECTED", i) for i in range(7))
    text = shown(Ledger(tmp_path), astray=astray, below_bar=(Standing("v1", good=9, good_right=9, bad=8, bad_right=1),))
    assert text.index("7 decisions did not come to what was decided") < text.index("Progress")
    assert "a4: the platform shows REJECTED" in text
    assert "a5" not in text
    assert "and 2 more" in text
    assert "right about 9 of 9 good outlines, 1 of 8 bad ones" in text


def test_what_changed_on_the_platform_is_told_with_what_to_do(tmp_path: Path) -> None:
    changed = Drift("pool checking: status", "open", "ARCHIVED", 40.0, "set up another run")
    text = shown(Ledger(tmp_path), audited=60.0, drift=(changed,))
    assert "open -> ARCHIVED; set up another run" in text
    assert "as of 1970-01-01 00:01 UTC" in text


def test_colour_says_what_is_worst(tmp_path: Path) -> None:
    ledger, printed = Ledger(tmp_path), io.StringIO()
    told = replace(
        status(ledger.store, ledger.running, 100.0),
        astray=(Astray("accept", "failed", "a1", "no", 1),),
        below_bar=(Standing("v1"),),
    )
    console = Console(file=printed, width=80, highlight=False, force_terminal=True, color_system="standard")
    print_status(console, told)
    lines = printed.getvalue().splitlines()
    assert "\x1b[1;31m" in lines[1]
    assert "\x1b[33m" in lines[2]


def test_what_cannot_be_said_yet_is_said_so(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(ask("x.jpg", "t1"))
    text = shown(ledger)
    assert "nobody can say" in text
    assert "– of 0 votes" in text
    assert "control questions   0.00" in text


def test_refusals_that_wait_say_until_when(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    refusals = status(ledger.store, ledger.running, 100.0).refusals
    waiting = replace(refusals, pending=3, verdicts_to_go=7, quiet_until=86400.0)
    text = " ".join(shown(ledger, refusals=waiting).split())
    assert "3, the first after 7 more verdicts, or on 1970-01-02 00:00 UTC if none comes" in text
    assert "3, the first is due now" in shown(ledger, refusals=replace(waiting, quiet_until=None))


def test_verifiers_who_agree_least_are_named_and_those_who_always_agree_are_not(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.page("a1", outline("x.jpg", "t1"), status="ACCEPTED")
    ledger.record(accept("a1"))
    ledger.votes("v1", vote("a1", "t1"), user_id="ann")
    ledger.votes("v2", vote("a1", "t1", "loose"), user_id="eve")
    text = shown(ledger)
    assert "eve: 0 % of 1 vote" in text
    assert "ann" not in text


def test_a_database_that_is_not_there_empty_or_without_that_run_is_one_line(tmp_path: Path) -> None:
    refused(crowdhook(tmp_path / "nowhere.db", "image-segmentation"), "nowhere.db")
    migrate(tmp_path / "empty.db")
    refused(crowdhook(tmp_path / "empty.db", "image-segmentation"), "none of image-segmentation")
    ledger = Ledger(tmp_path)
    for role, pool_id in (("outlining", OUTLINING), ("checking", CHECKING)):
        ledger.store.bind(Binding("image-segmentation", "autumn", f"pool:{role}", pool_id))
    ledger.store.close()
    refused(crowdhook(tmp_path / "crowdhook.db", "image-segmentation", "--run", "spring"), "spring", "autumn")
    refused(crowdhook(tmp_path / "crowdhook.db", "image-sorting"), "image-sorting")


@pytest.mark.parametrize("name", ["--json", "--picture"])
def test_a_run_that_is_set_up_but_has_no_work_yet_is_told_all_the_same(tmp_path: Path, name: str) -> None:
    ledger = Ledger(tmp_path)
    for role, pool_id in (("outlining", OUTLINING), ("checking", CHECKING)):
        ledger.store.bind(Binding("image-segmentation", "autumn", f"pool:{role}", pool_id))
    ledger.store.close()
    options = [name] if name == "--json" else [name, str(tmp_path / "progress.png")]
    assert crowdhook(tmp_path / "crowdhook.db", "image-segmentation", *options).exit_code == 0
