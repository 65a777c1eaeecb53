"""Folders and tables of images and texts: what is known, what is to be classified, and all that is wrong with them."""

from hashlib import sha256
from pathlib import Path

import pytest
from pictures import picture

from app.datasets import MissingDataset, NoImages
from app.labelled import NoTexts, classes_in, read_known, read_unknown
from app.rows import BadTable

CELLS = ("EOSINOPHIL", "NEUTROPHIL")


def test_class_named_folders_say_what_is_known_however_deep_and_written(tmp_path: Path) -> None:
    a = picture(tmp_path / "images" / "TRAIN" / "Eosinophil" / "a.png", 1)
    b = picture(tmp_path / "neutrophil" / "more" / "b.png", 2)
    found = read_known(tmp_path, CELLS)
    assert [(each.key, each.path, each.label) for each in found.examples] == [
        ("images/TRAIN/Eosinophil/a.png", a, "EOSINOPHIL"),
        ("neutrophil/more/b.png", b, "NEUTROPHIL"),
    ]
    assert found.examples[0].digest == sha256(a.read_bytes()).hexdigest()
    assert found.left_out == ()


def test_everything_that_cannot_be_used_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    picture(tmp_path / "EOSINOPHIL" / "a.png", 1)
    picture(tmp_path / "EOSINOPHIL" / "copy.png", 1)
    picture(tmp_path / "EOSINOPHIL" / "both.png", 2)
    picture(tmp_path / "NEUTROPHIL" / "both.png", 2)
    picture(tmp_path / "BASOPHIL" / "b.png", 3)
    picture(tmp_path / "top.png", 4)
    (tmp_path / "NEUTROPHIL" / "broken.png").write_bytes(b"no picture")
    found = read_known(tmp_path, CELLS)
    assert [each.key for each in found.examples] == ["EOSINOPHIL/a.png"]
    reasons = {each.key: each.reason for each in found.left_out}
    assert reasons.pop("NEUTROPHIL/broken.png").startswith("it cannot be opened: cannot identify image file")
    assert reasons == {
        "BASOPHIL/b.png": "its class BASOPHIL is none of the classes",
        "top.png": "its class is missing",
        "EOSINOPHIL/copy.png": "the same as EOSINOPHIL/a.png",
        "EOSINOPHIL/both.png": "it is EOSINOPHIL here, but the same content is also NEUTROPHIL (NEUTROPHIL/both.png)",
        "NEUTROPHIL/both.png": "it is NEUTROPHIL here, but the same content is also EOSINOPHIL (EOSINOPHIL/both.png)",
    }


def test_a_table_says_what_is_known_too(tmp_path: Path) -> None:
    picture(tmp_path / "pictures" / "a.png", 1)
    (tmp_path / "known.csv").write_text(
        "image,label\npictures/a.png,eosinophil\nhttps://example.org/b.png,NEUTROPHIL\n,NEUTROPHIL\nlost.png,NEUTROPHIL\n"
    )
    found = read_known(tmp_path / "known.csv", CELLS)
    web, local = found.examples
    assert (web.url, web.path, web.label) == ("https://example.org/b.png", None, "NEUTROPHIL")
    assert (local.key, local.path, local.url) == ("pictures/a.png", tmp_path / "pictures" / "a.png", None)
    assert [(each.key, each.reason.partition(":")[0]) for each in found.left_out] == [
        ("known.csv, line 4", "this row is empty"),
        ("lost.png", "it cannot be opened"),
    ]


def test_texts_are_rows_and_the_same_text_is_asked_about_once(tmp_path: Path) -> None:
    (tmp_path / "texts.tsv").write_text("text\nGood day\nBye\nGood day\n")
    found = read_unknown(tmp_path / "texts.tsv", input="text")
    assert sorted(each.text or "" for each in found.examples) == ["Bye", "Good day"]
    key = f"text-{sha256(b'Good day').hexdigest()[:16]}"
    assert [(each.key, each.reason) for each in found.left_out] == [(key, f"the same as {key}")]
    (tmp_path / "known.csv").write_text("text,label\nHello,Greeting\n")
    (known,) = read_known(tmp_path / "known.csv", ("GREETING", "OTHER"), "text").examples
    assert (known.text, known.label, known.path) == ("Hello", "GREETING", None)


