"""`crowdhook status`: what a run of any pipeline says of itself, and the numbers of a segmentation."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from app.label_status import label_status, label_worries
from app.label_status_lines import label_groups
from app.progress import draw
from app.run_status import RunStatus, decisions_of, platform_now, run_status
from app.runs import find_run
from app.status import Refusals, Status, status
from app.status_lines import MOST_LINES, Group, Line, last_groups, pool_lines, show, spending_lines
from app.voting import Agreement, Questions
from app.worries import Worry, many, moment, of_any_run, worries
from handlers.routing import Running
from store.contract import Store
from store.errors import CrowdhookError
from store.sqlite import SqliteStore

Told = tuple[RunStatus, Iterable[Worry], Iterable[Group]]


class NoPicture(CrowdhookError):
    """Only the progress of a segmentation can be drawn; this run's numbers are in `crowdhook status` without it:"""


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

    Raises UnknownPipeline, UnknownRun, NoPicture, and what the database raises.
    """
    with closing(SqliteStore(database, clock)) as store:
        running = find_run(store, pipeline, name)
        told = _told(store, running, platform_now(store, running, clock()), fee)
        if picture is not None:
            if not isinstance(told[0], Status):
                raise NoPicture(f"{running.pipeline.name}.")
            draw(store, running, picture, fee=fee)
    if as_json:
        print(json.dumps(asdict(told[0]), indent=2))
    else:
        show(Console(highlight=False), *told)


def _told(store: Store, running: Running, now: float, fee: float) -> Told:
    if {"outlining", "checking"} <= running.pool_ids.keys():
        outlined = status(store, running, now, fee=fee)
        return outlined, worries(outlined), groups(outlined)
    if running.pipeline.examples == "classes":
        labelled = label_status(store, running, now)
        return labelled, label_worries(labelled), label_groups(labelled)
    other = run_status(store, running, decisions_of(store, running), {}, now)
    return other, of_any_run(other), _any_groups(other)


def _any_groups(told: RunStatus) -> Iterator[Group]:
    yield "Money, in dollars", spending_lines(told.spending)
    yield "Pools", pool_lines(told)
    yield from last_groups(told)


def groups(told: Status) -> Iterator[Group]:
    """Yield the groups of a segmentation's status."""
    yield "Progress", _progress(told)
    yield "Verification", _verification(told)
    yield "Refusals", _refusals(told)
    yield "Money, in dollars", _money(told)
    yield "Pools", pool_lines(told)
    yield "Verifiers below the bar", _below_bar(told)
    yield from last_groups(told)


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
    yield from spending_lines(told.spending)


def _below_bar(told: Status) -> Iterator[Line]:
    for each in told.below_bar:
        good, bad = f"{each.good_right} of {each.good}", f"{each.bad_right} of {each.bad}"
        yield each.user_id, f"right about {good} good outlines, {bad} bad ones"


def _votes(asked: Questions) -> str:
    per_question = "" if asked.per_question is None else f", {asked.per_question:.2f} each"
    return f"{asked.asked} asked, {many(asked.votes, 'vote')}{per_question}"


def _agreed(agreement: Agreement) -> str:
    return f"{_percent(agreement.share)} of {many(agreement.votes, 'vote')}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"
