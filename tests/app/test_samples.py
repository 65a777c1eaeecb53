"""Sample pictures: a normal data set, the same for the same seed, with everything that a real one has."""

from itertools import combinations
from pathlib import Path

from PIL import Image

from app.boxes import iou
from app.datasets import load
from app.samples import HEIGHT, LABEL, WIDTH, scene, write_samples


def test_samples_are_read_like_any_other_data_set(tmp_path: Path) -> None:
    items = load(write_samples(tmp_path / "samples"), LABEL)
    assert len(items) == 24
    assert {(item.width, item.height) for item in items} == {(WIDTH, HEIGHT)}
    assert {len(item.truth or ()) for item in items} == {0, 1, 2, 3}


def test_the_same_seed_draws_the_same_pictures_and_another_seed_others(tmp_path: Path) -> None:
    def content(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(folder.rglob("*.*"))}

    first = content(write_samples(tmp_path / "first", 3, seed=5))
    assert first == content(write_samples(tmp_path / "again", 3, seed=5))
    assert first != content(write_samples(tmp_path / "other", 3, seed=6))
    assert len(first) == 6


def test_objects_lie_inside_the_picture_apart_from_each_other_among_distractors() -> None:
    for number in range(40):
        cells = scene(0, number)
        boxes = [cell.box for cell in cells if cell.white]
        assert all(0 < box.left < box.right < 1 and 0 < box.top < box.bottom < 1 for box in boxes)
        assert all(iou(a, b) < 0.1 for a, b in combinations(boxes, 2))
        assert sum(not cell.white for cell in cells) >= 10


def test_the_true_box_is_where_the_picture_is_violet(tmp_path: Path) -> None:
    for item in load(write_samples(tmp_path, 4), LABEL):
        assert item.path is not None
        with Image.open(item.path) as picture:
            for box in item.truth or ():
                middle = (round((box.left + box.width / 2) * WIDTH), round((box.top + box.height / 2) * HEIGHT))
                red, green, blue = picture.getpixel(middle)
                assert blue > red > green
