"""`crowdhook status` as a person reads it: the worrying first, then groups of numbers, within 80 columns."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from app.exports import outlining_run
from app.progress import draw
from app.status import Refusals, Spending, Status, platform_now, status
from app.voting import Agreement, Questions
from app.worries import Weight, many, moment, worries
from store.sqlite import SqliteStore

NAME_COLUMNS, MOST_NAME_COLUMNS = 18, 32
MOST_LINES = 5  # of a list that may be long
COLOURS = {Weight.STOPS: "bold red", Weight.WAITS: "yellow"}

Line = tuple[str, str]  # a name and what is to be said


def run(
    database: Path,
    pipeline: str,
    name: str | None,
    *,
    as_json: bool = False,
    picture: Path | None = None,
    fee: float = 0.0,
    clock: Callable[[], float] = time.time,
) -> None:
    """Print how a run stands (`name` None: the pipeline's only one), and draw it when a picture is asked for.

    Raises UnknownPipeline, UnknownRun, and what the database raises.
    """
    with closing(SqliteStore(database, clock)) as store:
        running = outlining_run(store, pipeline, name)
        told = status(store, running, platform_now(store, running, clock()), fee=fee)
        if picture is not None:
            draw(store, running, picture, fee=fee)
    if as_json:
        print(json.dumps(asdict(told), indent=2))
    else:
        show(Console(highlight=False), told)


def show(console: Console, told: Status) -> None:
    """Print a status."""
    console.print(f"[bold]{told.pipeline}[/bold], run {told.run}, {moment(told.now)}")
    for worry in worries(told):
        console.print(Padding(Text(f"! {worry.text}", style=COLOURS[worry.weight]), (0, 0, 0, 1)))
    for title, lines in _groups(told):
        _group(console, title, lines)


def _groups(told: Status) -> Iterator[tuple[str, Iterable[Line]]]:
    yield "Progress", _progress(told)
    yield "Verification", _verification(told)
    yield "Refusals", _refusals(told)
    yield "Money, in dollars", _money(told)
    yield "Pools", _pools(told)
    yield "Verifiers below the bar", _below_bar(told)
    yield "Decisions that did not come true", _astray(told)
    yield "Changed on the platform", _drift(told)


def _group(console: Console, title: str, lines: Iterable[Line]) -> None:
    rows = list(lines)
    if not rows:
        return
    table = Table(show_header=False, box=None, padding=(0, 1), title=title, title_justify="left", title_style="bold")
    table.add_column(min_width=NAME_COLUMNS, max_width=MOST_NAME_COLUMNS, style="dim", overflow="fold")
    table.add_column()
    for name, text in rows:
        table.add_row(Text(name), Text(text))
    console.print()
    console.print(table)


def _progress(told: Status) -> Iterator[Line]:
    yield "images", _counted(told.images)
    yield "pages", _counted(told.pages)
    for each in told.rounds:
        yield (
            f"round {each.round}",
            f"{many(each.handed_in, 'outline')} handed in, {_percent(each.share)} of the decided accepted",
        )
    pace = told.pace
    yield "pace", f"{many(pace.finished, 'image')} finished in the last {pace.hours:g} h of platform time"
    if pace.left:
        left = "nobody can say" if pace.hours_left is None else f"about {pace.hours_left:g} h at this rate"
        yield "to completion", left
    if told.deadlines.next_at is not None:
        first = f"the platform pays the first by itself on {moment(told.deadlines.next_at)}"
        yield "undecided pages", f"{told.deadlines.waiting}; {first}"


def _verification(told: Status) -> Iterator[Line]:
    yield "questions", _votes(told.questions)
    if told.controls.asked:
        right = "" if not told.controls.votes else f", {told.controls.right} of {told.controls.votes} right"
        yield "control questions", _votes(told.controls) + right
    fills = (("checking", told.checking_fill), ("outlining", told.outlining_fill))
    yield "full pages", ", ".join(f"{role} {_percent(full)}" for role, full in fills)
    yield "agreement", f"{_agreed(told.agreement)} agree with what was decided"
    least = [each for each in told.agreement_by_verifier if each.agreed < each.votes][:MOST_LINES]
    if least:
        yield "agree least", "\n".join(f"{each.user_id}: {_agreed(each)}" for each in least)


def _refusals(told: Status) -> Iterator[Line]:
    refusals = told.refusals
    yield "gate", refusals.gate
    state = "tripped: all refusals are held" if refusals.tripped else "warns" if refusals.warned else "quiet"
    yield "breaker", f"{state}; {refusals.overturned} of the last refusals overturned by people"
    if refusals.pending:
        yield "not sent yet", f"{refusals.pending}, the first {_when_sent(refusals)}"
    yield "bad paid", refusals.bad_paid


def _when_sent(refusals: Refusals) -> str:
    if refusals.quiet_until is None:
        return "is due now"
    verdicts = many(refusals.verdicts_to_go or 0, "more verdict")
    return f"after {verdicts}, or on {moment(refusals.quiet_until)} if none comes"


def _money(told: Status) -> Iterator[Line]:
    money = told.money
    yield "outlining", f"{money.outlining:.2f} paid, {money.reserved:.2f} reserved for submitted pages"
    yield "checking", f"{money.checking:.2f}"
    yield "control questions", f"{money.controls:.2f}"
    yield "total paid", f"{money.total:.2f}"
    yield from _spending(told.spending)


def _spending(spending: Spending) -> Iterator[Line]:
    if spending.state:
        yield "run", spending.state
    if spending.cap is not None:
        daily = "" if spending.daily_cap is None else f", {spending.daily_cap:.2f} a day"
        purse = spending.purse
        yield "cap", f"{spending.cap:.2f}{daily}: {purse.paid:.2f} paid, at most {purse.in_flight:.2f} in flight"
    if spending.waiting:
        why = f", held back: {spending.held_back}" if spending.held_back else ""
        yield "waiting to be asked", f"{spending.waiting}{why}"


def _pools(told: Status) -> Iterator[Line]:
    for pool in told.pools:
        reason = f" ({pool.close_reason}, {moment(pool.since)})" if pool.since is not None else ""
        yield pool.role, f"{pool.pool_id} {pool.status}{reason}"


def _below_bar(told: Status) -> Iterator[Line]:
    for each in told.below_bar:
        good, bad = f"{each.good_right} of {each.good}", f"{each.bad_right} of {each.bad}"
        yield each.user_id, f"right about {good} good outlines, {bad} bad ones"


def _astray(told: Status) -> Iterator[Line]:
    for each in told.astray[:MOST_LINES]:
        yield f"{each.kind} {each.state}", f"{each.about}: {each.reason}"
    yield from _others(len(told.astray))


def _drift(told: Status) -> Iterator[Line]:
    for each in told.drift[:MOST_LINES]:
        yield each.what, f"{each.declared} -> {each.found}; {each.advice}"
    yield from _others(len(told.drift))
    if told.drift and told.audited is not None:
        yield "", f"as of {moment(told.audited)}"


def _others(number: int) -> Iterator[Line]:
    if number > MOST_LINES:
        yield "", f"and {number - MOST_LINES} more (--json lists all)"


def _votes(asked: Questions) -> str:
    per_question = "" if asked.per_question is None else f", {asked.per_question:.2f} each"
    return f"{asked.asked} asked, {many(asked.votes, 'vote')}{per_question}"


def _agreed(agreement: Agreement) -> str:
    return f"{_percent(agreement.share)} of {many(agreement.votes, 'vote')}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"
