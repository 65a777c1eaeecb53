"""Classes as people write them, and what of a data set cannot be used."""

import csv
from pathlib import Path

import pytest

from app.examples import Example, LeftOut, classed, distinct, value_of, write_left_out

CELLS = ("EOSINOPHIL", "NEUTROPHIL")


@pytest.mark.parametrize(
    ("name", "classes", "value"),
    [
        ("eosinophil", CELLS, "EOSINOPHIL"),
        ("Neutrophil", CELLS, "NEUTROPHIL"),
        ("BASOPHIL", CELLS, None),
        ("", CELLS, None),
        ("a", ("a", "A"), "a"),
        ("A", ("a", "A"), "A"),
        ("straße", ("STRASSE",), "STRASSE"),
        ("ß", ("SS", "ss"), None),
    ],
)
def test_a_name_means_a_class_without_regard_to_case(name: str, classes: tuple[str, ...], value: str | None) -> None:
    assert value_of(name, classes) == value


def test_what_has_no_class_is_named_one_by_one() -> None:
    found = classed(
        [Example("a", label="eosinophil"), Example("b", label="Basophil"), Example("c"), Example("d", label="x")], CELLS
    )
    assert found.examples == (Example("a", label="EOSINOPHIL"),)
    assert found.left_out == (
        LeftOut("b", "its class Basophil is none of the classes"),
        LeftOut("c", "its class is missing"),
        LeftOut("d", "its class x is none of the classes"),
    )


def test_of_one_content_the_first_stays_and_none_if_the_classes_differ() -> None:
    a, b, c, d, e = (
        Example(key, label=label, digest=digest)
        for key, label, digest in (("a", "X", "1"), ("b", "X", "1"), ("c", "X", "2"), ("d", "Y", "2"), ("e", "Y", "3"))
    )
    found = distinct([a, b, c, d, e])
    assert found.examples == (a, e)
    assert found.left_out == (
        LeftOut("b", "the same as a"),
        LeftOut("c", "it is X here, but the same content is also Y (d)"),
        LeftOut("d", "it is Y here, but the same content is also X (c)"),
    )


def test_what_was_left_out_is_a_table_without_formulas(tmp_path: Path) -> None:
    write_left_out([LeftOut("=a.jpg", "its class is missing")], tmp_path / "left-out.csv")
    with (tmp_path / "left-out.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["key", "reason"], ["'=a.jpg", "its class is missing"]]
