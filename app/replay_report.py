"""What a replay came to, rule by rule: shares with their intervals, votes, money; as a table and as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil, isfinite
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from app.quality import Share
from app.replay import Ending, Replayed
from app.replay_plot import Panel, draw
from app.replay_votes import RecordedPage, Truth, read_truth, read_votes
from app.rival_policies import RULES
from handlers.verdict import Policy
from store.errors import CrowdhookError

CAPTION = "Below each share: its 95 % interval, in percent."
SHORT = " Short: held, more votes were wanted than recorded."
TITLE = "{:,} recorded pages through each rule (bars: 95 % intervals)"


class WrongReward(CrowdhookError):
    """A reward is a number of dollars a page, at least 0:"""


@dataclass(frozen=True, slots=True)
class Prices:
    """What verification costs: dollars a page of so many questions, and the platform's fee as a share of them."""

    reward: float = 0.01
    questions_a_page: int = 10
    fee: float = 0.3

    def __post_init__(self) -> None:
        if not (isfinite(self.reward) and self.reward >= 0):
            raise WrongReward(str(self.reward))

    def cost(self, votes: int) -> float:
        """Dollars for so many votes on full pages, fee included."""
        return ceil(votes / self.questions_a_page) * self.reward * (1 + self.fee)


@dataclass(frozen=True, slots=True)
class Score:
    """What one rule made of the pages; what is measured against the truth is None where nobody knows it."""

    rule: str
    paid: Share
    refused: Share
    held: Share
    short: int  # held pages on which the rule wanted votes that nobody recorded
    votes: int
    votes_per_question: float
    cost: float  # dollars
    wrongly_refused: Share | None = None  # of the good pages
    wrongly_paid: Share | None = None  # of the others


@dataclass(frozen=True, slots=True)
class Report:
    """The scores of all rules on the same pages, and what they were reckoned with."""

    pages: int
    questions: int
    recorded: int  # votes in the file
    good: int | None  # pages of which enough tasks are right to be paid; None: the truth is not known
    policy: Policy
    prices: Prices
    scores: tuple[Score, ...]


def run(
    votes: Path, truth: Path | None, tasks_per_page: int | None, reward: float, out: Path, policy: Mapping[str, Any]
) -> None:
    """Replay the files through every rule, print the table, write `policy.json` and `policy.png` into `out`."""
    rules, prices = Policy(**policy), Prices(reward)
    pages = read_votes(votes, tasks_per_page)
    report = compare(pages, rules, prices, read_truth(truth, pages) if truth else None)
    console = Console()
    console.print(table(report))
    for path in write(report, out):
        console.print(f"  {path}", highlight=False, markup=False, soft_wrap=True)


def compare(pages: Sequence[RecordedPage], policy: Policy, prices: Prices, truth: Truth | None = None) -> Report:
    """Replay the pages through every rule; `truth` knows each task of theirs."""
    good = None if truth is None else good_pages(pages, truth, policy)
    questions = sum(len(page.tasks) for page in pages)
    return Report(
        pages=len(pages),
        questions=questions,
        recorded=sum(len(task.votes) for page in pages for task in page.tasks),
        good=None if good is None else len(good),
        policy=policy,
        prices=prices,
        scores=tuple(_score(name, rule(pages, policy), questions, prices, good) for name, rule in RULES.items()),
    )


def good_pages(pages: Sequence[RecordedPage], truth: Truth, policy: Policy) -> frozenset[str]:
    """The names of the pages that deserve pay: at least `accept_at` of their tasks are right."""
    right = {page.name: sum(truth[page.name, task.name] for task in page.tasks) for page in pages}
    return frozenset(page.name for page in pages if right[page.name] >= policy.need(len(page.tasks)))


def table(report: Report) -> Table:
    """The report as a person reads it on a terminal of 80 columns; below a share is its 95 % interval."""
    known = "" if report.good is None else f", {report.good:,} of them good"
    title = f"{report.pages:,} pages{known}; {report.questions:,} questions, {report.recorded:,} recorded votes"
    caption = CAPTION + (SHORT if any(score.short for score in report.scores) else "")
    drawn = Table("rule", title=title, caption=caption, show_lines=True)
    for name in (*_chosen(report.scores[0]), "votes per question", "cost"):
        drawn.add_column(name, justify="right")
    for score in report.scores:
        drawn.add_row(score.rule, *_cells(score))
    return drawn


