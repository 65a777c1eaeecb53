"""Which images are on which sheet, in which colours; that what votes said is told in words."""

from dataclasses import replace
from pathlib import Path

from ended import BOX, HELD, NOTHING, REFUSED, RESULTS, TWO_BOXES, UNRESOLVED, VOTES
from PIL import Image

from app.contact_sheet import BOX_COLOURS, COLOURS, EDGE, GAP, HEADER_HEIGHT, TILE_WIDTH
from app.results import ImageResult, RefusedOutline
from app.sheets import said, write_overview, write_sheets

WHITE = (255, 255, 255)


def frames(path: Path) -> list[str]:
    """The statuses of the first row's pictures, by the colour of their frames."""
    names = {colour: status for status, colour in list(COLOURS.items())[::-1]}
    with Image.open(path) as image:
        places = range(EDGE + 1, image.width - TILE_WIDTH, TILE_WIDTH + GAP)
        found = [image.getpixel((left, HEADER_HEIGHT + 20)) if image.height > 120 else None for left in places]
    return [names[colour] for colour in found if colour in names]


def has(path: Path, colour: tuple[int, int, int]) -> bool:
    """Whether a colour is among those of the pictures."""
    with Image.open(path) as image:
        pictures = image.crop((EDGE, HEADER_HEIGHT, image.width, HEADER_HEIGHT + 188))
        return colour in {each for _, each in pictures.getcolors(1 << 20)}


def test_each_sheet_shows_what_it_is_named_after(tmp_path: Path) -> None:
    paths = write_sheets(RESULTS, [REFUSED], {}, tmp_path / "sheets", "cell")
    assert [path.name for path in paths] == ["accepted.png", "refused.png", "held.png"]
    accepted, refused, held = paths
    assert frames(accepted) == ["accepted"] * 3
    assert frames(refused) == ["unresolved"]  # the same red
    assert frames(held) == ["held", "unresolved"]


def test_the_overview_shows_every_image(tmp_path: Path) -> None:
    write_overview(RESULTS, {}, tmp_path / "all.png", "cell")
    assert frames(tmp_path / "all.png") == ["accepted", "accepted", "held", "unresolved", "accepted"]


def test_what_was_drawn_is_shown_where_a_person_must_look(tmp_path: Path) -> None:
    _, refused, held = write_sheets([HELD], [REFUSED], {}, tmp_path, "cell")
    assert has(held, BOX_COLOURS["held"])
    assert has(refused, BOX_COLOURS["refused"])
    write_overview([HELD], {}, tmp_path / "all.png", "cell")
    assert not has(tmp_path / "all.png", BOX_COLOURS["held"])


def test_nothing_here_is_marked_where_a_performer_said_so(tmp_path: Path) -> None:
    def marked(result: ImageResult) -> bool:
        write_overview([result], {}, tmp_path / "all.png", "cell")
        return has(tmp_path / "all.png", WHITE)

    assert marked(NOTHING)
    assert marked(replace(HELD, outline=()))
    assert not any(marked(each) for each in (TWO_BOXES, HELD, UNRESOLVED))
    refused = write_sheets([], [replace(REFUSED, boxes=())], {}, tmp_path, "cell")[1]
    assert has(refused, WHITE)


def test_sheets_of_nothing_are_pictures_too(tmp_path: Path) -> None:
    for path in write_sheets([], [], {}, tmp_path, "cell"):
        assert frames(path) == []


def test_refused_outlines_of_pages_of_several_pictures_are_shown_one_by_one(tmp_path: Path) -> None:
    page = [replace(REFUSED, picture=at, pictures=3, boxes=(BOX,)) for at in (1, 2, 3)]
    _, refused, _ = write_sheets([], page, {}, tmp_path, "cell")
    assert frames(refused) == ["unresolved"] * 3


def test_votes_are_told_in_words() -> None:
    ok, loose = VOTES
    assert said(()) == "no votes"
    assert said((ok, ok)) == "2 of 2 say right"
    assert said((ok, loose, replace(loose, wrong="missed"))) == "2 of 3 say wrong (not tight, one missed)"
    assert said((replace(loose, wrong=""),)) == "1 of 1 say wrong"


def test_a_refusal_that_the_votes_do_not_explain_says_who_and_why(tmp_path: Path) -> None:
    def height(outline: RefusedOutline) -> int:
        with Image.open(write_sheets([], [outline], {}, tmp_path, "cell")[1]) as picture:
            return picture.height

    by_rule = height(REFUSED)
    assert height(replace(REFUSED, by="ann")) > by_rule
    assert height(replace(REFUSED, votes=())) > by_rule
    assert height(replace(REFUSED, votes=VOTES[:1])) > by_rule


def test_a_long_reason_takes_a_line_for_each_task_and_no_more_than_there_is_room_for(tmp_path: Path) -> None:
    def height(tasks: int) -> int:
        reason = "; ".join(f"task {at}: 2 OK, 2 BAD, chance 0.500" for at in range(1, tasks + 1))
        held = write_sheets([replace(HELD, reason=reason)], [], {}, tmp_path, "cell")[2]
        with Image.open(held) as picture:
            return picture.height

    assert height(1) < height(3) < height(5) == height(20)
