"""A picture of a run over platform time: how its images stood, and what was spent on what."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from app.contact_sheet import COLOURS, FAINT, INK, PAPER, REFUSED, Colour
from app.reading import Reading, read
from app.results import ImageStatus
from app.timeline import Purpose, Stand, moves, payments
from handlers.routing import Running
from store.contract import Store

Shades = Mapping[str, Colour]

INCHES = (9.6, 7.2)
DOTS_AN_INCH = 140
PADDING = 0.16  # inches around each panel
UNITS = ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes"))
AFTER = 0.02  # the picture goes on by this share of the run, so that its last step is seen
FEWEST_UNITS = 2  # a run shorter than so many of a unit is drawn in the next smaller one
PALE, PALEST = (176, 181, 188), (222, 225, 229)
STANDS: Shades = {
    Stand.ACCEPTED: COLOURS[ImageStatus.ACCEPTED],
    Stand.HELD: COLOURS[ImageStatus.HELD],
    Stand.WRONG: COLOURS[REFUSED],
    Stand.VERIFYING: PALE,
    Stand.WAITING: PALEST,
}
PURPOSES: Shades = {
    Purpose.OUTLINING: (31, 78, 121),
    Purpose.CHECKING: (96, 150, 196),
    Purpose.CONTROLS: (178, 206, 230),
}

Steps = tuple[list[float], dict[str, list[float]]]  # platform times, and the height of each layer from then on


def draw(store: Store, running: Running, path: Path, *, fee: float = 0.0) -> None:
    """Draw a run up to now as a PNG; `fee` is the platform's share on top of rewards (0.3: 30 %)."""
    reading = read(store, running)
    stood, spent = image_steps(reading), money_steps(reading, fee)
    times = [*stood[0], *spent[0]] or [0.0]
    start, end = min(times), max(times) + AFTER * (max(times) - min(times))
    unit, word = next((each for each in UNITS if end - start >= FEWEST_UNITS * each[0]), UNITS[-1])
    figure = Figure(
        figsize=INCHES, layout=ConstrainedLayoutEngine(w_pad=PADDING, h_pad=PADDING), facecolor=_shade(PAPER)
    )
    figure.suptitle(f"{running.pipeline.name}, {running.run}", fontsize=15, color=_shade(INK), x=0.02, ha="left")
    images, money = figure.subplots(2, 1, sharex=True)
    _stack(images, _since(start, end, unit, stood), STANDS, "Images", "{:.0f}")
    _stack(money, _since(start, end, unit, spent), PURPOSES, "Money spent", "${:.2f}")
    money.yaxis.set_major_formatter("${x:.2f}")
    began = datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%d %H:%M UTC")
    money.set_xlabel(f"{word} of platform time since {began}", color=_shade(INK))
    figure.savefig(path, format="png", dpi=DOTS_AN_INCH)


def image_steps(reading: Reading) -> Steps:
    """Return how many images stood where, from each time on at which one moved."""
    stands: dict[str, Stand] = {}
    counts = dict.fromkeys(Stand, 0.0)
    steps: Steps = ([], {stand: [] for stand in Stand})
    for move in moves(reading):
        if move.key in stands:
            counts[stands[move.key]] -= 1
        counts[move.stand] += 1
        stands[move.key] = move.stand
        _note(steps, move.at, counts)
    return steps


def money_steps(reading: Reading, fee: float) -> Steps:
    """Return how many dollars were spent on what, fee included, from each payment on."""
    spent = dict.fromkeys(Purpose, 0.0)
    steps: Steps = ([], {purpose: [] for purpose in Purpose})
    for each in payments(reading):
        spent[each.purpose] = round(spent[each.purpose] + each.amount * (1 + fee), 6)
        _note(steps, each.at, spent)
    return steps


def _note(steps: Steps, at: float, now: Mapping[Stand, float] | Mapping[Purpose, float]) -> None:
    """Write down how things stand from a time on; several changes at one time are one step."""
    times, layers = steps
    new = not times or times[-1] != at
    if new:
        times.append(at)
    for name, height in now.items():
        layers[name][len(times) - 1 :] = [height]


def _since(start: float, end: float, unit: float, steps: Steps) -> Steps:
    """Count time from the start of the run in units, and let the last heights last until its end."""
    times, layers = steps
    if not times:
        return steps
    counted = [(at - start) / unit for at in (*times, end)]
    return counted, {name: [*heights, heights[-1]] for name, heights in layers.items()}


def _stack(axes: Axes, steps: Steps, shades: Shades, title: str, form: str) -> None:
    """Pile the layers up in their order; the legend beside them has the same order, and their last heights."""
    times, layers = steps
    top = sum(heights[-1] for heights in layers.values() if heights)
    for name, low, high in _piled(layers):
        label = f"{form.format(high[-1] - low[-1])}  {name}"
        axes.fill_between(times, low, high, step="post", color=_shade(shades[name]), linewidth=0, label=label)
    axes.set_title(f"{title}: {form.format(top)}", loc="left", fontsize=12, color=_shade(INK))
    axes.margins(x=0, y=0.03)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color=_shade(PALEST), linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=10, labelcolor=_shade(FAINT))
    axes.spines[:].set_visible(False)
    if axes.collections:
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, reverse=True, labelcolor=_shade(INK))


def _piled(layers: Mapping[str, Sequence[float]]) -> Iterator[tuple[str, list[float], list[float]]]:
    """Give each layer that ever was something the line it starts from and the line it reaches."""
    low: list[float] = []
    for name, heights in layers.items():
        if any(heights):
            low = low or [0.0] * len(heights)
            high = [below + height for below, height in zip(low, heights, strict=True)]
            yield name, low, high
            low = high


def _shade(colour: Colour) -> tuple[float, float, float]:
    red, green, blue = colour
    return red / 255, green / 255, blue / 255
