"""Objects cut out: where they come from, what is left out, and nothing half done."""

import csv
import json
from pathlib import Path

import pytest
from PIL import Image

from app.annotations import BadAnnotation
from app.crops import NoObjects, NotEmpty, cut
from app.datasets import MissingDataset
from app.labelled import read_known
from app.samples import write_samples

BCCD = next((each / "shared/bccd" for each in Path(__file__).parents if (each / "shared/bccd").is_dir()), None)
RED, BLUE = (220, 0, 0), (0, 0, 220)


def scene(folder: Path, name: str, objects: list[tuple[str, tuple[float, float, float, float]]]) -> None:
    """A blue image of 100x50 with its COCO file, red where the objects are (left, top, right, bottom)."""
    folder.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (100, 50), BLUE)
    for _, (left, top, right, bottom) in objects:
        image.paste(RED, (round(left), round(top), round(right), round(bottom)))
    image.save(folder / f"{name}.png")
    labels = sorted({label for label, _ in objects})
    content = {
        "images": [{"id": 1, "file_name": f"{name}.png", "width": 100, "height": 50}],
        "categories": [{"id": at, "name": label} for at, label in enumerate(labels)],
        "annotations": [
            {"image_id": 1, "category_id": labels.index(label), "bbox": [x, y, right - x, bottom - y]}
            for label, (x, y, right, bottom) in objects
        ],
    }
    (folder / f"{name}.json").write_text(json.dumps(content))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_an_object_is_cut_with_its_margin_inside_the_image(tmp_path: Path) -> None:
    scene(tmp_path / "set", "a", [("cat", (40, 20, 60, 30)), ("dog", (0, 0, 20, 20))])
    made = cut(tmp_path / "set", tmp_path / "out", margin=0.1)
    assert made.counts == {"cat": 1, "dog": 1}
    cat, dog = rows(tmp_path / "out" / "crops.csv")
    assert cat == {
        "file": "cat/a-0-1.jpg",
        "label": "cat",
        "image": "a.png",
        "left": "38",
        "top": "19",
        "width": "24",
        "height": "12",
    }
    assert [dog[name] for name in ("left", "top", "width", "height")] == ["0", "0", "22", "22"]
    with Image.open(tmp_path / "out" / cat["file"]) as picture:
        assert picture.size == (24, 12)
        red, _, blue = picture.getpixel((12, 6))
        assert red > 180 > 60 > blue
        red, _, blue = picture.getpixel((0, 0))
        assert blue > 150 > 100 > red


def test_what_cannot_be_cut_is_told_and_the_rest_is_cut(tmp_path: Path) -> None:
    scene(
        tmp_path / "set",
        "a",
        [("cat", (10, 10, 20, 20)), ("cat", (30, 10, 30, 20)), ("", (1, 1, 9, 9)), ("cat", (101, 10, 140, 20))],
    )
    scene(tmp_path / "set", "empty", [])
    Image.new("RGB", (9, 9)).save(tmp_path / "set" / "alone.png")
    scene(tmp_path / "set", "broken", [("cat", (1, 1, 9, 9))])
    (tmp_path / "set" / "broken.png").write_bytes(b"no picture")
    scene(tmp_path / "set", "larger", [("cat", (1, 1, 9, 9))])
    Image.new("RGB", (200, 50)).save(tmp_path / "set" / "larger.png")
    made = cut(tmp_path / "set", tmp_path / "out")
    assert made.counts == {"cat": 1}
    told = rows(tmp_path / "out" / "left-out.csv")
    assert [(row["key"], row["reason"]) for row in told] == [(each.key, each.reason) for each in made.left_out]
    reasons = [(each.key, each.reason) for each in made.left_out]
    assert reasons[:5] == [
        ("a.png", "object 2 (cat) has no extent on it"),
        ("a.png", "object 3 has no class"),
        ("a.png", "object 4 (cat) has no extent on it"),
        ("alone.png", "no object is annotated on it"),
        ("broken.png", reasons[4][1]),
    ]
    assert "cannot identify" in reasons[4][1]
    assert reasons[5] == ("empty.png", "no object is annotated on it")
    assert reasons[6][0] == "larger.png"
    assert "200x50" in reasons[6][1]


def test_a_limit_is_for_each_class(tmp_path: Path) -> None:
    places = [(x, 10.0, x + 8, 18.0) for x in (0.0, 20.0, 40.0, 60.0)]
    scene(tmp_path / "set", "a", [("cat", place) for place in places[:3]] + [("dog", places[3])])
    assert cut(tmp_path / "set", tmp_path / "out", limit=2).counts == {"cat": 2, "dog": 1}


def test_no_class_leads_out_of_the_folder_or_hides_in_it(tmp_path: Path) -> None:
    place = (10.0, 10.0, 20.0, 20.0)
    scene(tmp_path / "set", "a", [("../cat", place), ("..", place), (".dog", place), ("a/b\\c", place), ("кот", place)])
    cut(tmp_path / "set", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_dir()) == [
        "%2E.",
        "%2E.%2Fcat",
        "%2Edog",
        "a%2Fb%5Cc",
        "кот",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "set"]


def test_images_of_one_name_in_two_folders_do_not_overwrite_each_other(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        scene(tmp_path / "set" / folder, "a", [])
        (tmp_path / "set" / folder / "a.xml").write_text(
            "<annotation><object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax>"
            "</bndbox></object></annotation>"
        )
    assert cut(tmp_path / "set", tmp_path / "out").counts == {"cat": 2}
    assert len(list((tmp_path / "out" / "cat").iterdir())) == 2


def test_drawn_smears_give_known_examples_as_many_as_there_are_white_cells(tmp_path: Path) -> None:
    made = cut(write_samples(tmp_path / "smears", 8), tmp_path / "out")
    (tmp_path / "empty").mkdir()
    assert cut(tmp_path / "smears", tmp_path / "empty").counts == made.counts
    found = read_known(tmp_path / "out", ("White Cell", "red cell"))
    assert made.counts == {"white cell": len(found.examples)}
    assert len(found.examples) >= 7
    assert [each.reason for each in made.left_out] == ["no object is annotated on it"]
    assert found.left_out == ()


def test_a_folder_that_holds_something_stays_as_it_is(tmp_path: Path) -> None:
    write_samples(tmp_path / "smears", 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(NotEmpty, match="out"):
        cut(tmp_path / "smears", tmp_path / "out")
    with pytest.raises(NotEmpty, match=r"mine\.txt"):
        cut(tmp_path / "smears", tmp_path / "out" / "mine.txt")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_data_set_without_objects_leaves_nothing_behind(tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "alone.png")
    with pytest.raises(NoObjects):
        cut(tmp_path, tmp_path / "new" / "out")
    with pytest.raises(MissingDataset, match="nowhere"):
        cut(tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "alone.xml").write_text("<annotation>")
    with pytest.raises(BadAnnotation, match=r"alone\.xml"):
        cut(tmp_path, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alone.png", "alone.xml"]


@pytest.mark.skipif(BCCD is None, reason="shared/bccd is in no folder above")
def test_the_real_blood_cells_are_cut_whole(tmp_path: Path) -> None:
    assert BCCD is not None
    made = cut(BCCD, tmp_path / "out")
    assert made.counts == {"RBC": 4153, "WBC": 372, "Platelets": 361}
    assert len(made.left_out) == 2
