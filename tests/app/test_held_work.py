"""`crowdhook held`, `accept`, `reject`, `ask-more`: what they show, what they write and what they refuse."""

import getpass
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clerk import DAY, DRAWN, Office, handed_in, waits
from click.testing import CliRunner, Result
from ledger import accept, outline
from PIL import Image

from app.cli import main
from app.deadlines import announce


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Office]:
    ledger = Office(tmp_path)
    yield ledger
    ledger.store.close()


def crowdhook(database: Path, *arguments: str) -> Result:
    clean = {name: None for name in os.environ if name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    return CliRunner().invoke(main, arguments, env={**clean, "CROWDHOOK_DATABASE": str(database)})


def told(ledger: Office, *arguments: str) -> str:
    result = crowdhook(ledger.database, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(ledger: Office, *arguments: str) -> str:
    """What is said about bad input: one line; no act is recorded."""
    result = crowdhook(ledger.database, *arguments)
    assert result.exit_code == 2, result.output
    assert result.stderr.count("\n") == 1
    assert acts(ledger) == []
    return result.stderr


def acts(ledger: Office) -> list[dict[str, Any]]:
    return [dict(each.event.payload) for each in reversed(ledger.store.events(type="PERSON_DECIDED").events)]


def shown(ledger: Office, *arguments: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(told(ledger, "held", "image-segmentation", "--json", *arguments))
    return listed


def test_the_table_says_what_waits_why_and_until_when(ledger: Office) -> None:
    waits(ledger, "a1", tasks=2, proposal="Picture 1: wrong.", submitted=0.0)
    announce(ledger.store, ledger.running, 8 * DAY)
    table = told(ledger, "held", "image-segmentation")
    for text in (
        "1 held",
        "a1",
        "p-a1",
        "1970-01-15 00:00 UTC",
        "the platform pays it by itself",
        "review period half over",
        "1: 2 OK, 1 BAD (loose)",
        "2: 2 OK, 1 BAD (loose)",
        "proposed refusal: Picture 1: wrong.",
        "they do not agree",
    ):
        assert text in table


def test_nothing_held_is_said(ledger: Office) -> None:
    assert told(ledger, "held", "image-segmentation") == "Nothing waits for a person.\n"
    assert shown(ledger) == []


def test_as_json_it_is_the_same_with_every_vote(ledger: Office) -> None:
    waits(ledger, "a1", submitted=100.0)
    (page,) = shown(ledger)
    assert (page["assignment_id"], page["performer"], page["deadline"]) == ("a1", "p-a1", 100.0 + 14 * DAY)
    assert page["tasks"][0]["votes"][1] == {"verifier": "cleo", "ok": False, "wrong": "loose"}
    told(ledger, "accept", "a1", "--who", "ann")
    assert shown(ledger)[0]["told"].startswith("ann said accept on ")


def test_each_page_gets_a_picture_with_its_outlines(ledger: Office, tmp_path: Path) -> None:
    waits(ledger, "a1", tasks=3)
    drawn = ([DRAWN], [DRAWN], [])
    ledger.page("a1", *(outline(f"{at}.png", f"a1-{at}", *boxes) for at, boxes in enumerate(drawn, 1)))
    dataset = tmp_path / "images"
    dataset.mkdir()
    Image.new("RGB", (80, 40), (255, 255, 255)).save(dataset / "1.png")
    (page,) = shown(ledger, "--pictures", str(tmp_path / "drawn"), "--dataset", str(dataset))
    with Image.open(page["picture"]) as picture:
        assert picture.size[0] > 2 * 500
        colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 20) or []}
    assert {(0, 224, 122), (255, 255, 255), (214, 216, 220)} <= colours


def test_an_accept_is_recorded_as_the_systems_user_and_says_that_all_pictures_are_right(ledger: Office) -> None:
    waits(ledger, "a1", tasks=2)
    line = told(ledger, "accept", "a1", "--why", "tight enough")
    assert line == f"a1: accept recorded as {getpass.getuser()}'s. The running worker does it.\n"
    (said,) = acts(ledger)
    assert (said["act"], said["who"], said["why"]) == ("accept", getpass.getuser(), "tight enough")
    assert (said["wrong"], said["truth"]) == ([], True)


def test_several_pages_are_decided_at_once_a_line_for_each(ledger: Office) -> None:
    for name in ("a1", "a2"):
        waits(ledger, name)
    lines = told(ledger, "accept", "a1", "a2", "a1", "--who", "ann").splitlines()
    assert [line.split(":")[0] for line in lines] == ["a1", "a2"]
    assert [said["who"] for said in acts(ledger)] == ["ann", "ann"]


def test_accepting_names_the_pictures_that_are_no_results(ledger: Office) -> None:
    waits(ledger, "a1", tasks=3)
    told(ledger, "accept", "a1", "--wrong", "2,3")
    assert acts(ledger)[0]["wrong"] == [2, 3]


@pytest.mark.parametrize(
    ("tasks", "options", "comment", "wrong", "truth"),
    [
        (1, ("--reason", "missed"), "Picture 1: the outline is wrong (an object was missed).", [1], True),
        (3, ("--reason", "loose", "--wrong", "3,2"), "Picture 2: the outline is wrong (a box is not tight).\n"
         "Picture 3: the outline is wrong (a box is not tight).", [2, 3], True),
        (3, ("--reason", "All of it is upside down."), "All of it is upside down.", [], False),
        (3, (), "Picture 1: proposed.", [], False),
        (1, (), "Picture 1: proposed.", [1], True),
    ],
)  # fmt: skip
def test_a_refusal_says_why_in_the_performers_language(
    ledger: Office, tasks: int, options: tuple[str, ...], comment: str, wrong: list[int], truth: bool
) -> None:
    waits(ledger, "a1", tasks, proposal="Picture 1: proposed.")
    line = told(ledger, "reject", "a1", *options)
    assert line.endswith(f"Its performer will read: {' '.join(comment.split())}\n")
    (said,) = acts(ledger)
    assert (said["comment"], said["wrong"], said["truth"]) == (comment, wrong, truth)


def test_asking_more_teaches_nothing(ledger: Office) -> None:
    waits(ledger, "a1")
    told(ledger, "ask-more", "a1")
    assert (acts(ledger)[0]["act"], acts(ledger)[0]["truth"]) == ("ask-more", False)


def test_paying_what_was_refused_is_said_to_be_an_appeal(ledger: Office) -> None:
    handed_in(ledger, "a1", status="REJECTED", reviewed=5.0)
    assert "an appeal: its refusal is taken back" in told(ledger, "accept", "a1")


def test_what_cannot_be_done_is_one_line_and_nothing_is_written(ledger: Office) -> None:
    waits(ledger, "a1", tasks=3)
    waits(ledger, "a2")
    waits(ledger, "paid")
    ledger.record(accept("paid"))
    assert "nowhere is no page of outlines" in refused(ledger, "accept", "nowhere")
    assert "paid was accepted by the rule on" in refused(ledger, "reject", "paid", "--reason", "other")
    assert "give a reason" in refused(ledger, "reject", "a1")
    assert "say which are wrong" in refused(ledger, "reject", "a1", "--reason", "loose")
    assert "one page at a time" in refused(ledger, "accept", "a1", "a2", "--wrong", "1")
    assert "--wrong is 'two'" in refused(ledger, "accept", "a1", "--wrong", "two")
    assert "no picture 0" in refused(ledger, "accept", "a1", "--wrong", "0")
    assert "nothing was recorded" in refused(ledger, "accept", "a1", "paid", "nowhere")
    assert "those of image-segmentation are test" in refused(ledger, "accept", "a1", "--run", "other")
    assert "image-sorting" in refused(ledger, "held", "image-sorting")
