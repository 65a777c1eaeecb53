"""A rehearsal of the samples, from nothing to quiescence: what it leaves behind is true."""

import json
import re
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from calm import IMAGES, Calm
from PIL import Image

from app.boxes import from_shapes, to_pixels

DOCS = Path(__file__).parent.parent.parent / "docs"


def history(calm: Calm) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (calm.out / "world.jsonl").read_text(encoding="utf-8").splitlines()]


def coco(calm: Calm) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((calm.out / "results.coco.json").read_text(encoding="utf-8"))
    return read


def test_every_image_ends_and_is_listed_with_its_status(calm: Calm) -> None:
    images = calm.done.summary["images"]
    assert images["total"] == IMAGES
    assert images["pending"] == 0
    assert images["accepted"] > IMAGES / 2
    listed = Counter(image["status"] for image in coco(calm)["images"])
    assert listed == {status: count for status, count in images.items() if count and status != "total"}


def test_the_boxes_are_the_ones_that_the_paid_performer_drew(calm: Calm) -> None:
    results = coco(calm)
    boxes: dict[int, list[list[int]]] = {}
    for annotation in results["annotations"]:
        boxes.setdefault(annotation["image_id"], []).append(annotation["bbox"])
    with sqlite3.connect(calm.out / "crowdhook.db") as database:
        drawn = dict(database.execute("SELECT assignment_id, output FROM answers WHERE subject_task_id IS NULL"))
    database.close()
    accepted = [image for image in results["images"] if image["status"] == "accepted"]
    assert any(image["id"] not in boxes for image in accepted), "some sample has nothing to outline"
    for image in accepted:
        shapes = json.loads(drawn[image["assignment_id"]]).get("result") or []
        expected = [list(to_pixels(box, image["width"], image["height"])) for box in from_shapes(shapes)]
        assert sorted(boxes.get(image["id"], [])) == sorted(expected)


def test_ledger_and_world_agree_on_one_verdict_for_each_page(calm: Calm) -> None:
    reviewed = Counter(
        line["id"] for line in history(calm) if line["kind"] in {"ASSIGNMENT_APPROVED", "ASSIGNMENT_REJECTED"}
    )
    assert reviewed
    assert set(reviewed.values()) == {1}
    assert calm.done.summary["one_verdict_each"]


def test_refused_work_is_asked_anew_of_somebody_else(calm: Calm) -> None:
    lines = history(calm)
    refused = {line["id"] for line in lines if line["kind"] == "ASSIGNMENT_REJECTED"}
    assert refused
    rounds = calm.done.summary["rounds"]
    assert sum(count for number, count in rounds.items() if int(number) > 1) > 0
    with sqlite3.connect(calm.out / "crowdhook.db") as database:
        outlined = database.execute(
            "SELECT json_extract(input, '$.item'), user_id FROM answers JOIN pages USING (assignment_id)"
            " WHERE subject_task_id IS NULL AND status IN ('ACCEPTED', 'REJECTED', 'SUBMITTED')"
        ).fetchall()
    database.close()
    assert len(outlined) == len(set(outlined))


def test_nobody_judges_his_own_outline(calm: Calm) -> None:
    with sqlite3.connect(calm.out / "crowdhook.db") as database:
        own = database.execute(
            "SELECT count(*) FROM answers vote JOIN pages verifier USING (assignment_id)"
            " JOIN pages author ON author.assignment_id = vote.subject_assignment_id"
            " WHERE verifier.user_id = author.user_id"
        ).fetchone()
    database.close()
    assert own == (0,)


def test_every_field_of_the_summary_is_documented(calm: Calm) -> None:
    page = (DOCS / "simulator.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`([a-z_.]+)`", page))
    fields = set(calm.done.summary) - {"quality"} | {f"quality.{name}" for name in calm.done.summary["quality"]}
    assert fields <= documented
    assert json.loads((calm.out / "summary.json").read_text(encoding="utf-8")) == calm.done.summary


def test_the_pipeline_published_its_results_when_the_pool_closed(calm: Calm) -> None:
    published = json.loads((calm.out / "results/image-segmentation-rehearsal.json").read_text(encoding="utf-8"))
    assert len(published) == IMAGES
    assert {each["status"] for each in published} <= {"accepted", "held", "pending"}


def test_the_contact_sheet_is_a_picture(calm: Calm) -> None:
    with Image.open(calm.out / "contact-sheet.png") as sheet:
        assert sheet.format == "PNG"
        assert min(sheet.size) > 300


@pytest.mark.parametrize("kind", ["ask", "accept", "reject"])
def test_every_decision_was_carried_out(calm: Calm, kind: str) -> None:
    assert set(calm.done.summary["decisions"][kind]) == {"done"}