def test_what_is_to_be_classified_has_no_class_even_in_class_named_folders(tmp_path: Path) -> None:
    for number, name in enumerate(("EOSINOPHIL/c", "b", "a")):
        picture(tmp_path / f"{name}.png", number)
    found = read_unknown(tmp_path, CELLS)
    assert [(each.key, each.label) for each in found.examples] == [
        ("EOSINOPHIL/c.png", None),
        ("a.png", None),
        ("b.png", None),
    ]
    assert len(read_unknown(tmp_path, CELLS, limit=2).examples) == 2


def test_a_table_of_truths_measures_and_what_it_does_not_say_is_left_out(tmp_path: Path) -> None:
    for number, name in enumerate("abcd"):
        picture(tmp_path / "images" / f"{name}.png", number)
    truth = tmp_path / "labels.csv"
    truth.write_text("image,label\na.png,eosinophil\nb,NEUTROPHIL\nimages/c.png,BASOPHIL\nz.png,NEUTROPHIL\n")
    found = read_unknown(tmp_path / "images", CELLS, truth=truth)
    assert [(each.key, each.label) for each in found.examples] == [("a.png", "EOSINOPHIL"), ("b.png", "NEUTROPHIL")]
    assert [(each.key, each.reason) for each in found.left_out] == [
        ("c.png", "its class BASOPHIL is none of the classes"),
        ("d.png", "its class is missing"),
        ("z.png", "it has a true class, but is not in the data set"),
    ]
    limited = read_unknown(tmp_path / "images", CELLS, truth=truth, limit=1)
    assert [each.key for each in limited.examples] == ["a.png"]
    assert limited.left_out == found.left_out


def test_only_what_is_within_the_limit_is_opened(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    assert read_unknown(tmp_path, limit=1).left_out == ()
    assert len(read_unknown(tmp_path, limit=2).left_out) == 1


def test_a_data_set_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingDataset, match="nowhere"):
        read_known(tmp_path / "nowhere", CELLS)
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(MissingDataset, match=r"notes\.txt"):
        read_unknown(tmp_path / "notes.txt")
    with pytest.raises(NoImages):
        read_known(tmp_path, CELLS)
    with pytest.raises(NoTexts, match=tmp_path.name):
        read_known(tmp_path, CELLS, "text")
    (tmp_path / "empty.csv").write_text("text,label\n")
    with pytest.raises(NoTexts, match=r"empty\.csv"):
        read_known(tmp_path / "empty.csv", CELLS, "text")
    with pytest.raises(BadTable, match="no column image"):
        read_unknown(tmp_path / "empty.csv")
    (tmp_path / "unlabelled.csv").write_text("image\na.png\n")
    with pytest.raises(BadTable, match="no column label"):
        read_known(tmp_path / "unlabelled.csv", CELLS)


def test_a_data_set_says_what_it_calls_its_classes(tmp_path: Path) -> None:
    picture(tmp_path / "TRAIN" / "eosinophil" / "deep" / "a.png", 1)
    picture(tmp_path / "TRAIN" / "Basophil" / "b.png", 2)
    picture(tmp_path / "top.png", 3)
    (tmp_path / "known.csv").write_text("image,label\na.png,yes\nb.png,no\nc.png,\n")
    assert classes_in(tmp_path, CELLS) == ["Basophil", "EOSINOPHIL"]
    assert classes_in(tmp_path / "known.csv", CELLS) == ["no", "yes"]
    with pytest.raises(MissingDataset):
        classes_in(tmp_path / "nowhere", CELLS)
