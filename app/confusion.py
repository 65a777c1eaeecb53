"""The picture of a confusion matrix: what each class was taken for; of many classes, the pairs confused most."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.labels import NO_LABEL
from app.scores import most_confused

MOST_CLASSES = 20  # that a matrix can be read with
MOST_PAIRS = 25
OURS, INK, FAINT = "#0b7a4b", "#20242a", "#5d6b7a"
INCHES_A_CLASS, INCHES_AROUND, INCHES_A_PAIR = 0.55, 3.4, 0.28
DOTS_AN_INCH = 150
LONGEST = 24  # letters of a class's name


def draw(matrix: Sequence[Sequence[int]], classes: Sequence[str], path: Path, title: str = "") -> None:
    """Draw a matrix of counts as a PNG: a row for each true class, a column for each label.

    A column more than classes is for what has no label; it is shown where there is any. The colour is the share of the
    row. Above 20 classes it draws the pairs that are confused most.
    """
    counts = [[int(count) for count in row] for row in matrix]
    figure = Figure(layout="constrained", facecolor="white")
    axes = figure.subplots()
    if len(classes) <= MOST_CLASSES:
        figure.set_size_inches(_draw_matrix(axes, counts, classes))
    else:
        figure.set_size_inches(_draw_pairs(axes, counts, classes))
    axes.set_title(title or "Truth and labels", fontsize=11, color=INK, loc="left", pad=10, parse_math=False)
    axes.spines[:].set_visible(False)
    figure.savefig(path, dpi=DOTS_AN_INCH)


def _draw_matrix(axes: Axes, matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> tuple[float, float]:
    """Draw it and return the size that it needs, in inches."""
    labels = [*classes, NO_LABEL] if any(row[len(classes) :] and row[-1] for row in matrix) else list(classes)
    shares = [[count / (sum(row) or 1) for count in row[: len(labels)]] for row in matrix]
    axes.imshow(shares, cmap="Greens", vmin=0, vmax=1, aspect="equal")
    for row, counts in enumerate(matrix):
        for column, count in enumerate(counts[: len(labels)]):
            colour = "white" if shares[row][column] > 0.6 else INK if count else "#c4c9cf"
            weight = "bold" if row == column else "normal"
            axes.text(column, row, f"{count}", ha="center", va="center", fontsize=9, color=colour, fontweight=weight)
    axes.set_xticks(
        range(len(labels)), map(_short, labels), fontsize=9, color=INK, rotation=45, ha="right", parse_math=False
    )
    axes.set_yticks(range(len(classes)), map(_short, classes), fontsize=9, color=INK, parse_math=False)
    axes.set_xlabel("label", fontsize=9, color=FAINT)
    axes.set_ylabel("truth", fontsize=9, color=FAINT)
    axes.tick_params(length=0)
    return INCHES_A_CLASS * len(labels) + INCHES_AROUND, INCHES_A_CLASS * len(classes) + INCHES_AROUND - 1


def _draw_pairs(axes: Axes, matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> tuple[float, float]:
    """Draw the pairs confused most and return the size that this needs, in inches."""
    pairs = most_confused(matrix, classes, MOST_PAIRS)
    names = [f"{_short(each.truth)} \N{RIGHTWARDS ARROW} {_short(each.label)}" for each in pairs]
    axes.barh(range(len(pairs)), [each.count for each in pairs], color=OURS, height=0.7)
    for at, each in enumerate(pairs):
        words = f" {each.count} ({100 * each.share:.0f} % of its class)"
        axes.text(each.count, at, words, va="center", fontsize=8, color=INK)
    axes.set_yticks(range(len(pairs)), names, fontsize=8, color=INK, parse_math=False)
    axes.set_ylim(max(len(pairs), 1) - 0.4, -0.6)
    axes.set_xlim(0, 1.5 * max((each.count for each in pairs), default=1))
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.set_xlabel(
        f"truth \N{RIGHTWARDS ARROW} label: the {len(pairs)} pairs of {len(classes)} classes confused most", fontsize=8
    )
    return 9.0, INCHES_A_PAIR * max(len(pairs), 3) + 1.2


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
