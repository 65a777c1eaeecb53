"""`crowdhook rehearse` as a person sees it: a live line while it runs, a summary at the end, several seeds added up."""

import json
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime
from statistics import fmean
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.classification import PIPELINE as CLASSIFICATION
from app.classifying import run as classify
from app.keep_up import keep_up
from app.pipelines import find
from app.rehearsal import Stage
from app.segmentation import PIPELINE, Options, Rehearsed, rehearse, settings_of
from app.summary import quality
from store.errors import CrowdhookError

SHARES = {
    "images_right": "accepted images that are right",
    "wrong_outlines_paid": "wrong outlines paid",
    "right_outlines_refused": "right outlines refused",
    "good_pages_refused": "good pages refused without a person",
    "bad_pages_paid": "bad pages paid without a person",
    "pages_held": "pages that a person must see",
}
LOOK_SECONDS = 0.25
PRINT_SECONDS = 5.0


class NotRehearsable(CrowdhookError):
    """Only the shipped pipelines can be rehearsed from the command line; this one has no simulated people:"""


def rehearsable(pipeline: str) -> str:
    """Return the name of a pipeline that can be rehearsed; raises UnknownPipeline, NotRehearsable."""
    name = find(pipeline).name
    if name not in (PIPELINE, CLASSIFICATION):
        raise NotRehearsable(pipeline)
    return name


def run(pipeline: str, serve: bool, chosen: dict[str, Any]) -> None:
    """Rehearse a pipeline with the options of its own, and say what came out."""
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _interrupted)
    if pipeline == CLASSIFICATION:
        classify(serve, **chosen)
    else:
        _segment(serve, **chosen)


def _segment(serve: bool, seeds: int, **chosen: Any) -> None:
    """Rehearse once, or once for each of several seeds."""
    console = Console()
    options = Options(**{name: value for name, value in chosen.items() if value is not None})
    for warning in find(PIPELINE).warnings(settings_of(options)):
        console.print(f"Note: {warning}")
    if seeds == 1:
        once(console, options, serve)
    elif serve:
        raise click.UsageError("--serve shows one rehearsal: leave --seeds out.")
    else:
        several(console, options, seeds)


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def once(console: Console, options: Options, serve: bool = False, quiet: bool = False) -> Rehearsed:
    """Rehearse with a live line and say what came out (unless `quiet`); with `serve`, keep the pages up afterwards."""
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
    ) as progress:
        line = Line(progress, options.seed)
        done = rehearse(options, line.look, lambda at, done: _keep_up(progress, at, done) if serve else None)
    if not serve and not quiet:
        tell(console, done)
    return done


def several(console: Console, options: Options, seeds: int) -> None:
    """Rehearse each seed into a folder of its own, add the measures up and write `pooled.json`."""
    runs = []
    for seed in range(options.seed, options.seed + seeds):
        chosen = replace(options, seed=seed, out=options.out / f"seed-{seed}", pictures=False)
        done = once(console, chosen, quiet=True)
        runs.append(done)
        ends = ", ".join(f"{count} {status}" for status, count in done.summary["images"].items() if count)
        console.print(f"seed {seed}: {ends} ({done.summary['machine_seconds']:.0f} s)")
    measures = sum((each.measures for each in runs[1:]), start=runs[0].measures)
    votes = fmean(each.summary["verification"]["votes_per_question"] for each in runs)
    pooled = {
        "seeds": [each.summary["seed"] for each in runs],
        "quality": quality(measures),
        "votes_per_question": round(votes, 3),
        "dollars_a_run": round(fmean(each.summary["money"]["total"] for each in runs), 4),
    }
    path = options.out / "pooled.json"
    path.write_text(json.dumps(pooled, indent=2) + "\n", encoding="utf-8")
    console.print(_quality_table(pooled["quality"], f"{seeds} seeds, added up"))  # type: ignore[arg-type]
    console.print(f"Written: {path}")


class Line:
    """The live line: images, asked, voted, accepted, refused, held, spent."""

    def __init__(self, progress: Progress, seed: int) -> None:
        self.progress = progress
        self.task = progress.add_task(f"seed {seed}: starting")
        self.shown_at = 0.0
        self.outlined = 0

    def look(self, at: Stage) -> None:
        """Show how far it is, a few times a second; where there is no terminal, at the first page and now and then."""
        pause = LOOK_SECONDS if self.progress.console.is_terminal or not self.outlined else PRINT_SECONDS
        if time.monotonic() < self.shown_at + pause:
            return
        count = at.store.tally()
        self.outlined = count[at.running.pool_ids["outlining"]]
        self.shown_at = time.monotonic()
        spent = sum(at.world.spent_by_pool().values())
        clock = datetime.fromtimestamp(at.world.now, UTC).strftime("%d %b %H:%M")
        text = (
            f"{clock} ${spent:.2f} {len(at.plan.items)} images {self.outlined} outlined {count['ask:done']} asked"
            f" {count[at.running.pool_ids['checking']]} voted {count['accept:done']} accepted"
            f" {count['reject:done']} refused {count['hold:done']} held"
        )
        self.progress.update(self.task, description=text)
        if not self.progress.console.is_terminal and self.outlined:
            self.progress.console.print(text, soft_wrap=True)


