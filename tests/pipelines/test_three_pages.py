"""docs/three-pages.md is what its script writes, so that it cannot grow stale."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

ROOT = Path(__file__).parents[2]
SMALL = 150_000  # bytes of a picture
ALIKE = 2.0  # of 255: how far two drawings of one picture may be apart on average, by another release of the painter


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the script has just written, with whatever ports were free."""
    out = tmp_path_factory.mktemp("docs")
    subprocess.run([sys.executable, "-m", "docs.examples.three_pages", "--out", out], cwd=ROOT, check=True)
    return out


def test_the_document_is_what_its_script_writes(written):
    assert (ROOT / "docs/three-pages.md").read_bytes() == (written / "three-pages.md").read_bytes()


@pytest.mark.parametrize("name", ["paid", "refused", "held"])
def test_its_pictures_are_what_the_script_draws(written, name):
    path = ROOT / f"docs/pictures/{name}.png"
    assert path.stat().st_size < SMALL
    with Image.open(path) as ours, Image.open(written / f"pictures/{name}.png") as drawn:
        assert ours.size == drawn.size
        apart = ImageChops.difference(ours.convert("RGB"), drawn.convert("RGB"))
    assert max(ImageStat.Stat(apart).mean) < ALIKE
