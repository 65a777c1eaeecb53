"""Whatever is killed, sent twice, shuffled or lost: the same labels with the same probabilities, for the same money."""

import json
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from calm import mortal_worker
from cats import COUNTS, OVERLAP, Ended, plan, rehearsed
from mortal import deaths, diary
from mortal_labels import MOMENTS

from app.rehearsal import Stage
from app.runs import gateway_of
from handlers.subscribing import Subscriptions

pytestmark = pytest.mark.soak

HERE = Path(__file__).parent
IMAGES = 8
KINDS = ("ask", "open", "close", "aggregate", "publish")
CARRIED_OUT = {f"{step}-{kind}" for step in ("sent", "applied", "settled") for kind in KINDS}
DECIDED = {"decided-ask", "decided-aggregate", "decided-publish"}  # with the asks openings, with the labels closings


@dataclass(frozen=True)
class Run:
    folder: Path  # of the worker's diary, and of its deaths
    out: Path
    ended: Ended

    @property
    def world(self) -> str:
        return (self.out / "world.jsonl").read_text(encoding="utf-8")


def run(folder: Path, watch: Callable[[Stage], None] = lambda at: None, **chosen: Any) -> Run:
    return Run(folder, folder / "out", rehearsed(plan(folder / "out", IMAGES, **chosen), watch))


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("calm")
    return run(folder, worker=mortal_worker(folder))


@pytest.fixture(scope="module")
def killed(calm: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("killed")
    (folder / "plan.json").write_text(json.dumps(fatal_steps(calm.folder)))
    return run(folder, worker=[sys.executable, str(HERE / "mortal_labels.py"), str(folder)])


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """No answer is told, only the closing is, and nobody sweeps until a day later."""
    return run(tmp_path_factory.mktemp("lost"), stop_telling_answers, reconcile_seconds=86_400.0)


def stop_telling_answers(at: Stage) -> None:
    """Delete the subscriptions to answers, as somebody might by mistake."""
    gateway, _ = gateway_of(at.settings)
    with closing(gateway):
        subscriptions = Subscriptions(gateway)
        for each in subscriptions.all():
            if each.event_type.startswith("ASSIGNMENT_"):
                subscriptions.delete(each.subscription_id)


def fatal_steps(folder: Path) -> list[tuple[str, str, str]]:
    """Choose a moment of the undisturbed run for each step of each kind of event or decision: (step, kind, key)."""
    chosen: dict[tuple[str, str], str] = {}
    for entry in diary(folder):
        for key in entry["keys"][:1]:
            kind = key.split(":")[0] if ":" in key else "ITEMS_ADDED"
            chosen.setdefault((entry["name"], kind), key)
    return [(step, kind, key) for (step, kind), key in chosen.items()]


def same_labels(one: Run, other: Run) -> bool:
    """The same labels with the same probabilities, published alike, for the same money."""
    ours, theirs = one.ended, other.ended
    return (ours.labels, ours.published, ours.money) == (theirs.labels, theirs.published, theirs.money)


def created(ended: Ended) -> Counter[tuple[str, str]]:
    """How often each image was asked about in each pool."""
    return Counter((line["pool_id"], line["input_values"]["item"]) for line in ended.of("TASK_CREATED"))


# undisturbed


def test_when_all_work_is_done_training_and_exam_are_closed_and_labels_published(calm: Run) -> None:
    reasons = {role: [line["reason"] for line in calm.ended.of("POOL_CLOSED", role)] for role in calm.ended.pool_ids}
    assert reasons == {"main": ["COMPLETED"], "training": ["MANUAL"], "exam": ["MANUAL"]}
    rows = calm.ended.published or []
    assert Counter(row["label"] for row in rows) == Counter(each.label for each in calm.ended.labels)
    assert len(rows) == IMAGES


def test_an_answer_counts_once_although_submitted_and_approved_are_both_told(calm: Run) -> None:
    pages = {line["id"] for line in calm.ended.of("ASSIGNMENT_APPROVED", "main")}
    for kind in ("ASSIGNMENT_SUBMITTED", "ASSIGNMENT_APPROVED"):
        assert {each.assignment_id for each in calm.ended.events if each.type == kind} == pages
    (made,) = [each.payload for each in calm.ended.events if each.type == "AGGREGATED"]
    assert made["answers"] == IMAGES * OVERLAP
    assert {sum(row["votes"].values()) for row in calm.ended.published or []} == {OVERLAP}


# killed


def test_a_worker_killed_at_every_step_of_every_kind_changes_nothing(calm: Run, killed: Run) -> None:
    died = {each for each in deaths(killed.folder) if "-" in each}
    print("\nkilled at:", *sorted(died), sep="\n  ")
    claimed = {each.removeprefix("claimed-") for each in died if each.startswith("claimed")}
    assert claimed == {"ITEMS_ADDED", "ASSIGNMENT_APPROVED", "POOL_CLOSED", "AGGREGATED"}
    assert died == CARRIED_OUT | DECIDED | {f"claimed-{each}" for each in claimed}
    assert killed.world == calm.world
    assert same_labels(killed, calm)


def test_a_worker_killed_while_it_makes_labels_makes_the_same(calm: Run, killed: Run) -> None:
    died = {each for each in deaths(killed.folder) if " " in each}
    assert died == set(MOMENTS)
    assert same_labels(killed, calm)
    assert killed.ended.decided("aggregate") == killed.ended.decided("publish") == Counter(done=1)


def test_nothing_is_created_twice(calm: Run, killed: Run) -> None:
    assert set(created(killed.ended).values()) == {1}
    assert len(created(killed.ended)) == IMAGES + sum(COUNTS.values())


# sent twice, shuffled, lost


def test_notifications_sent_twice_and_shuffled_to_a_receiver_that_dies_change_nothing(
    calm: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.setenv("MORTAL_FOLDER", str(tmp_path))
    disturbed = run(tmp_path, repeat=True, shuffle=True, web="mortal_web:application()")
    died = deaths(tmp_path)
    print("\nkilled:", *died, sep="\n  ")
    assert {each.partition("-")[0] for each in died} == {"before", "after"}
    assert disturbed.ended.told.repeated == disturbed.ended.told.sent / 2
    assert disturbed.ended.told.displaced >= disturbed.ended.told.displaceable / 3 > 2
    assert disturbed.world == calm.world
    assert same_labels(disturbed, calm)


def test_answers_that_no_event_told_of_are_in_the_labels(calm: Run, lost: Run) -> None:
    told = [each for each in lost.ended.events if each.source == "webhook"]
    assert [each.type for each in told] == ["POOL_CLOSED"]
    assert same_labels(lost, calm)


def test_when_every_notification_is_lost_all_is_found_by_sweeps(calm: Run, tmp_path: Path) -> None:
    disturbed = run(tmp_path, lose=1.0)
    assert {each.source for each in disturbed.ended.events} == {"crowdhook", "reconciler"}
    assert same_labels(disturbed, calm)
    assert disturbed.ended.of("ASSIGNMENT_APPROVED", "main") == calm.ended.of("ASSIGNMENT_APPROVED", "main")


def test_what_was_closed_when_the_work_was_done_is_no_drift(lost: Run) -> None:
    """A day later; an endless task that not everybody answered misses no answer either."""
    assert lost.ended.drift == ()
