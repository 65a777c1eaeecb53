"""COCO out: every image with its status, boxes of the accepted ones in pixels, the same bytes for the same results."""

import json
from pathlib import Path

from app.annotations import read_coco
from app.boxes import Box, iou
from app.exports import ImageResult, coco, write_coco

BOX = Box(0.25, 0.5, 0.5, 0.25)
RESULTS = [
    ImageResult("b.jpg", "accepted", (BOX, Box(0.9, 0.9, 0.3, 0.3)), 640, 480, 1, "p1", "a1"),
    ImageResult("a.jpg", "accepted", (), 640, 480, 2, "p2", "a2"),
    ImageResult("c.jpg", "held", (BOX,), 640, 480, 1, "p3", "a3", "undecided after 7 votes"),
    ImageResult("d.jpg", "unresolved", (), 640, 480, 5, None, None),
    ImageResult("https://example.org/e.jpg", "accepted", (BOX,), None, None, 1, "p1", "a4"),
]


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


def test_boxes_of_an_image_of_unknown_size_stay_fractions() -> None:
    assert coco(RESULTS, "cell")["images"][4]["fractions"] == [[0.25, 0.5, 0.5, 0.25]]


def test_the_file_holds_what_the_readers_of_coco_need() -> None:
    """The keys and types that pycocotools indexes by: integer ids, categories, area, iscrowd, one polygon each."""
    content = coco(RESULTS, "cell")
    ids = {image["id"] for image in content["images"]}
    for annotation in content["annotations"]:
        assert annotation["image_id"] in ids
        assert annotation["category_id"] == content["categories"][0]["id"]
        assert annotation["iscrowd"] == 0
        x, y, width, height = annotation["bbox"]
        assert annotation["segmentation"] == [[x, y, x + width, y, x + width, y + height, x, y + height]]


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
