"""`crowdhook rehearse image-classification` as a person sees it: a live line, and what came out."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.classification import Classified, Options, rehearse
from app.keep_up import keep_up
from app.labelling import Doubt
from app.orders import values_of
from app.rehearsal import Stage

LOOK_SECONDS = 1.0


def run(serve: bool, file: Path | None, values: Sequence[str], **chosen: Any) -> None:
    """Rehearse once and say what came out; with `serve`, keep the pages up afterwards."""
    console = Console()
    given = {name: value for name, value in chosen.items() if value is not None}
    options = Options(**given, settings=values_of(file, values), console=console)
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
    ) as progress:
        rehearse(
            options,
            Line(progress).look,
            lambda text: _note(console, text),
            lambda at, done: _end(progress, at, done, serve),
        )


def _end(progress: Progress, at: Stage, done: Classified, serve: bool) -> None:
    progress.stop()
    tell(progress.console, done)
    if serve:
        keep_up(progress.console, at)


def _note(console: Console, text: str) -> None:
    console.print(f"Note: {text}", highlight=False, markup=False, soft_wrap=True)


class Line:
    """The live line: pages of training, exam and work, and what they cost."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.task, self.shown_at = progress, progress.add_task("starting"), 0.0

    def look(self, at: Stage) -> None:
        """Show how far it is, once a second."""
        if time.monotonic() < self.shown_at + LOOK_SECONDS:
            return
        self.shown_at = time.monotonic()
        pools = at.world.state.pools
        pages = ", ".join(f"{len(pools[id].assignment_ids)} {role}" for role, id in at.running.pool_ids.items())
        text = f"${sum(at.world.spent_by_pool().values()):.2f} pages: {pages}"
        self.progress.update(self.task, description=text)
        if not self.progress.console.is_terminal:
            self.progress.console.print(text, soft_wrap=True)


def tell(console: Console, done: Classified) -> None:
    """Print the summary and where the files are."""
    summary = done.summary
    table = Table(title="What came out", show_header=False)
    for name in ("images", "labelled", "undecided", "left_out", "platform_hours", "machine_seconds", "ticks"):
        table.add_row(name.replace("_", " "), str(summary[name]))
    table.add_row("people", ", ".join(f"{count} {role}" for role, count in summary["people"].items()))
    if "exam" in summary:
        table.add_row("exam", f"{summary['exam']['passed']} passed, {summary['exam']['failed']} failed")
    for why, count in Counter(each["why"] for each in summary["bans"]).items():
        table.add_row("banned", f"{count}: {why}")
    table.add_row("hours by stage", ", ".join(f"{role} {hours}" for role, hours in summary["hours"].items()))
    table.add_row("money, fee included", ", ".join(f"{role} ${cost:.2f}" for role, cost in summary["money"].items()))
    if summary["faults"]:
        table.add_row("faults", ", ".join(f"{count} {kind}" for kind, count in summary["faults"].items()))
    if summary["controls"]["answers"]:
        table.add_row("control answers", f"{summary['controls']['right']} of {summary['controls']['answers']} right")
    for method, told in summary["accuracy"].items():
        right = "" if told["accuracy"] is None else f"{100 * told['accuracy']:.2f} % right, "
        table.add_row(method, f"{right}{told['undecided']} undecided")
    console.print(table)
    if summary["unfinished"]:
        _note(console, f"nobody is left for {summary['unfinished']} images that lack answers: more --performers")
    for each in summary["controls"]["doubted"]:
        console.print(f"Control task: {Doubt(**each)}", highlight=False, markup=False, soft_wrap=True)
    for path in done.files:
        console.print(f"  {path}", highlight=False, soft_wrap=True)
