"""Annotation files that cannot be read are named; those that can give labels, edges and the image they are about."""

import json
from pathlib import Path

import pytest

from app.annotations import Annotation, BadAnnotation, ForeignAnnotation, read_coco, read_voc
from app.boxes import Box

VOC = """<annotation><filename>cat.jpg</filename><size><width>100</width><height>50</height></size>
<object><name>cat</name><bndbox><xmin>10</xmin><ymin>5</ymin><xmax>60</xmax><ymax>30</ymax></bndbox></object>
<object><name>dog</name><bndbox><xmin>-5</xmin><ymin>0</ymin><xmax>20</xmax><ymax>70</ymax></bndbox></object>
<object><name>cat</name><bndbox><xmin>7</xmin><ymin>7</ymin><xmax>7</xmax><ymax>7</ymax></bndbox></object>
</annotation>"""


def test_a_voc_file_gives_boxes_by_label_cut_to_the_image_and_without_degenerate_ones(tmp_path: Path) -> None:
    (tmp_path / "cat.xml").write_text(VOC)
    annotation = read_voc(tmp_path / "cat.xml")
    assert annotation.labels == {"cat", "dog"}
    assert annotation.boxes("cat", 100, 50) == (Box(0.1, 0.1, 0.5, 0.5),)
    assert annotation.boxes("dog", 100, 50) == (Box(0, 0, 0.2, 1),)
    assert len(annotation.boxes(None, 100, 50)) == 2


@pytest.mark.parametrize(
    "text", ["", "<annotation>", "<a><object><name>x</name></object></a>", "<a><size><width>wide</width></size></a>"]
)
def test_a_broken_voc_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "cat.xml").write_text(text)
    with pytest.raises(BadAnnotation, match=r"cat\.xml"):
        read_voc(tmp_path / "cat.xml")


@pytest.mark.parametrize("named", ["cat.jpg", "cat", "cat.png", "/home/me/cat.jpg", "C:\\images\\cat.jpg", None])
def test_an_annotation_may_name_its_image_with_another_folder_or_suffix(named: str | None) -> None:
    Annotation(Path("cat.xml"), (), named, 100, 50).check(Path("cat.jpg"), 100, 50)


def test_an_annotation_of_another_image_is_refused_by_name_and_by_size() -> None:
    with pytest.raises(ForeignAnnotation, match=r"dog\.jpg"):
        Annotation(Path("cat.xml"), (), "dog.jpg").check(Path("cat.jpg"), 100, 50)
    with pytest.raises(ForeignAnnotation, match="640x480"):
        Annotation(Path("cat.xml"), (), None, 640, 480).check(Path("cat.jpg"), 100, 50)


def test_a_coco_file_gives_an_annotation_for_each_of_its_images(tmp_path: Path) -> None:
    path = tmp_path / "boxes.json"
    content = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 50}, {"id": 2, "file_name": "b.jpg"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 3, "bbox": [10, 5, 50, 25]}],
        "categories": [{"id": 3, "name": "cat"}],
    }
    path.write_text(json.dumps(content))
    read = read_coco(path)
    assert read is not None
    assert read["a.jpg"].boxes("cat", 100, 50) == (Box(0.1, 0.1, 0.5, 0.5),)
    assert read["b.jpg"].boxes(None, 100, 50) == ()


def test_other_json_is_not_coco_and_a_broken_coco_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("[1, 2]")
    assert read_coco(path) is None
    path.write_text('{"images": [], "annotations": [{"image_id": 1, "bbox": [1, 2]}]}')
    with pytest.raises(BadAnnotation, match=r"x\.json"):
        read_coco(path)
    path.write_text("{")
    with pytest.raises(BadAnnotation, match=r"x\.json"):
        read_coco(path)
