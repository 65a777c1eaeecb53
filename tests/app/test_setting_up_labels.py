"""A classification set up on an account: known examples, feasibility, pictures, and a second time."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from live import Live, going_live, refused
from pictures import picture

from app.cell_samples import write_cells
from store.sqlite import SqliteStore

ALL = ["POOL_CREATED"] * 2 + ["PROJECT_CREATED"] + ["SKILL_CREATED"] * 3 + ["TRAINING_CREATED"]
SERVED = {"CROWDHOOK_URL": "http://127.0.0.1:8080"}
PIPELINE = "image-classification"


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with going_live(tmp_path / "live") as made:
        yield made


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cells(tmp_path_factory.mktemp("cells"), 96)


def setup(live: Live, *words: object, served: bool = True):
    images = ("--images", "serve") if served else ()
    keyring = {"CROWDHOOK_KEYRING": str(live.folder / "crowdhook.keyring")}
    return live.run("setup", PIPELINE, *map(str, words), *images, "--yes", env=SERVED | keyring)


def items(live: Live) -> list[dict[str, str]]:
    store = SqliteStore(live.folder / "crowdhook.db", lambda: 0.0)
    events = store.events(type="ITEMS_ADDED", limit=100).events
    return [item for each in events for item in each.event.payload["items"]]


def test_known_examples_alone_teach_examine_watch_and_are_labelled(live: Live, cells: Path) -> None:
    result = setup(live, "--known", cells, "--limit", 10)
    assert result.exit_code == 0, result.output
    for words in ("a performer does at most", "control tasks by class", "They cost $0.26 at best"):
        assert words in result.output
    assert live.created() == ALL
    assert Counter(each["for"] for each in items(live)) == {"exam": 15, "main": 10, "training": 9, "control": 24}
    assert all(each["url"].startswith("http://127.0.0.1:8080/media/") for each in items(live))
    assert all("label" not in each for each in items(live) if each["for"] == "main")


def test_a_second_time_gives_what_is_new_and_needs_no_known_examples_again(
    live: Live, cells: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for at in range(6):
        picture(second / f"{at}.png", at)
        if at < 4:
            picture(first / f"{at}.png", at)
    (first / "broken.png").write_text("no picture")
    told = tmp_path / "left-out.csv"
    assert setup(live, "--known", cells, "--dataset", first, "--left-out", told).exit_code == 0
    before = Counter(each["for"] for each in items(live))
    assert before == {"exam": 16, "main": 4, "training": 16, "control": 40}
    with told.open(encoding="utf-8") as file:
        assert [row["key"] for row in csv.DictReader(file)] == ["broken.png"]
    result = setup(live, "--dataset", second)
    assert "New items: 2" in result.output, result.output
    assert Counter(each["for"] for each in items(live)) == before | {"main": 6}
    assert live.created() == ALL


def test_work_that_cannot_end_is_refused_before_anything_is_created(live: Live, cells: Path, tmp_path: Path) -> None:
    picture(tmp_path / "one" / "a.png", 1)
    refused(setup(live, "--dataset", tmp_path / "one"), "no training tasks", "give images whose class is known")
    refused(setup(live, "--known", cells, "--set", "exam_count=3"), "the exam has 3 tasks", "needs 15")
    refused(setup(live, "--known", cells, "--set", "method=Guess"), "Guess")
    refused(setup(live, "--known", cells, "--set", "control_count=500"), "500 control tasks")
    refused(setup(live, "--known", cells, served=False), "--images serve")
    refused(setup(live), "there is nothing to label")
    refused(setup(live, "--known", cells, "--label", "x"), "--label")
    picture(tmp_path / "pets" / "CAT" / "a.png", 2)
    refused(setup(live, "--known", tmp_path / "pets"), "those of", "are CAT", "--set 'classes=")
    assert (live.created(), (live.folder / "crowdhook.db").exists() and items(live)) == ([], [])


def test_pictures_of_the_settings_are_shown_at_our_addresses(live: Live, cells: Path, tmp_path: Path) -> None:
    picture(tmp_path / "shown" / "how.png", 7)
    picture(tmp_path / "example.png", 8)
    settings = tmp_path / "cells.toml"
    settings.write_text(
        'example = "example.png"\n[texts.EN]\ntitle = "Cells"\ndescription = "Which?"\n'
        """instructions = '<p>So: <img src="shown/how.png"></p><ul>{classes}</ul>'\n""",
        encoding="utf-8",
    )
    order = ("--known", cells, "--settings", settings)
    assert setup(live, *order).exit_code == 0
    (project,) = live.world.state.projects.values()
    assert '<img src="http://127.0.0.1:8080/media/' in project.body["public_instructions"]
    assert "example.png" not in project.body["task_spec"]["view_spec"]["config"]
    again = setup(live, *order)
    assert (again.exit_code, "Differs" in again.output) == (0, False), again.output
    (tmp_path / "example.png").unlink()
    refused(setup(live, *order), "example.png", "the settings file's folder")


def test_texts_are_classified_by_settings_alone(live: Live, tmp_path: Path) -> None:
    known, real = tmp_path / "known.csv", tmp_path / "real.csv"
    known.write_text("text,label\n" + "".join(f"text {at},{'GOOD' if at % 2 else 'BAD'}\n" for at in range(80)))
    real.write_text("text\nIs this good?\nOr bad?\n")
    settings = tmp_path / "texts.toml"
    settings.write_text('input = "text"\nclasses = [{value = "GOOD"}, {value = "BAD"}]\n')
    result = setup(live, "--settings", settings, "--known", known, "--dataset", real, served=False)
    assert result.exit_code == 0, result.output
    shown = {each["url"] for each in items(live) if each["for"] == "main"}
    assert shown == {"Is this good?", "Or bad?"}
