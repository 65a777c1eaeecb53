"""The pictures of a comparison: what more votes on each task bring and cost, and which label is taken for which."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from app.label_methods import OverlapPoint
from app.label_report import Comparison, MethodScore
from app.label_scores import Confusion

INK, FAINT = "#20242a", "#d9dde2"
LINES = ("#0b7a4b", "#5d6b7a", "#b4540a", "#2f5fa8", "#8a3b8f", "#a38a00", "#b3261e", "#00808a", "#6b4f2a", "#444444")
DOTS_AN_INCH = 150
APART = 0.07  # votes by which the methods' dots stand beside each other
INCHES_A_CLASS, INCHES_A_MATRIX = 0.5, 1.6
MATRICES_BESIDE = 3
MOST_CLASSES = 30  # in a confusion matrix; more than these, none could be read


def draw_overlap(comparison: Comparison, path: Path) -> None:
    """Draw for each method the share of right labels against the votes on each task, with cost below the votes."""
    figure = _figure(7.2, 4.6, _judged(comparison, "Right labels by votes on each task"))
    axes = figure.subplots()
    drawn = [each for each in comparison.scores if each.curve]
    for at, score in enumerate(drawn):
        _draw_curve(axes, score, LINES[at % len(LINES)], APART * (at - (len(drawn) - 1) / 2))
    points = max((each.curve for each in drawn), key=len)
    axes.set_xticks([each.votes for each in points], [_votes(each) for each in points], color=INK, fontsize=9)
    axes.set_xlabel("votes on each task, at most; below: what they cost, fee included", fontsize=9, color=INK)
    axes.set_ylabel("right, %", fontsize=9, color=INK)
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.legend(frameon=False, fontsize=9, labelcolor=INK, loc="lower right")
    _plain(axes)
    figure.savefig(path, dpi=DOTS_AN_INCH)


def draw_confusion(comparison: Comparison, path: Path) -> None:
    """Draw for each method which label it gave (columns) to tasks that truly have another (rows), as counts."""
    drawn = [(each.method, each.confusion) for each in comparison.scores if each.confusion]
    classes = min(MOST_CLASSES, max(len(each.labels) for _, each in drawn))
    side = INCHES_A_CLASS * classes + INCHES_A_MATRIX
    beside = min(MATRICES_BESIDE, len(drawn))
    below = ceil(len(drawn) / beside)
    figure = _figure(side * beside, side * below + 0.6, _judged(comparison, "Labels given, by the true label"))
    every = list(figure.subplots(below, beside, squeeze=False).flat)
    for axes, (method, confusion) in zip(every, drawn, strict=False):
        _draw_matrix(axes, method, confusion)
    for axes in every[len(drawn) :]:
        axes.set_axis_off()
    figure.savefig(path, dpi=DOTS_AN_INCH)


def _figure(width: float, height: float, title: str) -> Figure:
    figure = Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12), facecolor="white")
    figure.suptitle(title, fontsize=12, color=INK)
    return figure


def _judged(comparison: Comparison, title: str) -> str:
    pool = comparison.pool
    return f"{title} ({len(pool.judged_by):,} {'true labels' if pool.truth else 'control tasks'})"


def _draw_curve(axes: Axes, score: MethodScore, colour: str, beside: float) -> None:
    points = [each for each in score.curve if each.right.total]
    places = [each.votes + beside for each in points]
    values = [100 * (each.right.value or 0.0) for each in points]
    axes.plot(places, values, "o-", color=colour, markersize=5, linewidth=1.6, label=score.method)
    for place, each in zip(places, points, strict=True):
        low, high = each.right.interval
        axes.plot([place, place], [100 * low, 100 * high], color=colour, linewidth=1.2, alpha=0.6)


def _votes(point: OverlapPoint) -> str:
    return f"{point.votes}" if point.cost is None else f"{point.votes}\n${point.cost:,.2f}"


def _draw_matrix(axes: Axes, method: str, confusion: Confusion) -> None:
    labels = confusion.labels[:MOST_CLASSES]
    counts = [row[:MOST_CLASSES] for row in confusion.counts[:MOST_CLASSES]]
    shares = [[count / (sum(row) or 1) for count in row] for row in confusion.counts[:MOST_CLASSES]]
    axes.imshow([row[:MOST_CLASSES] for row in shares], cmap="Greens", vmin=0.0, vmax=1.0)
    for at, row in enumerate(counts):
        for beside, count in enumerate(row):
            ink = "white" if shares[at][beside] > 0.5 else INK
            axes.text(beside, at, f"{count}", ha="center", va="center", fontsize=8, color=ink)
    axes.set_xticks(range(len(labels)), _short(labels), rotation=45, ha="right", fontsize=9, color=INK)
    axes.set_yticks(range(len(labels)), _short(labels), fontsize=9, color=INK)
    more = f", the first {MOST_CLASSES} of {len(confusion.labels)}" if len(confusion.labels) > MOST_CLASSES else ""
    axes.set_title(f"{method}{more}", fontsize=10, color=INK, loc="left")
    axes.set_xlabel("given", fontsize=9, color=INK)
    axes.set_ylabel("true", fontsize=9, color=INK)
    _plain(axes)


def _short(labels: Sequence[str]) -> list[str]:
    return [each if len(each) <= 16 else f"{each[:15]}…" for each in labels]


def _plain(axes: Axes) -> None:
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=9, labelcolor=INK)
    axes.spines[:].set_visible(False)
