"""`crowdhook rehearse` as a person types it: what goes with which pipeline, and one line for what does not."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pictures import picture

from app.cli import main
from simulator.crowd.crowd_file import read_crowd

CLASSES = ("Platelets", "RBC", "WBC")
HEADER = "task,performer,label\n"
VOTES = f"{HEADER}a,ann,cat\na,bob,dog\n"


@pytest.fixture(autouse=True)
def undisturbed() -> Iterator[None]:
    """Leave this process's signals as they were; a rehearsal takes some of them over."""
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


def rehearse(pipeline: str, out: Path, *options: str) -> Result:
    clean = {name: None for name in os.environ if name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    return CliRunner().invoke(main, ["rehearse", f"image-{pipeline}", "--out", str(out), *options], env=clean)


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("crowdhook: ")
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr


def cells(folder: Path) -> Path:
    """Pictures in folders of three classes, and one that is broken."""
    for at in range(60):
        picture(folder / CLASSES[at % 3] / f"{at:02}.png", at)
    (folder / "RBC" / "broken.png").write_bytes(b"no picture")
    return folder


@pytest.mark.parametrize(
    "option",
    [
        ("--tasks-per-page", "2"),
        ("--outline-accuracy", "0.5"),
        ("--desk", "truth"),
        ("--desk-rate", "60"),
        ("--label", "cell"),
        ("--seeds", "1"),
        ("--always-yes", "0.1"),
        ("--always-no", "0.1"),
        ("--refuse", "always"),
        ("--controls", "0.1"),
        ("--policy", "accept-at=0.5"),
        ("--max-rounds", "5"),
    ],
    ids=lambda option: option[0],
)
def test_options_of_the_segmentation_are_refused_elsewhere(tmp_path: Path, option: tuple[str, ...]) -> None:
    refused(rehearse("classification", tmp_path / "out", *option), f"{option[0]} is for image-segmentation")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "option",
    [
        ("--votes", "v.csv"),
        ("--truth", "t.csv"),
        ("--set", "a=1"),
        ("--settings", "s.toml"),
        ("--guesser", "0.1"),
        ("--cheater", "0"),
    ],
    ids=lambda option: option[0],
)
def test_options_of_the_classification_are_refused_elsewhere(tmp_path: Path, option: tuple[str, ...]) -> None:
    refused(rehearse("segmentation", tmp_path / "out", *option), f"{option[0]} is for image-classification")


@pytest.mark.parametrize(
    "option",
    [
        ("--dataset", "cells"),
        ("--limit", "5"),
        ("--performers", "9"),
        ("--accuracy", "0.9"),
        ("--careless", "0"),
        ("--guesser", "0.1"),
        ("--cheater", "0.1"),
    ],
    ids=lambda option: option[0],
)
def test_where_answers_are_recorded_no_crowd_is_drawn(tmp_path: Path, option: tuple[str, ...]) -> None:
    refused(
        rehearse("classification", tmp_path / "out", "--votes", "v.csv", *option),
        f"{option[0]} does not go with --votes",
    )


def test_a_described_crowd_goes_with_no_options_about_people_and_is_told_what_is_wrong_with_it(tmp_path: Path) -> None:
    file = tmp_path / "crowd.toml"
    file.write_text("[[group]]\ncuont = 5\n")
    for option in (("--accuracy", "0.9"), ("--performers", "9"), ("--always-no", "0.1")):
        told = rehearse("segmentation", tmp_path / "out", "--crowd", str(file), *option)
        refused(told, f"{option[0]} does not go with --crowd")
    told = rehearse("segmentation", tmp_path / "out", "--limit", "2", "--crowd", str(file))
    refused(told, f"{file} line 2: group 1, cuont: cuont is not known here; did you mean count?")


