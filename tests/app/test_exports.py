"""`crowdhook export` on the database that a rehearsal left: every format agrees with the ledger; bad input is told."""

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from calm import IMAGES, Calm
from click.testing import CliRunner, Result
from PIL import Image
from pycocotools.coco import COCO
from xmlschema import XMLSchema

from app.annotations import read_voc
from app.cli import main
from app.exports import Source, read

SCHEMA = XMLSchema(Path(__file__).parent / "voc.xsd")
EXAMPLE = "docs.examples.yes_no"


def export(calm: Calm, *arguments: str, samples: bool = True, pipeline: str = "image-segmentation") -> Result:
    clean = {name: None for name in os.environ if name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    dataset = ("--dataset", str(calm.out / "samples")) if samples else ()
    env = {**clean, "CROWDHOOK_DATABASE": str(calm.out / "crowdhook.db")}
    return CliRunner().invoke(main, ["export", pipeline, *arguments, *dataset], env=env)


def exported(calm: Calm, out: Path, *arguments: str, samples: bool = True) -> Path:
    result = export(calm, *arguments, "--out", str(out), samples=samples)
    assert result.exit_code == 0, result.output
    return out


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.stderr.strip().count("\n") == 0
    for word in words:
        assert word in result.stderr


def controls(calm: Calm) -> float:
    """What control questions cost, without the fee: their shares of the pages that they were on."""
    with sqlite3.connect(calm.out / "crowdhook.db") as database:
        (cost,) = database.execute(
            "SELECT coalesce(sum(reward / (SELECT count(*) FROM answers every"
            "  WHERE every.assignment_id = pages.assignment_id)), 0)"
            " FROM pages JOIN answers USING (assignment_id) WHERE status = 'ACCEPTED'"
            " AND subject_assignment_id NOT IN (SELECT assignment_id FROM pages)"
        ).fetchone()
    database.close()
    return float(cost)


@pytest.mark.parametrize(
    ("format", "name"), [("coco", "results.coco.json"), ("jsonl", "results.jsonl"), ("csv", "results.csv")]
)
def test_an_export_afterwards_is_what_the_rehearsal_wrote(calm: Calm, tmp_path: Path, format: str, name: str) -> None:
    out = exported(calm, tmp_path / "deep/down", "--run", "rehearsal", "--format", format)
    assert out.read_bytes() == (calm.out / name).read_bytes()


def test_every_image_has_a_row_and_the_costs_add_up_to_what_was_spent(calm: Calm, tmp_path: Path) -> None:
    out = exported(calm, tmp_path / "rows", "--format", "jsonl", "--fee", "0.3")
    written = rows(out)
    assert len({row["key"] for row in written}) == IMAGES
    spent = sum(row["cost"] for row in written) + 1.3 * controls(calm)
    assert spent == pytest.approx(calm.done.summary["money"]["total"], abs=1e-4)
    assert all(row["votes"] and row["events"] for row in written)
    assert {row["verified"] for row in written if row["status"] == "accepted"} == {True}


def test_pixels_are_left_out_of_rows_when_nobody_knows_the_sizes(calm: Calm, tmp_path: Path) -> None:
    known, unknown = (
        rows(calm.out / "results.jsonl"),
        rows(exported(calm, tmp_path / "rows", "--format", "jsonl", samples=False)),
    )
    assert [row["boxes"] for row in unknown] == [row["boxes"] for row in known]
    assert {row["boxes_pixels"] for row in unknown} == {None}
    assert all(row["boxes_pixels"] is not None for row in known)


def test_coco_and_voc_are_read_by_others_and_hold_the_same_boxes(calm: Calm, tmp_path: Path) -> None:
    coco = COCO(exported(calm, tmp_path / "coco.json", "--format", "coco"))
    voc = exported(calm, tmp_path / "voc", "--format", "voc")
    accepted = [image for image in coco.loadImgs(coco.getImgIds()) if image["status"] == "accepted"]
    assert accepted
    for image in accepted:
        path = voc / f"{Path(image['file_name']).stem}.xml"
        SCHEMA.validate(path)
        edges = [edges for _, edges in read_voc(path).objects]
        boxes = [each["bbox"] for each in coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))]
        assert [[left, top, right - left, bottom - top] for left, top, right, bottom in edges] == boxes
    assert len(list(voc.glob("*.xml"))) == len(accepted)
    listed = (voc / "not-accepted.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(listed) + len(accepted) == IMAGES


def test_only_the_statuses_asked_for_are_listed_and_the_others_are_told(calm: Calm, tmp_path: Path) -> None:
    result = export(calm, "--format", "csv", "--status", "accepted", "--out", str(tmp_path / "accepted.csv"))
    accepted = calm.done.summary["images"]["accepted"]
    assert f"{IMAGES} images: {accepted} accepted" in result.stdout
    assert "listed: accepted" in result.stdout
    assert len((tmp_path / "accepted.csv").read_text(encoding="utf-8").splitlines()) == accepted + 1


def test_sheets_are_three_pictures(calm: Calm, tmp_path: Path) -> None:
    folder = exported(calm, tmp_path / "sheets", "--format", "sheets")
    for name in ("accepted", "refused", "held"):
        with Image.open(folder / f"{name}.png") as picture:
            assert picture.format == "PNG"


def test_what_is_refused_or_held_is_so_on_the_platform(calm: Calm) -> None:
    run = read(Source(database=calm.out / "crowdhook.db", pipeline="image-segmentation"))
    ids: dict[str, set[str]] = {}
    for line in rows(calm.out / "world.jsonl"):
        ids.setdefault(line["kind"], set()).add(line["id"])
    refused_pages = {each.assignment_id for each in run.refused}
    held = {each.assignment_id for each in run.results if each.status == "held"}
    assert refused_pages | held
    assert refused_pages == ids.get("ASSIGNMENT_REJECTED", set())
    assert held <= ids["ASSIGNMENT_SUBMITTED"] - ids["ASSIGNMENT_APPROVED"] - refused_pages


@pytest.mark.parametrize("format", ["coco", "voc"])
def test_pixels_without_sizes_say_what_to_do(calm: Calm, tmp_path: Path, format: str) -> None:
    result = export(calm, "--format", format, "--out", str(tmp_path / "out"), samples=False)
    refused(result, "--dataset", "jsonl")
    assert not (tmp_path / "out").exists()


def test_what_is_not_there_is_named(calm: Calm, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "out"))
    refused(export(calm, "--format", "xml", *out), "xml", "coco, csv, jsonl, voc, sheets")
    refused(export(calm, "--format", "csv", "--status", "done", *out), "done", "unresolved")
    refused(export(calm, "--format", "csv", "--run", "other", *out), "other", "rehearsal")
    refused(export(calm, "--format", "csv", *out, pipeline="image-sorting"), "image-sorting", "image-segmentation")
    refused(export(calm, "--format", "csv", *out, pipeline=EXAMPLE), "none of yes-no")
    missing = export(calm, "--format", "csv", *out, "--dataset", str(tmp_path / "no"), samples=False)
    refused(missing, str(tmp_path / "no"))
    assert not (tmp_path / "out").exists()


def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    elsewhere = Calm(tmp_path, tmp_path, None)  # type: ignore[arg-type]
    refused(export(elsewhere, "--format", "csv", "--out", str(tmp_path / "out"), samples=False), "crowdhook.db")
