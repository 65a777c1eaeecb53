"""From the ledger and the folded answers to what came out for each image."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.boxes import Box, from_shapes
from app.results import ImageResult, ImageStatus
from handlers.routing import Registry, Running
from store.contract import Store
from store.records import Answer, Decision, Page

Sizes = Mapping[str, tuple[int | None, int | None]]


def image_results(store: Store, running: Running, sizes: Sizes | None = None) -> list[ImageResult]:
    """Return how every image of a segmentation run stands, by key; `sizes` are in pixels."""
    pool_id = running.pool_ids["outlining"]
    asks: dict[str, list[Decision]] = {}
    for decision in store.decisions(kind="ask"):
        if decision.lane == pool_id:
            asks.setdefault(str(decision.payload["input"]["item"]), []).append(decision)
    answers: dict[str, list[tuple[Page, Answer]]] = {}
    for page in store.pages_of(pool_id):
        if page.status in {"SUBMITTED", "ACCEPTED", "REJECTED"}:
            for answer in page.answers:
                answers.setdefault(answer.task_id, []).append((page, answer))
    verdicts = {d.assignment_id: d for kind in ("accept", "reject") for d in store.decisions(kind=kind)}
    holds = {d.assignment_id: d for d in store.decisions(kind="hold")}
    judge = _Judge(answers, verdicts, holds, running.settings.max_rounds)
    return [judge.result(key, each, (sizes or {}).get(key, (None, None))) for key, each in sorted(asks.items())]


class _Judge:
    def __init__(
        self,
        answers: Mapping[str, list[tuple[Page, Answer]]],
        verdicts: Mapping[str | None, Decision],
        holds: Mapping[str | None, Decision],
        max_rounds: int,
    ) -> None:
        self.answers, self.verdicts, self.holds, self.max_rounds = answers, verdicts, holds, max_rounds

    def result(self, key: str, asks: list[Decision], size: tuple[int | None, int | None]) -> ImageResult:
        given = [pair for ask in asks for pair in self.answers.get(str(ask.result.get("task_id")), [])]
        rounds = max(int(ask.payload["input"]["round"]) for ask in asks)
        good = next(((page, answer) for page, answer in given if self._used(page, answer)), None)
        if good is not None:
            return _made(key, ImageStatus.ACCEPTED, size, rounds, good, _boxes(good[1]), "")
        last = max(given, key=lambda pair: int(pair[1].input["round"]), default=None)
        status, reason = self._open(last, rounds)
        return _made(key, status, size, rounds, last, (), reason)

    def _used(self, page: Page, answer: Answer) -> bool:
        verdict = self.verdicts.get(page.assignment_id)
        return page.status == "ACCEPTED" and answer.task_id not in (verdict.payload.get("anew", ()) if verdict else ())

    def _open(self, last: tuple[Page, Answer] | None, rounds: int) -> tuple[str, str]:
        if last is None or int(last[1].input["round"]) < rounds:
            return ImageStatus.PENDING, "asked, not yet answered"
        page = last[0]
        hold = self.holds.get(page.assignment_id)
        if page.status == "SUBMITTED":
            if hold is not None and page.assignment_id not in self.verdicts:
                return ImageStatus.HELD, hold.reason
            return ImageStatus.PENDING, "in verification"
        if rounds >= self.max_rounds:
            return ImageStatus.UNRESOLVED, f"not right after {rounds} rounds"
        return ImageStatus.PENDING, "to be asked anew"


def _made(
    key: str,
    status: str,
    size: tuple[int | None, int | None],
    rounds: int,
    source: tuple[Page, Answer] | None,
    boxes: tuple[Box, ...],
    reason: str,
) -> ImageResult:
    page = source[0] if source else None
    user_id, assignment_id = (page.user_id, page.assignment_id) if page else (None, None)
    return ImageResult(key, status, boxes, *size, rounds, user_id, assignment_id, reason)


def _boxes(answer: Answer) -> tuple[Box, ...]:
    return tuple(from_shapes((answer.output or {}).get("result") or []))


def publisher(store: Store, runs: Registry, folder: Path) -> Callable[[Decision], None]:
    """Return what carries a Publish out: the results of the run, as they stand, as one JSON file in `folder`."""

    def publish(decision: Decision) -> None:
        running = runs.places[decision.lane].running
        results: list[dict[str, Any]] = [asdict(each) for each in image_results(store, running)]
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{running.pipeline.name}-{running.run}.json"
        part = path.with_suffix(".part")
        part.write_text(json.dumps(results, indent=1), encoding="utf-8")
        os.replace(part, path)

    return publish
