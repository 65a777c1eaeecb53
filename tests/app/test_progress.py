"""The picture of a run: what its layers are, and that their colours are on it."""

import time
from contextlib import closing
from pathlib import Path

import pytest
from calm import IMAGES, Calm
from ledger import Ledger, accept, ask, hold, outline, reject, vote
from PIL import Image

from app.exports import outlining_run
from app.progress import PURPOSES, STANDS, draw, image_steps, money_steps
from app.reading import read
from app.timeline import Purpose, Stand
from store.sqlite import SqliteStore


def painted(path: Path) -> dict[tuple[int, ...], int]:
    """How many pixels of each colour a picture has."""
    with Image.open(path) as picture:
        pixels = picture.convert("RGB").getcolors(1 << 24)
    return {colour: count for count, colour in pixels or ()}


def test_the_layers_of_images_always_add_up_to_the_images_asked_for(calm: Calm) -> None:
    with closing(SqliteStore(calm.out / "crowdhook.db", time.time)) as store:
        times, layers = image_steps(read(store, outlining_run(store, "image-segmentation", None)))
    assert times == sorted(set(times))
    assert {sum(heights) for heights in zip(*layers.values(), strict=True)} == {IMAGES}
    assert layers[Stand.WAITING][0] == IMAGES
    assert layers[Stand.ACCEPTED][-1] == calm.done.summary["images"]["accepted"]
    assert layers[Stand.HELD][-1] == calm.done.summary["images"]["held"]


def test_the_layers_of_money_end_at_what_was_spent(calm: Calm) -> None:
    with closing(SqliteStore(calm.out / "crowdhook.db", time.time)) as store:
        _, layers = money_steps(read(store, outlining_run(store, "image-segmentation", None)), fee=0.3)
    assert all(heights == sorted(heights) for heights in layers.values())
    assert layers[Purpose.OUTLINING][-1] == pytest.approx(calm.done.summary["money"]["outlining"], abs=1e-4)
    assert sum(each[-1] for each in layers.values()) == pytest.approx(calm.done.summary["money"]["total"], abs=1e-4)


def test_what_happened_at_one_time_is_one_step(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(ask("x.jpg", "t1"), ask("y.jpg", "t2"))  # at 1
    ledger.page("a1", outline("x.jpg", "t1"), submitted=4.0)
    times, layers = image_steps(read(ledger.store, ledger.running))
    assert times == [1.0, 4.0]
    assert (layers[Stand.WAITING], layers[Stand.VERIFYING]) == ([2.0, 1.0], [0.0, 1.0])


def test_every_layer_that_ever_was_is_painted_in_its_colour_and_no_other(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(*(ask(f"{i}.jpg", f"t{i}") for i in range(5)))
    for i, status in enumerate(("ACCEPTED", "REJECTED", "SUBMITTED", "SUBMITTED")):
        ledger.page(f"a{i}", outline(f"{i}.jpg", f"t{i}"), status=status, submitted=100.0, reviewed=200.0)
    ledger.votes("v1", vote("a0", "t0"), user_id="bob")
    ledger.events = 150
    ledger.record(accept("a0"), reject("a1"))
    ledger.events = 400
    ledger.record(hold("a2"))
    ledger.events = 600
    ledger.record(ask("late.jpg", "t9"))
    draw(ledger.store, ledger.running, tmp_path / "progress.png", fee=0.3)
    colours = painted(tmp_path / "progress.png")
    assert {stand for stand, colour in STANDS.items() if colours.get(colour, 0) > 2000} == set(Stand)
    assert PURPOSES[Purpose.OUTLINING] in colours
    assert PURPOSES[Purpose.CONTROLS] not in colours


@pytest.mark.parametrize("asked", [0, 1])
def test_a_run_that_has_hardly_begun_is_a_picture_too(tmp_path: Path, asked: int) -> None:
    ledger = Ledger(tmp_path)
    for i in range(asked):
        ledger.record(ask(f"{i}.jpg", f"t{i}"))
    draw(ledger.store, ledger.running, tmp_path / "progress.png")
    assert len(painted(tmp_path / "progress.png")) > 1