def write(report: Report, out: Path) -> tuple[Path, Path]:
    """Write `policy.json` (docs/policy.md says what each field means) and `policy.png` into the folder."""
    out.mkdir(parents=True, exist_ok=True)
    numbers, picture = out / "policy.json", out / "policy.png"
    numbers.write_text(json.dumps(as_json(report), indent=2) + "\n", encoding="utf-8")
    draw(panels(report), [score.rule for score in report.scores], TITLE.format(report.pages), picture)
    return numbers, picture


def as_json(report: Report) -> dict[str, Any]:
    """Return the content of `policy.json`."""
    return {
        "pages": report.pages,
        "questions": report.questions,
        "recorded_votes": report.recorded,
        "good_pages": report.good,
        "policy": asdict(report.policy),
        "prices": asdict(report.prices),
        "rules": [_score_as_json(score) for score in report.scores],
    }


def panels(report: Report) -> list[Panel]:
    """What is drawn side by side: the shares that matter most, and the votes that they cost."""
    shares: dict[str, list[Share]] = {}
    for score in report.scores:
        for name, share in _chosen(score).items():
            shares.setdefault(f"{name.capitalize()} (of {share.total:,})", []).append(share)
    votes = tuple((score.votes_per_question,) * 3 for score in report.scores)
    words = tuple(f"{score.votes_per_question:.2f}, ${score.cost:,.2f}" for score in report.scores)
    drawn = [Panel.of_shares(title, each) for title, each in shares.items()]
    return [*drawn, Panel("Votes per question, and cost", votes, words)]


def _chosen(score: Score) -> dict[str, Share]:
    """Return the shares that a person is shown, by what they say: the errors where the truth is known."""
    if score.wrongly_refused is None or score.wrongly_paid is None:
        return {"pages paid": score.paid, "pages refused": score.refused, "pages held": score.held}
    return {"good refused": score.wrongly_refused, "bad paid": score.wrongly_paid, "pages held": score.held}


def _score(name: str, ended: Sequence[Replayed], questions: int, prices: Prices, good: frozenset[str] | None) -> Score:
    votes = sum(page.votes for page in ended)
    against: dict[str, Share] = {}
    if good is not None:
        against["wrongly_refused"] = _share([page for page in ended if page.page in good], Ending.REFUSED)
        against["wrongly_paid"] = _share([page for page in ended if page.page not in good], Ending.PAID)
    return Score(
        rule=name,
        paid=_share(ended, Ending.PAID),
        refused=_share(ended, Ending.REFUSED),
        held=_share(ended, Ending.HELD),
        short=sum(page.short for page in ended),
        votes=votes,
        votes_per_question=votes / questions,
        cost=prices.cost(votes),
        **against,
    )


def _share(pages: Sequence[Replayed], ending: Ending) -> Share:
    return Share(sum(page.ending is ending for page in pages), len(pages))


def _cells(score: Score) -> list[str]:
    paid, refused, held = (_cell(share) for share in _chosen(score).values())
    short = f"\n{score.short} short" if score.short else ""
    return [paid, refused, held + short, f"{score.votes_per_question:.2f}", f"${score.cost:,.2f}"]


def _cell(share: Share) -> str:
    if share.value is None:
        return "–"
    low, high = share.interval
    return f"{100 * share.value:.2f} %\n{100 * low:.2f}–{100 * high:.2f}"


def _score_as_json(score: Score) -> dict[str, Any]:
    return {
        "rule": score.rule,
        "paid": _share_as_json(score.paid),
        "refused": _share_as_json(score.refused),
        "held": _share_as_json(score.held),
        "held_for_want_of_votes": score.short,
        "wrongly_refused": _share_as_json(score.wrongly_refused),
        "wrongly_paid": _share_as_json(score.wrongly_paid),
        "votes": score.votes,
        "votes_per_question": round(score.votes_per_question, 4),
        "cost": round(score.cost, 4),
    }


def _share_as_json(share: Share | None) -> dict[str, Any] | None:
    if share is None:
        return None
    low, high = share.interval
    value = None if share.value is None else round(share.value, 5)
    return {"value": value, "count": share.count, "of": share.total, "low": round(low, 5), "high": round(high, 5)}
