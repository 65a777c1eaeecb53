"""The contact sheet of what performers disagree on: the most first, in the colour of what came out."""

from dataclasses import replace
from pathlib import Path

from PIL import Image

from app.contact_sheet import COLOURS, EDGE, GAP, HEADER_HEIGHT, TILE_WIDTH
from app.disagreements import disputed, votes_in_words, write_disagreements
from app.labels import Labelled

SIZE = (240, 180)
AGREED = Labelled("agreed", "CAT", 1.0, False, {"CAT": 4}, truth="CAT")
RIGHT = Labelled("right", "CAT", 0.8, False, {"DOG": 1, "CAT": 3}, truth="CAT")
WRONG = Labelled("wrong", "CAT", 0.7, False, {"DOG": 3, "CAT": 4}, truth="DOG")
TIED = Labelled("tied", None, 0.5, True, {"DOG": 2, "CAT": 2}, truth="DOG")
UNMEASURED = Labelled("unmeasured", "CAT", None, False, {"DOG": 2, "CAT": 3, "COW": 1})


def frames(path: Path, count: int) -> list[object]:
    """The colours of the frames in the first row."""
    with Image.open(path) as sheet:
        row = HEADER_HEIGHT + 1
        return [sheet.convert("RGB").getpixel((EDGE + at * (TILE_WIDTH + GAP) + 1, row)) for at in range(count)]


def test_the_most_disputed_come_first_and_what_is_agreed_on_does_not_come() -> None:
    records = [AGREED, RIGHT, WRONG, UNMEASURED, TIED, replace(TIED, key="another")]
    assert [each.key for each in disputed(records)] == ["another", "tied", "unmeasured", "wrong", "right"]


def test_each_has_the_colour_of_what_came_out(tmp_path: Path) -> None:
    assert write_disagreements([AGREED, RIGHT, WRONG, UNMEASURED, TIED], tmp_path / "sheet.png") == 4
    assert frames(tmp_path / "sheet.png", 4) == [COLOURS[name] for name in ("no label", "labelled", "wrong", "right")]


def test_no_more_are_shown_than_asked_for(tmp_path: Path) -> None:
    assert write_disagreements([RIGHT, WRONG, UNMEASURED, TIED], tmp_path / "sheet.png", most=2) == 2
    assert frames(tmp_path / "sheet.png", 3)[1:] == [COLOURS["labelled"], (250, 250, 248)]


def test_the_picture_is_shown_where_there_is_one(tmp_path: Path) -> None:
    Image.new("RGB", SIZE, (10, 200, 30)).save(tmp_path / "a.png")
    write_disagreements([replace(TIED, path=tmp_path / "a.png")], tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.convert("RGB").getpixel((EDGE + TILE_WIDTH // 2, HEADER_HEIGHT + 90)) == (10, 200, 30)


def test_a_text_is_written_where_the_picture_would_be(tmp_path: Path) -> None:
    def dark(name: str, record: Labelled) -> int:
        write_disagreements([record], tmp_path / name)
        with Image.open(tmp_path / name) as sheet:
            place = sheet.convert("L").crop((EDGE + 8, HEADER_HEIGHT + 8, EDGE + 240, HEADER_HEIGHT + 180))
        return sum(count for count, value in place.getcolors(256) if value < 100)

    assert dark("without.png", TIED) == 0
    short, long = dark("short.png", replace(TIED, text="Meow")), dark("long.png", replace(TIED, text="Meow " * 400))
    assert 10 < short < long / 20


def test_votes_are_told_with_the_most_frequent_first() -> None:
    assert votes_in_words(UNMEASURED, 3) == ["3 CAT", "2 DOG", "1 COW"]
    assert votes_in_words(UNMEASURED, 2) == ["3 CAT", "and 2 other classes"]


def test_agreement_everywhere_is_a_sheet_without_pictures(tmp_path: Path) -> None:
    assert write_disagreements([AGREED], tmp_path / "sheet.png") == 0
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height >= HEADER_HEIGHT
