"""A run as a DataFrame: one row an image, the columns that the page about results names."""

import re
from pathlib import Path

import pytest
from calm import IMAGES, Calm

from app.notebook import results
from app.runs import UnknownRun
from app.tables import COLUMNS

PAGE = Path(__file__).parent.parent.parent / "docs/results.md"


def test_a_run_is_a_table_with_the_documented_columns(calm: Calm) -> None:
    frame = results(calm.out / "crowdhook.db", run="rehearsal", dataset=calm.out / "samples")
    documented = re.findall(r"^\| `([a-z_]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert list(frame.columns) == list(COLUMNS) == documented
    assert len(frame) == IMAGES
    counts = calm.done.summary["images"]
    assert frame["status"].value_counts().to_dict() == {
        status: count for status, count in counts.items() if count and status != "total"
    }
    accepted = frame[frame["status"] == "accepted"]
    assert accepted["boxes_pixels"].str.len().sum() == accepted["boxes"].str.len().sum() > 0


def test_without_the_images_there_are_no_pixels_and_the_fee_is_ones_own_business(calm: Calm) -> None:
    path = str(calm.out / "crowdhook.db")
    assert results(path)["boxes_pixels"].isna().all()
    assert results(path, fee=0.3)["cost"].sum() == pytest.approx(1.3 * results(path)["cost"].sum(), abs=1e-4)


def test_a_run_that_is_not_there_is_named(calm: Calm) -> None:
    with pytest.raises(UnknownRun, match="nope; those of image-segmentation are rehearsal"):
        results(calm.out / "crowdhook.db", run="nope")
