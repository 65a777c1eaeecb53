"""Results in a notebook, as a DataFrame."""

from pathlib import Path

import pandas

from app.exports import Source, read
from app.tables import COLUMNS, as_row


def results(
    database: str | Path,
    pipeline: str = "image-segmentation",
    run: str | None = None,
    dataset: str | Path | None = None,
    fee: float = 0.0,
) -> pandas.DataFrame:
    """Return a run's images, one a row, by key; docs/results.md says what the columns hold.

    `run` may be left out when the pipeline has only one. Pixels need the folder of images, `dataset`. `fee` is the
    platform's share on top of every reward (0.3: 30 %). Raises NotADatabase, UnknownPipeline, UnknownRun, NoOutlines.
    """
    source = Source(
        database=Path(database), pipeline=pipeline, run=run, dataset=Path(dataset) if dataset else None, fee=fee
    )
    return pandas.DataFrame([as_row(result) for result in read(source).results], columns=COLUMNS)