def tell(console: Console, done: Rehearsed) -> None:
    """Print the summary and where the files are."""
    summary = done.summary
    table = Table(title="What came out", show_header=False)
    for name, text in _lines(summary):
        table.add_row(name, text)
    console.print(table)
    if summary["quality"]["mean_iou"] is not None:
        console.print(_quality_table(summary["quality"], "Against the truth"))
    for path in done.files:
        console.print(f"  {path}", highlight=False, soft_wrap=True)


def _lines(summary: dict[str, Any]) -> list[tuple[str, str]]:
    images, money, verification = summary["images"], summary["money"], summary["verification"]
    recorded, carried = summary["reaction_seconds"]["recorded"], summary["reaction_seconds"]["carried_out"]
    told = summary["notifications"]
    deadline = summary["next_automatic_acceptance"]
    lines = [
        ("images", ", ".join(f"{count} {status}" for status, count in images.items() if count)),
        ("outlining rounds", ", ".join(f"{count} in {rounds}" for rounds, count in summary["rounds"].items())),
        ("verdicts", _verdicts(summary["decisions"])),
        ("money, fee included", ", ".join(f"{role} ${amount:.2f}" for role, amount in money.items())),
        ("platform time", f"{summary['platform_hours']} h in {summary['machine_seconds']} s, {summary['ticks']} ticks"),
        ("refusals", summary["refusals"]["gate"]),
        ("bad work paid", summary["refusals"]["bad_paid"]),
        ("control questions", f"{verification['control_questions']}, {verification['control_answers']} answers"),
        ("verifiers below the bar", str(len(summary["refusals"]["verifiers_below_bar"]))),
        ("votes per question", f"{verification['votes_per_question']} on {verification['questions']} questions"),
        ("verification pages", f"{verification['pages']}, {100 * verification['page_fill']:.0f} % full"),
        ("API requests", str(sum(summary["requests"].values()))),
        ("notification to decision", _times(recorded)),
        ("notification to carried out", _times(carried)),
        ("notifications", _told(told)),
    ]
    if summary["faults"]:
        lines.append(("faults", ", ".join(f"{count} {kind}" for kind, count in summary["faults"].items())))
    if images.get("held") and deadline:
        when = datetime.fromtimestamp(deadline, UTC).strftime("%Y-%m-%d %H:%M")
        lines.append(("held pages", f"wait for a person; the platform would accept the first by itself on {when} UTC"))
    if images["pending"]:
        lines.append(("pending", "nobody is left who may do the rest: more --performers, or see the event log"))
    if summary["parked"]:
        lines.append(("handlers failed", f"{summary['parked']} deliveries are parked: --serve and see the event log"))
    return lines


def _verdicts(decisions: dict[str, dict[str, int]]) -> str:
    named = (("accept", "accepted"), ("reject", "refused"))
    return ", ".join(f"{decisions.get(kind, {}).get('done', 0)} pages {word}" for kind, word in named)


def _told(told: dict[str, int]) -> str:
    words = [f"{told[what]} {what}" for what in ("sent", "lost", "repeated") if told[what]]
    if told["displaced"]:
        words.append(
            f"{told['displaced']} of {told['displaceable']} out of their order, by {told['places']} places in all"
        )
    return ", ".join(words)


def _times(spread: dict[str, float]) -> str:
    if "p50" not in spread:
        return "too few to say"
    return f"p50 {1000 * spread['p50']:.0f} ms, p99 {1000 * spread['p99']:.0f} ms ({spread['n']})"


def _quality_table(measured: dict[str, Any], title: str) -> Table:
    table = Table("", "share", "count", "95 % interval", title=title)
    for name in SHARES:
        each = measured[name]
        value = "–" if each["value"] is None else f"{100 * each['value']:.2f} %"
        interval = f"{100 * each['low']:.2f} – {100 * each['high']:.2f} %"
        if each["of"]:
            table.add_row(SHARES[name], value, f"{each['count']} of {each['of']}", interval)
    table.add_row("pages refused without a person", "", str(measured["refused_without_a_person"]), "")
    if measured["mean_iou"] is not None:
        table.add_row("mean IoU", str(measured["mean_iou"]), "", "")
    return table


def _keep_up(progress: Progress, at: Stage, done: Rehearsed) -> None:
    """Show the summary and keep the pages up, until Ctrl-C."""
    progress.stop()
    tell(progress.console, done)
    keep_up(progress.console, at)
