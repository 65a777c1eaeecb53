"""`crowdhook export`: outlines or labels, as the pipeline has them; what does not fit is refused."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from app.exports import Source
from app.exports import export as export_outlines
from app.label_exports import LabelSource, export_labels
from app.pipelines import find
from store.errors import CrowdhookError


class DoesNotFit(CrowdhookError):
    """This option is not for this pipeline's results, leave it out:"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be exported."""

    database: Path
    pipeline: str
    run: str | None
    dataset: Path | None
    statuses: Collection[str]  # of outlines
    fee: float | None
    truth: Path | None  # of labels
    method: str | None


def export(order: Order, format: str, out: Path) -> str:
    """Write a run's results and return what to tell about them. Raises DoesNotFit, and what exports raise."""
    if find(order.pipeline).examples == "classes":
        _refuse({"--status": order.statuses, "--fee": order.fee})
        source = LabelSource(
            database=order.database,
            pipeline=order.pipeline,
            run=order.run,
            method=order.method,
            truth=order.truth,
            dataset=order.dataset,
        )
        return export_labels(source, format, out)
    _refuse({"--truth": order.truth, "--method": order.method})
    outlines = Source(
        database=order.database, pipeline=order.pipeline, run=order.run, dataset=order.dataset, fee=order.fee or 0.0
    )
    return export_outlines(outlines, format, out, order.statuses)


def _refuse(given: dict[str, object]) -> None:
    for option, value in given.items():
        if value:
            raise DoesNotFit(f"{option}.")
