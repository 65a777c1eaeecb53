"""COCO out: every image with its status, boxes of the accepted ones in pixels, the same bytes for the same results."""

import json
from pathlib import Path

from ended import BOX, RESULTS
from pycocotools import mask
from pycocotools.coco import COCO

from app.annotations import read_coco
from app.boxes import iou, to_pixels
from app.coco import coco, write_coco


def test_every_image_is_listed_with_its_status_and_accepted_boxes_are_in_pixels() -> None:
    content = coco(RESULTS, "cell")
    assert [(image["id"], image["file_name"], image["status"]) for image in content["images"]] == [
        (1, "a.jpg", "accepted"),
        (2, "b.jpg", "accepted"),
        (3, "c.jpg", "held"),
        (4, "d.jpg", "unresolved"),
        (5, "https://example.org/e.jpg", "accepted"),
    ]
    assert [(a["id"], a["image_id"], a["bbox"], a["area"]) for a in content["annotations"]] == [
        (1, 2, [160, 240, 320, 120], 38400),
        (2, 2, [576, 432, 64, 48], 3072),
    ]
    assert content["info"]["images_by_status"] == {"accepted": 3, "held": 1, "unresolved": 1, "pending": 0}
    assert content["images"][2]["reason"] == "undecided after 7 votes"
    assert [image["verified"] for image in content["images"]] == [False, True, False, False, False]


def test_images_that_were_not_asked_for_are_named_all_the_same() -> None:
    content = coco(RESULTS, "cell", ["accepted"])
    assert [image["file_name"] for image in content["images"]] == ["a.jpg", "b.jpg", "https://example.org/e.jpg"]
    assert len(content["annotations"]) == 2
    assert content["info"]["images_by_status"]["held"] == 1
    assert content["info"]["left_out"] == [
        {"file_name": "c.jpg", "status": "held", "reason": "undecided after 7 votes"},
        {"file_name": "d.jpg", "status": "unresolved", "reason": "not right after 5 rounds"},
    ]


def test_boxes_of_an_image_of_unknown_size_stay_fractions() -> None:
    assert coco(RESULTS, "cell")["images"][4]["fractions"] == [[0.25, 0.5, 0.5, 0.25]]


def test_pycocotools_reads_the_file_and_finds_the_same_boxes(tmp_path: Path) -> None:
    write_coco(RESULTS, "cell", tmp_path / "coco.json")
    read = COCO(tmp_path / "coco.json")
    assert read.getCatIds(catNms=["cell"]) == [1]
    images = {image["file_name"]: image["id"] for image in read.loadImgs(read.getImgIds())}
    assert set(images) == {result.key for result in RESULTS}
    for result in RESULTS[:4]:
        boxes = [each["bbox"] for each in read.loadAnns(read.getAnnIds(imgIds=[images[result.key]]))]
        assert boxes == [list(to_pixels(box, 640, 480)) for box in result.boxes]
    annotation = read.loadAnns(1)[0]
    assert mask.area(read.annToRLE(annotation)) == annotation["area"]


def test_the_same_results_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    write_coco(RESULTS, "cell", tmp_path / "one.json")
    write_coco(RESULTS[::-1], "cell", tmp_path / "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert json.loads((tmp_path / "one.json").read_text())["categories"][0]["name"] == "cell"


def test_what_is_written_can_be_read_again(tmp_path: Path) -> None:
    write_coco(RESULTS, "cell", tmp_path / "coco.json")
    annotations = read_coco(tmp_path / "coco.json")
    assert annotations is not None
    first, _ = annotations["b.jpg"].boxes("cell", 640, 480)
    assert iou(first, BOX) > 0.999
    assert annotations["a.jpg"].boxes("cell", 640, 480) == ()
