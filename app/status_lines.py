"""A status as a person reads it: the worrying first, then groups of lines, within 80 columns."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from app.run_status import RunStatus, Spending
from app.worries import Weight, Worry, moment

NAME_COLUMNS, MOST_NAME_COLUMNS = 18, 32
MOST_LINES = 5  # of a list that may be long
COLOURS = {Weight.STOPS: "bold red", Weight.WAITS: "yellow"}

Line = tuple[str, str]  # a name and what is to be said
Group = tuple[str, Iterable[Line]]  # with a title; one without lines is not shown


def show(console: Console, told: RunStatus, worries: Iterable[Worry], groups: Iterable[Group]) -> None:
    """Print a status."""
    console.print(f"[bold]{told.pipeline}[/bold], run {told.run}, {moment(told.now)}")
    for worry in worries:
        console.print(Padding(Text(f"! {worry.text}", style=COLOURS[worry.weight]), (0, 0, 0, 1)))
    for title, lines in groups:
        _group(console, title, lines)


def last_groups(told: RunStatus) -> Iterator[Group]:
    """Yield what every status ends with."""
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


def spending_lines(spending: Spending) -> Iterator[Line]:
    """Yield what a person allowed a run to spend, and what came of it."""
    if spending.state:
        yield "run", spending.state
    if spending.cap is not None:
        daily = "" if spending.daily_cap is None else f", {spending.daily_cap:.2f} a day"
        purse = spending.purse
        yield "cap", f"{spending.cap:.2f}{daily}: {purse.paid:.2f} paid, at most {purse.in_flight:.2f} in flight"
    if spending.waiting:
        why = f", held back: {spending.held_back}" if spending.held_back else ""
        yield "waiting to be asked", f"{spending.waiting}{why}"


def pool_lines(told: RunStatus) -> Iterator[Line]:
    """Yield how the pools stand."""
    for pool in told.pools:
        reason = f" ({pool.close_reason}, {moment(pool.since)})" if pool.since is not None else ""
        yield pool.role, f"{pool.pool_id} {pool.status}{reason}"


def _astray(told: RunStatus) -> Iterator[Line]:
    for each in told.astray[:MOST_LINES]:
        yield f"{each.kind} {each.state}", f"{each.about}: {each.reason}"
    yield from _others(len(told.astray))


def _drift(told: RunStatus) -> Iterator[Line]:
    for each in told.drift[:MOST_LINES]:
        yield each.what, f"{each.declared} -> {each.found}; {each.advice}"
    yield from _others(len(told.drift))
    if told.drift and told.audited is not None:
        yield "", f"as of {moment(told.audited)}"


def _others(number: int) -> Iterator[Line]:
    if number > MOST_LINES:
        yield "", f"and {number - MOST_LINES} more (--json lists all)"