def test_the_people_of_a_file_do_the_work(tmp_path: Path) -> None:
    file = tmp_path / "crowd.toml"
    file.write_text("[[group]]\ncount = 40\naccuracy = 1\nfields.result.accuracy = 1\n")
    assert rehearse("segmentation", tmp_path / "out", "--limit", "2", "--crowd", str(file)).exit_code == 0
    lines = map(json.loads, (tmp_path / "out" / "world.jsonl").read_text().splitlines())
    worked = {line["user_id"] for line in lines if line["kind"] == "ASSIGNMENT_CREATED"}
    assert worked < {person.id for person in read_crowd(file).people()}
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["images"]["accepted"], summary["rounds"]) == (2, {"1": 2})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--limit", "0"), ["--limit", "0"]),
        (("--limit", "few"), ["--limit", "few"]),
        (("--lose", "2"), ["--lose", "2"]),
        (("--frob",), ["--frob"]),
        (("--dataset", "nowhere"), ["nowhere"]),
        (("--dataset", "kaggle:cells"), ["kaggle:owner/name", "cells"]),
        (("--truth", "t.csv"), ["--truth goes with --votes"]),
        (("--careless", "0.6", "--guesser", "0.6"), ["add up to more than 1"]),
        (("--set", "overlap"), ["'overlap'", "NAME=VALUE"]),
        (("--set", "overlap=many"), ["image-classification"]),
        (("--set", "overlaps=3"), ["overlaps"]),
        (("--set", "classes=RBC"), ["classes", "RBC"]),
        (("--settings", "nowhere.toml"), ["nowhere.toml"]),
        (("--votes", "nowhere.csv"), ["nowhere.csv"]),
    ],
    ids=" ".join,
)
def test_what_is_wrong_is_one_line(tmp_path: Path, options: tuple[str, ...], words: list[str]) -> None:
    refused(rehearse("classification", tmp_path / "out", *options), *words)


def test_an_out_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    refused(rehearse("classification", tmp_path / "out"), "--out", str(tmp_path / "out"))
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"task,label\na,cat\n", "line 1: no column performer"),
        (f"{HEADER}a,,cat\n".encode(), "line 2: performer is empty"),
        (f"{VOTES}a,ann,dog\n".encode(), "line 4: 'ann' answers task 'a' again"),
        (f"{VOTES}b,ann,d\xf6g\n".encode("latin-1"), "line 4: not UTF-8"),
        (f"{VOTES}b,ann,emu\n".encode(), "line 4: the label 'emu' is none of the classes cat, dog"),
    ],
)
def test_wrong_recorded_answers_are_one_line(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "votes.csv").write_bytes(content)
    chosen = ("--votes", str(tmp_path / "votes.csv"), "--set", 'classes=["cat", "dog"]')
    refused(rehearse("classification", tmp_path / "out", *chosen), f"votes.csv {words}")


def test_one_label_is_too_few(tmp_path: Path) -> None:
    (tmp_path / "votes.csv").write_text(f"{HEADER}a,ann,cat\n")
    refused(rehearse("classification", tmp_path / "out", "--votes", str(tmp_path / "votes.csv")), "two labels")


def test_a_folder_without_classes_has_nothing_to_label(tmp_path: Path) -> None:
    picture(tmp_path / "cells" / "a.png")
    result = rehearse("classification", tmp_path / "out", "--dataset", str(tmp_path / "cells"))
    refused(result, "No known example is of any of the settings' classes", "are none")


def test_the_help_says_which_options_go_with_which_pipeline() -> None:
    told = CliRunner().invoke(main, ["rehearse", "--help"]).output
    shared, rest = told.split("Options of image-segmentation:")
    segmentation, classification = rest.split("Options of image-classification:")
    assert "--seed " in shared
    assert "--help" in shared
    assert "--desk-rate" in segmentation
    assert "--votes" in classification


def test_cells_in_folders_of_their_own_classes_are_labelled_and_the_pages_stay_up(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(
        "overlap = 5\ntraining_page = 9\nexam_page = 3\npass_exam = 30\nreal_tasks = 4\n"
    )
    command = [sys.executable, "-c", "from app.cli import main; main()", "rehearse", "image-classification", "--serve"]
    command += ["--dataset", str(cells(tmp_path / "cells")), "--out", str(tmp_path / "out"), "--accuracy", "1"]
    command += ["--settings", str(tmp_path / "small.toml"), "--set", "overlap=3", "--set", "keep_quality=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        lines = []
        for line in running.stdout:
            lines.append(line.strip())
            if line.startswith("Event log: "):
                with urllib.request.urlopen(line.split()[2], timeout=30) as page:
                    assert b"ASSIGNMENT_APPROVED" in page.read()
                running.terminate()  # like Ctrl-C, which a runner may have its children ignore
    assert running.returncode == 0
    assert f"Note: the classes are those of {tmp_path / 'cells'}: Platelets, RBC, WBC" in lines
    assert any("left out: 1, such as RBC/broken.png" in line for line in lines)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["images"] == summary["labelled"] + summary["undecided"] > 20
    assert list(summary["accuracy"]) == ["MajorityVote", "DawidSkene"]
    assert summary["accuracy"]["DawidSkene"]["accuracy"] > 0.6
    assert summary["people"]["exam"] > 0
    votes = json.loads((tmp_path / "out" / "labels.jsonl").read_text().splitlines()[0])["votes"]
    assert set(votes) <= set(CLASSES)
    assert sum(votes.values()) == 3
