"""Labels against the truth as text: what each class was taken for, and the score of each."""

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from app.labels import NO_LABEL
from app.quality import Share
from app.scores import ClassScore, Confusion, most_confused

MOST_COLUMNS = 5  # classes that a terminal is wide enough for
MOST_PAIRS = 10


def report(found: Confusion) -> RenderableType:
    """Return the matrix (of many classes, the pairs confused most), the table of classes, and how many are right."""
    narrow = len(found.classes) <= MOST_COLUMNS
    return Group(_matrix(found) if narrow else _pairs(found), "", _classes(found), "", Text(in_all(found)))


def show(found: Confusion, console: Console) -> None:
    """Print the report."""
    console.print(report(found))


def _matrix(found: Confusion) -> Table:
    table = Table("truth \N{RIGHTWARDS ARROW} label", title="What each class was taken for", title_justify="left")
    for label in (*found.classes, NO_LABEL):
        table.add_column(Text(label), justify="right")
    for at, (label, row) in enumerate(zip(found.classes, found.counts, strict=True)):
        cells = [Text(str(count), style="bold green" if at == column else "") for column, count in enumerate(row)]
        table.add_row(Text(label), *cells)
    return table


def _pairs(found: Confusion) -> Table:
    table = Table("truth", "label", title="Confused most", title_justify="left")
    table.add_column("times", justify="right")
    table.add_column("of its class", justify="right")
    for each in most_confused(found.counts, found.classes, MOST_PAIRS):
        table.add_row(Text(each.truth), Text(each.label), str(each.count), f"{100 * each.share:.0f} %")
    return table


def _classes(found: Confusion) -> Table:
    table = Table("class", title="Each class, with 95 % intervals", title_justify="left")
    for name in ("precision", "recall", "F1", "support"):
        table.add_column(name, justify="right")
    for each in found.scores():
        table.add_row(Text(each.label), _share(each.precision), _share(each.recall), _f1(each), str(each.support))
    return table


def in_all(found: Confusion) -> str:
    """Say how many labels are right, and how many have none."""
    f1 = found.macro_f1()
    mean = "" if f1 is None else f" Mean F1: {f1:.3f}."
    right = found.right
    return f"Right: {right.count} of {right.total}, {_share(right)}. Without a label: {found.without_label}.{mean}"


def _share(share: Share) -> str:
    if share.value is None:
        return "\N{EN DASH}"
    low, high = share.interval
    return f"{share.value:.2f} ({low:.2f}\N{EN DASH}{high:.2f})"


def _f1(score: ClassScore) -> str:
    return "\N{EN DASH}" if score.f1 is None else f"{score.f1:.2f}"
