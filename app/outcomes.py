"""From the ledger and the folded answers to what came out for each image, and what was refused."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.boxes import Box, from_shapes
from app.evidence import Evidence, Given
from app.label_files import as_row as as_label_row
from app.label_records import records_of
from app.results import ImageResult, ImageStatus, RefusedOutline
from app.tables import as_row
from handlers.routing import Registry, Running
from store.contract import Store
from store.errors import CrowdhookError
from store.records import Answer, Decision, Page

Size = tuple[int | None, int | None]  # width and height in pixels; None: not known
Sizes = Mapping[str, Size]
UNKNOWN: Size = (None, None)


def image_results(store: Store, running: Running, sizes: Sizes | None = None, fee: float = 0.0) -> list[ImageResult]:
    """Return how every image of a segmentation run stands, by key.

    `sizes` are in pixels, by key. `fee` is the platform's share on top of every reward (0.3: 30 %), added to the costs.
    """
    evidence = Evidence(store, running)
    asks = sorted((str(key), each) for key, each in evidence.asks.items())
    judge = _Judge(evidence, running.settings.max_rounds, fee)
    return [judge.result(key, each, (sizes or {}).get(key, UNKNOWN)) for key, each in asks]


def refused_outlines(store: Store, running: Running, sizes: Sizes | None = None) -> list[RefusedOutline]:
    """Return every outline of the pages that were refused, by page and place on it."""
    evidence = Evidence(store, running)
    refused = [page for page in evidence.pages if page.status == "REJECTED"]
    return [
        _refused(evidence, page, answer, (sizes or {}).get(str(answer.input["item"]), UNKNOWN))
        for page in refused
        for answer in page.answers
    ]


class NothingToPublish(CrowdhookError):
    """Only outlines and labels can be published; read the answers of other pipelines from the store:"""


class _Judge:
    def __init__(self, evidence: Evidence, max_rounds: int, fee: float) -> None:
        self.evidence, self.max_rounds, self.fee = evidence, max_rounds, fee

    def result(self, key: str, asks: Sequence[Decision], size: Size) -> ImageResult:
        outlines = self.evidence.given(asks)
        rounds = max(int(ask.payload["input"]["round"]) for ask in asks)
        good = next((each for each in outlines if self._used(*each)), None)
        last = good or max(outlines, key=_round, default=None)
        status, reason = (ImageStatus.ACCEPTED, "") if good else self._open(last, rounds)
        return ImageResult(
            key=key,
            status=status,
            boxes=_boxes(good[1]) if good else (),
            width=size[0],
            height=size[1],
            rounds=rounds,
            reason=reason,
            cost=round(self.evidence.cost(outlines) * (1 + self.fee), 6),
            events=self.evidence.events(asks, outlines),
            **self._source(last),
        )

    def _source(self, last: Given | None) -> dict[str, Any]:
        """Return what an image's last outline says: where it is from, how it was judged."""
        if last is None:
            return {"performer": None, "assignment_id": None}
        page, answer = last
        verdict = self.evidence.verdict(page)
        decided = verdict or self.evidence.hold(page)
        return {
            "performer": page.user_id,
            "assignment_id": page.assignment_id,
            "task_id": answer.task_id,
            "verified": page.status == "ACCEPTED" and verdict is not None and verdict.kind in {"accept", "appeal"},
            "outline": _boxes(answer),
            "votes": self.evidence.votes(page, answer),
            "verdict": decided.kind if decided else "",
            "verdict_reason": decided.reason if decided else "",
        }

    def _used(self, page: Page, answer: Answer) -> bool:
        verdict = self.evidence.verdict(page)
        return page.status == "ACCEPTED" and answer.task_id not in (verdict.payload.get("anew", ()) if verdict else ())

    def _open(self, last: Given | None, rounds: int) -> tuple[str, str]:
        """Say how an image without a result stands, and why."""
        if last is None or _round(last) < rounds:
            return ImageStatus.PENDING, "asked, not yet answered"
        page = last[0]
        if page.status == "SUBMITTED":
            return self._submitted(page)
        if rounds >= self.max_rounds:
            return ImageStatus.UNRESOLVED, f"not right after {rounds} rounds"
        return ImageStatus.PENDING, "to be asked anew"

    def _submitted(self, page: Page) -> tuple[str, str]:
        hold = self.evidence.hold(page)
        if hold is not None:
            return ImageStatus.HELD, hold.reason
        if self.evidence.verdict(page) is not None:
            return ImageStatus.PENDING, "decided, not yet sent"
        turned_down = self.evidence.turned_down(page)
        if turned_down is not None:
            return ImageStatus.HELD, f"the platform did not take our {turned_down.kind}"
        return ImageStatus.PENDING, "in verification"


def publisher(store: Store, runs: Registry, folder: Path) -> Callable[[Decision], None]:
    """Return what carries a Publish out: the results of the run, as they stand, as one JSON file in `folder`."""

    def publish(decision: Decision) -> None:
        running = runs.places[decision.lane].running
        if "outlining" in running.pool_ids:
            rows = [as_row(each) for each in image_results(store, running)]
        elif running.pipeline.examples == "classes":
            rows = [as_label_row(each) for each in records_of(store, running, running.settings.method)]
        else:
            raise NothingToPublish(f"{running.pipeline.name}.")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{running.pipeline.name}-{running.run}.json"
        part = path.with_suffix(".part")
        part.write_text(json.dumps(rows, indent=1), encoding="utf-8")
        os.replace(part, path)

    return publish


def _refused(evidence: Evidence, page: Page, answer: Answer, size: Size) -> RefusedOutline:
    verdict = evidence.verdict(page)
    ours = verdict.payload if verdict and verdict.kind == "reject" else {}
    return RefusedOutline(
        key=str(answer.input["item"]),
        boxes=_boxes(answer),
        width=size[0],
        height=size[1],
        round=int(answer.input["round"]),
        performer=page.user_id,
        assignment_id=page.assignment_id,
        picture=answer.position + 1,
        pictures=len(page.answers),
        votes=evidence.votes(page, answer),
        comment=ours.get("comment") or page.comment,
        by=ours.get("by", ""),
    )


def _round(given: Given) -> int:
    return int(given[1].input["round"])


def _boxes(answer: Answer) -> tuple[Box, ...]:
    return tuple(from_shapes((answer.output or {}).get("result") or []))
