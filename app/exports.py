"""A run's results out of the database, into files: what `crowdhook export` does."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.coco import write_coco
from app.datasets import load
from app.outcomes import image_results, refused_outlines
from app.results import ImageResult, ImageStatus, RefusedOutline
from app.runs import find_run
from app.sheets import write_overview, write_sheets
from app.tables import write_csv, write_jsonl
from app.voc import write_voc
from handlers.routing import Running
from store.contract import Store
from store.errors import CrowdhookError
from store.sqlite import SqliteStore


class UnknownFormat(CrowdhookError):
    """Results cannot be exported in this format:"""


class UnknownStatus(CrowdhookError):
    """No image can have this status:"""


class NoOutlines(CrowdhookError):
    """This pipeline has no outlines, which are what can be exported:"""


class UnknownSizes(CrowdhookError):
    """Pixels need the sizes of the images: name their folder with --dataset, or export csv or jsonl."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where results are read from."""

    database: Path
    pipeline: str
    run: str | None = None  # None: the pipeline's only one
    dataset: Path | None = None  # where the images are, for sizes and pictures
    fee: float = 0.0  # the platform's share on top of every reward, added to the costs


@dataclass(frozen=True, slots=True)
class Run:
    """What one run came to, with all that a format may need."""

    label: str  # what was outlined
    results: Sequence[ImageResult]  # by key
    refused: Sequence[RefusedOutline]
    paths: Mapping[str, Path]  # of the images' files, by key

    def of(self, statuses: Collection[str]) -> list[ImageResult]:
        """Return the results of these statuses."""
        return [result for result in self.results if result.status in statuses]


Write = Callable[[Run, Collection[str], Path], object]
FORMATS: Mapping[str, Write] = {
    "coco": lambda run, statuses, out: write_coco(run.results, run.label, out, statuses),
    "csv": lambda run, statuses, out: write_csv(run.of(statuses), out),
    "jsonl": lambda run, statuses, out: write_jsonl(run.of(statuses), out),
    "voc": lambda run, statuses, out: write_voc(run.results, run.label, out),
    "sheets": lambda run, statuses, out: write_sheets(run.results, run.refused, run.paths, out, run.label),
}
NAMES = {
    "coco": "results.coco.json",
    "jsonl": "results.jsonl",
    "csv": "results.csv",
    "voc": "voc",
    "sheets": "sheets",
}
IN_PIXELS = ("coco", "voc")
LISTS = ("coco", "csv", "jsonl")  # of images, which --status can shorten


def export(source: Source, format: str, out: Path, statuses: Collection[str] = ()) -> str:
    """Write a run's results to `out` (a file; for voc and sheets a folder) and return what to tell about them.

    `statuses` (none: all) says which images coco, csv and jsonl list; voc and sheets sort them by status anyway.
    Raises UnknownFormat, UnknownStatus, UnknownPipeline, UnknownRun, NoOutlines, UnknownSizes, ForeignFolder, and what
    the data set and the database raise; then nothing was written.
    """
    _check(format, statuses)
    run = read(source)
    if format in IN_PIXELS:
        _check_sizes(run)
    out.parent.mkdir(parents=True, exist_ok=True)
    FORMATS[format](run, statuses or tuple(ImageStatus), out)
    return f"{_told(run, statuses if format in LISTS else ())} Written: {out}"


def read(source: Source) -> Run:
    """Read what a run came to. Raises UnknownPipeline, UnknownRun, NoOutlines, and what data set and database raise."""
    with closing(SqliteStore(source.database, time.time)) as store:
        running = outlining_run(store, source.pipeline, source.run)
        items = load(source.dataset) if source.dataset else []
        sizes = {item.key: (item.width, item.height) for item in items}
        return Run(
            label=running.settings.label,
            results=image_results(store, running, sizes, source.fee),
            refused=refused_outlines(store, running, sizes),
            paths={item.key: item.path for item in items if item.path is not None},
        )


def write_all(run: Run, folder: Path) -> list[Path]:
    """Write a run in every format, and all its images on one sheet, into a folder; return what was written."""
    overview = folder / "contact-sheet.png"
    write_overview(run.results, run.paths, overview, run.label)
    written = {format: folder / name for format, name in NAMES.items()}
    for format, path in written.items():
        FORMATS[format](run, tuple(ImageStatus), path)
    return [overview, *written.values()]


def outlining_run(store: Store, pipeline: str, run: str | None) -> Running:
    """Return a run with outlines, None: the pipeline's only one. Raises UnknownPipeline, UnknownRun, NoOutlines."""
    found = find_run(store, pipeline, run)
    if not {"outlining", "checking"} <= found.pool_ids.keys():
        raise NoOutlines(f"{found.pipeline.name}.")
    return found


def _check(format: str, statuses: Collection[str]) -> None:
    if format not in FORMATS:
        raise UnknownFormat(f"{format}. There are {', '.join(FORMATS)}.")
    for status in statuses:
        if status not in tuple(ImageStatus):
            raise UnknownStatus(f"{status}. There are {', '.join(ImageStatus)}.")


def _check_sizes(run: Run) -> None:
    unknown = [result.key for result in run.of([ImageStatus.ACCEPTED]) if result.width is None]
    if unknown:
        raise UnknownSizes(f"Not known for {len(unknown)} accepted images, such as {unknown[0]}.")


def _told(run: Run, statuses: Collection[str]) -> str:
    counts = Counter(str(result.status) for result in run.results)
    text = ", ".join(f"{counts[status]} {status}" for status in ImageStatus if counts[status])
    only = f"; listed: {' and '.join(statuses)}" if statuses else ""
    return f"{len(run.results)} images: {text or 'none'}{only}."
