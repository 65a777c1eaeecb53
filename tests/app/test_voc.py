"""Pascal VOC out: one valid file for each accepted image, the same boxes when read again, and the others in a list."""

from dataclasses import replace
from pathlib import Path

import pytest
from ended import FAR, HELD, NOTHING, RESULTS, TWO_BOXES, UNRESOLVED
from xmlschema import XMLSchema

from app.annotations import read_voc
from app.boxes import to_pixels
from app.voc import ForeignFolder, voc, write_voc

SCHEMA = XMLSchema(Path(__file__).parent / "voc.xsd")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_each_accepted_image_has_a_file_and_the_others_are_listed_with_the_reason(tmp_path: Path) -> None:
    write_voc(RESULTS, "cell", tmp_path / "voc")
    assert files(tmp_path / "voc") == ["a.xml", "b.xml", "not-accepted.tsv"]
    assert (tmp_path / "voc/not-accepted.tsv").read_text(encoding="utf-8") == (
        "image\tstatus\treason\n"
        "c.jpg\theld\tundecided after 7 votes\n"
        "d.jpg\tunresolved\tnot right after 5 rounds\n"
        "https://example.org/e.jpg\taccepted\tits size is not known\n"
    )


def test_the_files_are_valid_and_hold_the_same_boxes(tmp_path: Path) -> None:
    write_voc(RESULTS, "white <cell> & co", tmp_path)
    for result in (TWO_BOXES, NOTHING):
        path = tmp_path / result.key.replace("jpg", "xml")
        SCHEMA.validate(path)
        read = read_voc(path)
        read.check(Path("images") / result.key, 640, 480)
        boxes = [to_pixels(box, 640, 480) for box in read.boxes("white <cell> & co", 640, 480)]
        assert boxes == [to_pixels(box, 640, 480) for box in result.boxes]
    assert read_voc(tmp_path / "b.xml").objects[0][1] == (160.0, 240.0, 480.0, 360.0)


def test_a_result_that_nobody_verified_says_so() -> None:
    assert b'verified="yes"' in voc(TWO_BOXES, "cell")
    assert b'verified="no"' in voc(replace(TWO_BOXES, verified=False), "cell")


def test_the_schema_refuses_what_is_no_voc_file() -> None:
    assert not SCHEMA.is_valid(voc(TWO_BOXES, "cell").replace(b"xmin", b"left").decode())
    assert not SCHEMA.is_valid(voc(TWO_BOXES, "").decode())


def test_images_of_one_name_have_files_of_their_own(tmp_path: Path) -> None:
    keys = ("one/cat.jpg", "two/cat.jpg", "two/Cat.png", "dog.jpg")
    write_voc([replace(TWO_BOXES, key=key) for key in keys], "cell", tmp_path)
    names = ["dog.xml", "one%2Fcat.jpg.xml", "two%2FCat.png.xml", "two%2Fcat.jpg.xml"]
    assert files(tmp_path) == sorted([*names, "not-accepted.tsv"])
    assert read_voc(tmp_path / "two%2FCat.png.xml").filename == "Cat.png"


def test_a_folder_is_written_again_without_what_is_accepted_no_longer(tmp_path: Path) -> None:
    write_voc([TWO_BOXES, NOTHING], "cell", tmp_path)
    write_voc([TWO_BOXES, replace(HELD, key="a.jpg")], "cell", tmp_path)
    assert files(tmp_path) == ["b.xml", "not-accepted.tsv"]


def test_a_folder_of_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.xml").write_text("<mine/>")
    with pytest.raises(ForeignFolder, match=r"not empty"):
        write_voc([TWO_BOXES], "cell", tmp_path)
    assert files(tmp_path) == ["mine.xml"]


def test_a_name_in_the_list_is_no_formula(tmp_path: Path) -> None:
    write_voc([replace(UNRESOLVED, key="=1+1.jpg"), FAR], "cell", tmp_path)
    assert "\n'=1+1.jpg\tunresolved" in (tmp_path / "not-accepted.tsv").read_text(encoding="utf-8")
