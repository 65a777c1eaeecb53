"""The picture of a replay: a panel for each measure, a line for each rule, dots with their 95 % intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from app.quality import Share

OURS, THEIRS, INK, FAINT = "#0b7a4b", "#5d6b7a", "#20242a", "#d9dde2"
INCHES_A_PANEL, INCHES_A_RULE, INCHES_AROUND = 2.9, 0.45, 1.4
DOTS_AN_INCH = 150
PADDING = 0.12  # inches around every panel
ROOM = 1.5  # the axis goes so far beyond the highest end, for the words behind it

Point = tuple[float, float, float]
"""A value, and the low and the high end of its interval."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One measure: for each rule its point, None where there was nothing to measure, and the words behind it."""

    title: str
    points: tuple[Point | None, ...]
    words: tuple[str, ...]

    @classmethod
    def of_shares(cls, title: str, shares: Sequence[Share]) -> "Panel":
        """Make a panel of shares, in percent."""
        words = ("none to measure" if each.value is None else f"{100 * each.value:.1f} %" for each in shares)
        return cls(title, tuple(map(_in_percent, shares)), tuple(words))


def draw(panels: Sequence[Panel], rules: Sequence[str], title: str, path: Path) -> None:
    """Draw the panels side by side as a PNG; the first rule stands out and stands on top."""
    size = (INCHES_A_PANEL * len(panels) + INCHES_AROUND, INCHES_A_RULE * len(rules) + INCHES_AROUND)
    figure = Figure(
        figsize=size, layout=ConstrainedLayoutEngine(w_pad=PADDING, h_pad=PADDING, wspace=0.03), facecolor="white"
    )
    figure.suptitle(title, fontsize=12, color=INK)
    every = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, panel in zip(every, panels, strict=True):
        _draw_panel(axes, panel)
    every[0].set_yticks(range(len(rules)), rules, fontsize=10, color=INK)
    every[0].get_yticklabels()[0].set_fontweight("bold")
    every[0].set_ylim(len(rules) - 0.4, -0.6)
    figure.savefig(path, dpi=DOTS_AN_INCH)


def _in_percent(share: Share) -> Point | None:
    if share.value is None:
        return None
    low, high = share.interval
    return 100 * share.value, 100 * low, 100 * high


def _draw_panel(axes: Axes, panel: Panel) -> None:
    top = max((point[2] for point in panel.points if point), default=0.0) or 1.0
    for at, (point, words) in enumerate(zip(panel.points, panel.words, strict=True)):
        _draw_point(axes, at, point, words)
    axes.set_xlim(-0.04 * top, ROOM * top)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xticks([tick for tick in axes.get_xticks() if 0 <= tick <= top])
    axes.set_title(panel.title, fontsize=10, color=INK, loc="left", pad=8)
    axes.grid(axis="x", color=FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=9, labelcolor=INK)
    axes.spines[:].set_visible(False)


def _draw_point(axes: Axes, at: int, point: Point | None, words: str) -> None:
    colour, weight = (OURS, "bold") if at == 0 else (THEIRS, "normal")
    value, low, high = point or (0.0, 0.0, 0.0)
    if point:
        axes.plot([low, high], [at, at], color=colour, linewidth=2, solid_capstyle="round")
        axes.plot([value], [at], "o", color=colour, markersize=7)
    axes.annotate(
        words,
        (high, at),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
        color=colour,
        fontweight=weight,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
    )
