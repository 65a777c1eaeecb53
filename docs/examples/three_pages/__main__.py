"""Write docs/three-pages.md, a page paid, one refused, one held, in full: python -m docs.examples.three_pages"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from app.acts import What, date
from app.datasets import Item, load
from app.deadlines import SHARES, deadline
from app.desk import TIGHT_AT
from app.held import held, tasks, votes_on
from app.page_picture import page_picture
from app.people import prepare
from app.rehearsal import START, Stage
from app.segmentation import FEE, Options, rehearse
from docs.examples.three_pages.judged import Scales
from docs.examples.three_pages.told import ON_A_PAGE, Teller, Told
from webhooks.wording import money, utc

SEED, PICTURES = 4, 30
WIDTH, ACROSS, COLOURS = 300, 3, 96  # of a page's picture: pixels of one image, images beside each other, its palette


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default="docs", show_default=True)
def main(out: Path) -> None:
    """Rehearse, and write three-pages.md and its pictures into a folder."""
    scales = Scales()
    with TemporaryDirectory() as folder:
        chosen = Options(
            out=Path(folder), seed=SEED, limit=PICTURES, tasks_per_page=ON_A_PAGE, refuse="always", pictures=False
        )
        rehearse(chosen, scales.look, lambda at, done: write(at, scales, out))


def write(at: Stage, scales: Scales, out: Path) -> None:
    """Write the document, and a picture of each of its pages, into a folder."""
    items = {item.key: item for item in load(at.plan.out / "samples")}
    chosen = Teller(at, scales, items).chosen()
    (out / "pictures").mkdir(parents=True, exist_ok=True)
    for name, told in chosen.items():
        drawn(at, told, items).save(out / "pictures" / f"{name}.png", optimize=True)
    text = words().get_template("page.md.jinja").render(**chosen, **waiting(at, chosen["held"]), **rules(at))
    (out / "three-pages.md").write_text(text, encoding="utf-8")


def drawn(at: Stage, told: Told, items: Mapping[str, Item]) -> Image.Image:
    """Draw a page with few colours, so that the file is small; boxes keep theirs."""
    paths = {item.key: item.path for item in items.values() if item.path is not None}
    numbered = tasks(told.page, votes_on(at.store, [told.page.assignment_id]))
    picture = page_picture(numbered, paths, WIDTH, ACROSS)
    return picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


def rules(at: Stage) -> dict[str, Any]:
    """Return what the document says of the rehearsal and of the rule."""
    chosen = at.running.settings
    return {
        "settings": chosen,
        "policy": chosen.policy,
        "pictures": PICTURES,
        "seed": SEED,
        "n": ON_A_PAGE,
        "start": START,
        "tight_at": TIGHT_AT,
        "fee": FEE,
    }


def waiting(at: Stage, kept: Told) -> dict[str, Any]:
    """Return what may become of the held page: by a person's word, and by itself."""
    page, now = kept.page, at.world.now
    _, [refused] = prepare(at.store, at.running, page.assignment_id, What.REJECT, who="", why="", now=now)
    handed_in, pays_at = page.submitted or 0.0, deadline(page, at.running)
    return {
        "waiting": next(each for each in held(at.store, at.running) if each.page == page),
        "refusal": str(refused.payload["comment"]),
        "wrong": ",".join(str(task.number) for task in kept.tasks if not task.right),
        "warned_at": [handed_in + share * (pays_at - handed_in) for share in sorted(SHARES.values())],
    }


def words() -> Environment:
    """Return the maker of Markdown, with what it calls times and money."""
    maker = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  (Markdown, of our own making)
    )
    maker.filters |= {"clock": clock, "date": date, "money": money}
    return maker


def clock(seconds: float) -> str:
    """Write a platform time: on the first day the hour alone."""
    text = utc(seconds)
    return text[11:19] if text[:10] == utc(START)[:10] else text[:19]


if __name__ == "__main__":
    main()
