"""The commands that make data sets: sample pictures, and objects cut out of annotated images."""

import os
from pathlib import Path

import click

from app.amounts import Amount
from app.config import Settings


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--kind", type=click.Choice(["smears", "cells"]), default="smears", show_default=True, help="What is drawn."
)
@click.option("--count", type=click.IntRange(1), default=24, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def samples(folder: Path, kind: str, count: int, seed: int) -> None:
    """Draw sample pictures into FOLDER: a data set for whoever has none yet.

    Smears are many blood cells with known boxes, to be outlined. Cells are single white ones of four kinds in folders
    of these names, to be classified.
    """
    from app.cell_samples import write_cells  # here and below: pillow takes its time to import
    from app.samples import write_samples

    write = write_cells if kind == "cells" else write_samples
    click.echo(f"Drawn: {count} pictures in {write(folder, count, seed)}")


@click.command()
@click.argument("dataset")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="A new folder.")
@click.option("--limit", type=click.IntRange(1), help="At most so many pictures of each class.")
@click.option("--margin", type=Amount(0, 10), default=0.1, show_default=True, help="Share of width and height.")
def crops(dataset: str, out: Path, limit: int | None, margin: float) -> None:
    """Cut the annotated objects of DATASET (a VOC or COCO folder, or kaggle:owner/name) into class-named folders."""
    from app.crops import LEFT_OUT, cut
    from app.kaggle_sets import local

    made = cut(local(dataset, Settings.from_env(os.environ).cache), out, limit, margin)
    counts = ", ".join(f"{label} {count}" for label, count in sorted(made.counts.items()))
    click.echo(f"Cut: {counts}, in {out}")
    if made.left_out:
        click.echo(f"Not cut: {len(made.left_out)}, see {out / LEFT_OUT}")


COMMANDS = (samples, crops)
