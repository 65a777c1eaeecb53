"""Methods of aggregation compared on one pool: as a table and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from app.label_methods import OverlapPoint, Tried
from app.label_pool import LabelPool
from app.label_scores import Confusion, confusion, right
from app.quality import Share
from handlers.aggregation import agreement

CAPTION = "Below each share: its 95 % interval, in percent."
JUDGED = ("controls", "truth")


@dataclass(frozen=True, slots=True)
class MethodScore:
    """How one method did; what it cannot be measured against is a share of nothing."""

    method: str
    seconds: float
    labelled: Share  # of the tasks that are no control tasks
    undecided: Share  # of the labelled
    right_on_controls: Share
    right_on_truth: Share  # of the tasks whose true label was given
    confusion: Confusion | None  # by the true labels given, else by control tasks
    curve: tuple[OverlapPoint, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All methods on the same votes."""

    pipeline: str
    run: str
    pool: LabelPool
    agreement: float | None  # Krippendorff's alpha of the votes on tasks that are no control tasks
    scores: tuple[MethodScore, ...]


def compare(pipeline: str, run: str, pool: LabelPool, tried: Sequence[Tried]) -> Comparison:
    """Score every method that was tried on a pool."""
    votes = pool.votes.not_on(pool.known)
    return Comparison(pipeline, run, pool, agreement(votes), tuple(_score(pool, each) for each in tried))


def headline(comparison: Comparison) -> str:
    """Say in one line what was compared."""
    pool = comparison.pool
    alpha = "" if comparison.agreement is None else f"; agreement (alpha) {comparison.agreement:.3f}"
    controls = f", {len(pool.known):,} control tasks" if pool.known else ""
    banned = f", {pool.left_out:,} of banned performers left out" if pool.left_out else ""
    return f"{len(pool.keys):,} tasks{controls}, {len(pool.votes):,} answers{banned}{alpha}"


def table(comparison: Comparison) -> Table:
    """The comparison as a person reads it on a terminal of 80 columns; below a share is its 95 % interval."""
    drawn = Table(caption=CAPTION, show_lines=True)
    judged = [name for name in JUDGED if any(_right(each, name).total for each in comparison.scores)]
    drawn.add_column("method", overflow="fold")
    for name in ("labelled", "undecided", *(f"right on\n{name}" for name in judged), "seconds"):
        drawn.add_column(name, justify="right")
    for each in comparison.scores:
        shares = (
            _percent(each.labelled),
            _percent(each.undecided),
            *(_interval(_right(each, name)) for name in judged),
        )
        drawn.add_row(each.method.replace(":", ":\n", 1), *shares, f"{each.seconds:,.1f}")
    return drawn


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Return the content of `comparison.json`; docs/aggregation.md says what each field means."""
    pool = comparison.pool
    return {
        "pipeline": comparison.pipeline,
        "run": comparison.run,
        "pool_id": pool.pool_id,
        "field": pool.field,
        "answers": len(pool.votes),
        "answers_of_banned": pool.left_out,
        "performers": int(pool.votes.rows["worker"].nunique()),
        "tasks": len(pool.keys),
        "control_tasks": len(pool.known),
        "true_labels": len(pool.truth),
        "labels": list(pool.votes.labels),
        "agreement": _rounded(comparison.agreement),
        "price": _rounded(pool.price),
        "judged_by": "truth" if pool.truth else "controls" if pool.known else None,
        "methods": [_method(each) for each in comparison.scores],
    }


def _score(pool: LabelPool, tried: Tried) -> MethodScore:
    labels = tried.published.labels
    judged = labels if pool.truth else tried.controls
    return MethodScore(
        method=tried.method,
        seconds=tried.seconds,
        labelled=Share(int(labels["task"].isin(pool.keys).sum()), len(pool.keys)),
        undecided=Share(int(labels["undecided"].sum()), len(labels)),
        right_on_controls=right(tried.controls, pool.known),
        right_on_truth=right(labels, pool.truth),
        confusion=confusion(judged, pool.judged_by),
        curve=tried.curve,
    )


def _right(score: MethodScore, judged_by: str) -> Share:
    return score.right_on_truth if judged_by == "truth" else score.right_on_controls


def _percent(share: Share) -> str:
    return "–" if share.value is None else f"{100 * share.value:.1f} %"


def _interval(share: Share) -> str:
    low, high = share.interval
    return _percent(share) if share.value is None else f"{_percent(share)}\n{100 * low:.1f}–{100 * high:.1f}"


def _method(score: MethodScore) -> dict[str, Any]:
    return {
        "method": score.method,
        "seconds": round(score.seconds, 3),
        "labelled": _share(score.labelled),
        "undecided": _share(score.undecided),
        "right_on_controls": _share(score.right_on_controls),
        "right_on_truth": _share(score.right_on_truth),
        "confusion": None if score.confusion is None else _confusion(score.confusion),
        "overlap": [_point(each) for each in score.curve],
    }


def _confusion(confusion: Confusion) -> dict[str, Any]:
    classes = [{name: _rounded(value) for name, value in asdict(each).items()} for each in confusion.classes]
    return {"labels": list(confusion.labels), "counts": [list(row) for row in confusion.counts], "classes": classes}


def _point(point: OverlapPoint) -> dict[str, Any]:
    return {
        "votes": point.votes,
        "answers": point.answers,
        "cost": _rounded(point.cost),
        "right": _share(point.right),
    }


def _share(share: Share) -> dict[str, Any] | None:
    if not share.total:
        return None
    low, high = share.interval
    return {
        "value": _rounded(share.value),
        "count": share.count,
        "of": share.total,
        "low": _rounded(low),
        "high": _rounded(high),
    }


def _rounded(value: Any) -> Any:
    return round(value, 5) if isinstance(value, float) else value
