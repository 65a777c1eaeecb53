"""What a replay reports: counts against the truth, money, files."""

import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from PIL import Image
from recorded import page
from rich.console import Console

from app.quality import Share, wilson
from app.replay_report import Prices, Report, WrongReward, as_json, compare, good_pages, table, write
from app.replay_votes import read_truth, read_votes
from handlers.verdict import Policy

ROOT = Path(__file__).parent.parent.parent
DOCS = (ROOT / "docs/policy.md").read_text(encoding="utf-8")
POLICY = Policy()
YES, NO = "+ + + + + + +", "- - - - - - -"
PAGES = [
    page(YES, name="good, paid"),
    page(NO, name="good, refused"),
    page(YES, name="bad, paid"),
    page(NO, name="bad, refused"),
    page("+ - + - + - +", name="bad, held"),
]
TRUTH = {(each.name, "t0"): each.name.startswith("good") for each in PAGES}


def printed(report: Report, width: int = 80) -> str:
    paper = StringIO()
    Console(width=width, file=paper).print(table(report))
    return paper.getvalue()


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made-up")
    make_up(out)
    return out


def make_up(out: Path, *options: str) -> None:
    command = [sys.executable, "-m", "benchmarks.policy_votes", "--out", str(out), *options]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def test_errors_are_counted_among_the_pages_that_can_have_them() -> None:
    report = compare(PAGES, POLICY, Prices(), TRUTH)
    ours = report.scores[0]
    assert (report.pages, report.questions, report.recorded, report.good) == (5, 5, 35, 2)
    assert (ours.paid, ours.refused, ours.held) == (Share(2, 5), Share(2, 5), Share(1, 5))
    assert (ours.wrongly_refused, ours.wrongly_paid) == (Share(1, 2), Share(1, 3))
    assert ours.votes == 3 + 4 + 3 + 4 + 7
    assert ours.votes_per_question == 21 / 5


def test_a_page_is_good_when_enough_of_its_tasks_are_right() -> None:
    pages = [page(YES, YES, YES, YES, YES, name=name) for name in ("4 of 5", "3 of 5")]
    truth = {(each.name, f"t{at}"): at < int(each.name[0]) for each in pages for at in range(5)}
    assert good_pages(pages, truth, POLICY) == {"4 of 5"}
    assert good_pages(pages, truth, Policy(accept_at=0.6)) == {"4 of 5", "3 of 5"}


def test_verification_is_paid_by_full_pages_and_fee() -> None:
    assert Prices(0.02).cost(21) == pytest.approx(3 * 0.02 * 1.3)
    assert Prices().cost(0) == 0


@pytest.mark.parametrize("reward", [-0.01, float("nan"), float("inf")])
def test_a_reward_that_is_no_price_is_named(reward: float) -> None:
    with pytest.raises(WrongReward, match=str(reward)):
        Prices(reward)


def test_without_truth_nothing_is_said_of_errors(tmp_path: Path) -> None:
    report = compare(PAGES, POLICY, Prices())
    content = as_json(report)
    assert content["good_pages"] is None
    assert {(rule["wrongly_refused"], rule["wrongly_paid"]) for rule in content["rules"]} == {(None, None)}
    text = printed(report)
    assert "pages paid" in text
    assert "good" not in text


def test_the_table_fits_a_terminal_and_has_every_rule_with_its_intervals() -> None:
    report = compare(PAGES, POLICY, Prices(), TRUTH)
    text = printed(report)
    assert max(map(len, text.splitlines())) <= 80
    low, high = wilson(1, 3)
    assert f"{100 * low:.2f}–{100 * high:.2f}" in text
    assert "5 pages, 2 of them good" in text
    assert "Short" not in text


def test_pages_held_for_want_of_votes_are_counted_apart() -> None:
    report = compare([page("+ +", name="a"), page(YES, name="b")], POLICY, Prices())
    assert report.scores[0].held == Share(1, 2)
    assert report.scores[0].short == 1
    text = printed(report)
    assert "1 short" in text
    assert "Short: held" in text


def test_the_files_hold_what_the_documentation_says(tmp_path: Path) -> None:
    report = compare(PAGES, POLICY, Prices(), TRUTH)
    numbers, _ = write(report, tmp_path / "new" / "folder")
    content = json.loads(numbers.read_text(encoding="utf-8"))
    assert content == as_json(report)
    names = {*content, *content["rules"][0], *content["rules"][0]["held"]}
    assert {name for name in names if f"`{name}`" not in DOCS} == set()
    assert content["rules"][0]["wrongly_refused"] == {
        "value": 0.5,
        "count": 1,
        "of": 2,
        "low": 0.09453,
        "high": 0.90547,
    }


@pytest.mark.parametrize("truth", [TRUTH, None, dict.fromkeys(TRUTH, True)])
def test_the_picture_is_drawn_also_where_a_share_is_of_nothing(
    truth: dict[tuple[str, str], bool] | None, tmp_path: Path
) -> None:
    _, picture = write(compare(PAGES, POLICY, Prices(), truth), tmp_path)
    with Image.open(picture) as image:
        assert image.format == "PNG"
        assert image.width > 1500
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or []}
    assert {(11, 122, 75), (93, 107, 122)} <= colours


def test_made_up_votes_are_the_same_each_time_and_as_stated(made_up: Path, tmp_path: Path) -> None:
    make_up(tmp_path)
    assert (tmp_path / "votes.csv").read_bytes() == (made_up / "votes.csv").read_bytes()
    pages = read_votes(made_up / "votes.csv", tasks_per_page=5)
    right = list(read_truth(made_up / "truth.csv", pages).values())
    assert len(pages) == 1000
    assert {len(task.votes) for each in pages for task in each.tasks} == {7}
    assert sum(right) / len(right) == pytest.approx(0.8, abs=0.02)


def test_the_table_in_the_documentation_is_what_anybody_gets(made_up: Path) -> None:
    pages = read_votes(made_up / "votes.csv")
    report = compare(pages, POLICY, Prices(), read_truth(made_up / "truth.csv", pages))
    assert len(report.scores) == 5
    for score in report.scores:
        assert score.wrongly_refused is not None
        assert score.wrongly_paid is not None
        shares = " | ".join(written(share) for share in (score.wrongly_refused, score.wrongly_paid, score.held))
        row = f"| {score.rule} | {shares} | {score.votes_per_question:.2f} | ${score.cost:.2f} |"
        assert re.search(rf"^{re.escape(row)}$", DOCS, re.MULTILINE), row


def written(share: Share) -> str:
    low, high = share.interval
    return f"{100 * (share.value or 0.0):.2f} % ({100 * low:.2f}–{100 * high:.2f})"
