"""Classifications of made-up pictures of cats and dogs, small and rehearsed in seconds; no picture is needed."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.drift import Drift, last_audit
from app.labellers import Labellers
from app.rehearsal import Plan, Stage, stage
from simulator.courier import Delivered
from simulator.crowd.performers import Answers, Crowd
from simulator.records.hands import Act
from store.labels import TaskLabel
from store.records import Decision, Event

CLASSES = ("CAT", "DOG")
OVERLAP = 3
NAMES = {"main": "Labels", "training": "Training", "exam": "Exam"}
SETTINGS = {
    "classes": [{"value": each} for each in CLASSES],
    "overlap": OVERLAP,
    "real_tasks": 4,
    "control_tasks": 2,
    "training_page": 4,
    "exam_page": 5,
}
COUNTS = {"training": 4, "exam": 5, "control": 8}


def items(images: int) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """So many pictures to be labelled and the known ones that this takes, and what is to be seen on each."""
    purposes = [purpose for purpose, count in {**COUNTS, "main": images}.items() for _ in range(count)]
    truths = {f"{at:03}.png": CLASSES[at % 2] for at in range(len(purposes))}
    given = [
        {"key": key, "url": f"https://pictures.example/{key}", "for": purpose, "label": truths[key]}
        for purpose, key in zip(purposes, truths, strict=True)
    ]
    return given, truths


def plan(
    out: Path,
    images: int = 16,
    *,
    wrap: Callable[[Answers], Answers] = lambda same: same,
    performers: int = 60,
    **chosen: Any,
) -> Plan:
    """A rehearsal of so many images; `wrap` turns the answers of honest people into others."""
    given, truths = items(images)
    crowd = Crowd(performers=performers, seed=3, accuracy=0.97, careless=0.1, guesser=0.1, cheater=0.1)
    settings = {**SETTINGS, **chosen.pop("settings", {})}
    made = {"items": given, "crowd": crowd, "answers": wrap(Labellers(truths)), **chosen}
    return Plan(pipeline="image-classification", out=out, settings=settings, **made)


@dataclass(frozen=True)
class Ended:
    """What a rehearsal came to."""

    history: list[dict[str, Any]]  # of the world
    pool_ids: dict[str, str]  # by role
    decisions: list[Decision]
    events: list[Event]
    labels: list[TaskLabel]  # by the run's method, with their probabilities
    published: list[dict[str, Any]] | None  # None: nothing was
    money: dict[str, float]
    undone: list[Act]
    drift: tuple[Drift, ...]  # of the last audit
    told: Delivered  # notifications

    def of(self, kind: str, role: str = "") -> list[dict[str, Any]]:
        """Lines of the history: what happened of this kind, to the role's pool or in it."""
        pool_id = self.pool_ids.get(role)
        lines = (line for line in self.history if line["kind"] == kind)
        return [line for line in lines if pool_id in (None, line["id"], line.get("pool_id"))]

    def decided(self, kind: str) -> Counter[str]:
        """How decisions of this kind ended: how many in each state."""
        return Counter(str(each.state) for each in self.decisions if each.kind == kind)


def published(at: Stage) -> list[dict[str, Any]] | None:
    """Read what is published at this moment; None: nothing is."""
    path = at.settings.results / "image-classification-rehearsal.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def rehearsed(planned: Plan, watch: Callable[[Stage], None] = lambda at: None) -> Ended:
    """Rehearse once."""
    with stage(planned, watch) as at:
        audited = last_audit(at.store, at.running.pipeline.name, at.running.run)
        return Ended(
            history=at.world.history(),
            pool_ids=dict(at.running.pool_ids),
            decisions=at.store.decisions(),
            events=[each.event for each in at.store.events(limit=10_000).events],
            labels=list(at.store.labels(at.running.pool_ids["main"]).get(at.running.settings.method, ())),
            published=published(at),
            money=at.money(),
            undone=list(at.world.undone_acts()),
            drift=audited.drift if audited else (),
            told=at.courier.total,
        )
