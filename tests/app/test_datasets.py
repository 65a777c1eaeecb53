"""Data sets as people have them: folders with VOC, COCO or nothing, tables, and everything that is wrong with them."""

import json
from pathlib import Path

import pytest
from PIL import Image

from app.annotations import ForeignAnnotation
from app.boxes import Box
from app.datasets import Item, MissingDataset, NoImages, UnknownLabel, UnreadableImage, load
from app.rows import BadTable

BCCD = Path(__file__).resolve().parents[3] / "shared" / "bccd"


def picture(path: Path, width: int = 100, height: int = 50) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), (200, 100, 50)).save(path)
    return path


def voc(path: Path, *labels: str, filename: str | None = None, width: int = 100) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    box = "<bndbox><xmin>10</xmin><ymin>5</ymin><xmax>60</xmax><ymax>30</ymax></bndbox>"
    objects = "".join(f"<object><name>{label}</name>{box}</object>" for label in labels)
    name = filename or f"{path.stem}.jpg"
    size = f"<size><width>{width}</width><height>50</height></size>"
    path.write_text(f"<annotation><filename>{name}</filename>{size}{objects}</annotation>")


BOX = Box(0.1, 0.1, 0.5, 0.5)


def test_a_voc_folder_is_read_by_key_with_the_boxes_of_one_label(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        picture(tmp_path / "JPEGImages" / f"{name}.jpg")
    voc(tmp_path / "Annotations" / "a.xml", "cat", "dog")
    voc(tmp_path / "Annotations" / "b.xml", "dog")
    a, b, c = load(tmp_path, "cat")
    assert a == Item("JPEGImages/a.jpg", tmp_path / "JPEGImages" / "a.jpg", None, 100, 50, (BOX,))
    assert b.truth == ()  # annotated, no cat
    assert c.truth is None  # nobody knows
    assert load(tmp_path)[0].truth == (BOX, BOX)
    assert [item.key for item in load(tmp_path, "cat", limit=2)] == ["JPEGImages/a.jpg", "JPEGImages/b.jpg"]


def test_voc_files_may_lie_beside_the_images(tmp_path: Path) -> None:
    picture(tmp_path / "train" / "a.jpg")
    voc(tmp_path / "train" / "a.xml", "cat")
    assert load(tmp_path, "cat")[0].truth == (BOX,)


@pytest.mark.parametrize(
    ("place", "file_name"),
    [("boxes.json", "images/a.jpg"), ("annotations/boxes.json", "a.jpg"), ("annotations/boxes.json", "images/a.jpg")],
)
def test_a_coco_folder_is_read(tmp_path: Path, place: str, file_name: str) -> None:
    picture(tmp_path / "images" / "a.jpg")
    picture(tmp_path / "images" / "b.jpg")
    content = {
        "images": [{"id": 7, "file_name": file_name, "width": 100, "height": 50}, {"id": 8, "file_name": "lost.jpg"}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 1, "bbox": [10, 5, 50, 25]}],
        "categories": [{"id": 1, "name": "cat"}],
    }
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text(json.dumps(content))
    assert [item.truth for item in load(tmp_path, "cat")] == [(BOX,), None]


def test_a_folder_of_images_alone_has_no_truth_and_any_label(tmp_path: Path) -> None:
    picture(tmp_path / "x.png")
    (tmp_path / "notes.json").write_text("{}")
    picture(tmp_path / ".hidden" / "y.png")
    assert [(item.key, item.truth) for item in load(tmp_path, "anything")] == [("x.png", None)]


def test_a_table_names_images_by_address_or_by_path(tmp_path: Path) -> None:
    picture(tmp_path / "pictures" / "a.jpg")
    table = tmp_path / "images.tsv"
    table.write_text("\ufeffid\timage\n1\thttps://example.org/z.jpg\n2\tpictures/a.jpg\n3\tpictures/a.jpg\n", "utf-8")
    web, local = load(table, "cat")
    assert web == Item("https://example.org/z.jpg", None, "https://example.org/z.jpg", None, None, None)
    assert (local.key, local.path, local.width) == ("pictures/a.jpg", tmp_path / "pictures/a.jpg", 100)
    (tmp_path / "images.csv").write_text('INPUT:image,note\nhttps://example.org/1.jpg,"a, b"\n')
    assert load(tmp_path / "images.csv")[0].url == "https://example.org/1.jpg"


def test_a_missing_data_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingDataset, match="nowhere"):
        load(tmp_path / "nowhere")
    (tmp_path / "readme.txt").write_text("hello")
    with pytest.raises(MissingDataset, match=r"readme\.txt"):
        load(tmp_path / "readme.txt")


def test_a_data_set_without_images_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("image\n")
    with pytest.raises(NoImages, match=r"empty\.csv"):
        load(tmp_path / "empty.csv")
    with pytest.raises(NoImages, match=tmp_path.name):
        load(tmp_path)


def test_an_unreadable_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"not a picture")
    with pytest.raises(UnreadableImage, match=r"broken\.jpg"):
        load(tmp_path)
    whole = picture(tmp_path / "cut.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "broken.jpg").unlink()
    with pytest.raises(UnreadableImage, match=r"cut\.png"):
        load(tmp_path)
    (tmp_path / "table.csv").write_text("image\nlost.jpg\n")
    with pytest.raises(UnreadableImage, match=r"lost\.jpg"):
        load(tmp_path / "table.csv")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"picture\nx.jpg\n", "are: picture"),
        (b"", "are: none"),
        (b"id,image\n1,\n", "line 2"),
        (b"image\n\xff\xfe\n", "utf-8"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "table.csv").write_bytes(content)
    with pytest.raises(BadTable, match=says):
        load(tmp_path / "table.csv")


def test_an_annotation_of_another_image_is_refused(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    voc(tmp_path / "a.xml", "cat", filename="b.jpg")
    with pytest.raises(ForeignAnnotation, match=r"b\.jpg"):
        load(tmp_path)
    voc(tmp_path / "a.xml", "cat", width=640)
    with pytest.raises(ForeignAnnotation, match="640x50"):
        load(tmp_path)


def test_a_label_that_occurs_nowhere_names_those_that_do(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    voc(tmp_path / "a.xml", "cat", "dog")
    with pytest.raises(UnknownLabel, match="cat, dog"):
        load(tmp_path, "cow")


@pytest.mark.skipif(not BCCD.is_dir(), reason="../shared/bccd is not there")
def test_the_real_blood_cells_are_read_whole() -> None:
    items = load(BCCD, "WBC")
    truths = [item.truth for item in items if item.truth is not None]
    assert len(items) == len(truths) == 364
    assert sum(map(len, truths)) == 372
    assert truths.count(()) == 6
    assert items[0].key == "JPEGImages/BloodImage_00000.jpg"
    assert len(load(BCCD, "WBC", limit=10)) == 10
