"""Tables that people give: cells of the wanted columns, whatever else is there."""

from pathlib import Path

import pytest

from app.rows import BadTable, read_rows


def test_cells_are_read_by_column_and_stripped(tmp_path: Path) -> None:
    table = tmp_path / "a.tsv"
    table.write_text("\ufeffid\tlabel\tINPUT:image\n1\t cat \tx.jpg\n2\n", "utf-8")
    assert read_rows(table, ("image", "INPUT:image"), ("label",)) == [(2, ("x.jpg", "cat")), (3, ("", ""))]


def test_a_cell_may_have_several_lines(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text('text,label\n"one\ntwo, three",x\nfour,y\n')
    assert read_rows(table, ("text",)) == [(3, ("one\ntwo, three",)), (4, ("four",))]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"picture\nx\n", "no column image; its columns are: picture"), (b"", "none"), (b"image\n\xff\n", "utf-8")],
)
def test_a_table_that_cannot_be_used_says_why(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(BadTable, match=says):
        read_rows(tmp_path / "a.csv", ("image",))
