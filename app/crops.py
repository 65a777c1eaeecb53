"""Annotated objects cut out of their images, into class-named folders: known examples for a classification."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from math import ceil, floor
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from app.annotations import Annotation, ForeignAnnotation
from app.datasets import IMAGES, MissingDataset, UnreadableImage, annotations_of, files_below, size_of
from app.examples import LeftOut, write_left_out
from app.tables import guarded
from store.errors import CrowdhookError

CROPS, LEFT_OUT = "crops.csv", "left-out.csv"
QUALITY = 95  # of the JPEG files


class NoObjects(CrowdhookError):
    """Nothing can be cut out of this data set: it needs images, and VOC or COCO files that say where objects are."""


class NotEmpty(CrowdhookError):
    """There is something already: name a new folder with --out."""


@dataclass(frozen=True, slots=True)
class Crop:
    """One object: its file, its class, the image that it is on, and what is cut out of that, in pixels."""

    file: str  # in the folder of the crops
    label: str
    image: str  # its key in the data set
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Cut:
    """What came of a data set: how many pictures of each class there are, and what was not cut."""

    counts: Mapping[str, int]
    left_out: tuple[LeftOut, ...]


def cut(dataset: Path, out: Path, limit: int | None = None, margin: float = 0.1) -> Cut:
    """Cut the objects of a VOC or COCO folder out as JPEG files, with a margin: a share of their width and height.

    They come into folders named by their class, at most `limit` of each class, by the keys of their images.
    `crops.csv` says where each is from, `left-out.csv` what was not cut and why. All is there at the end, or nothing.
    Raises MissingDataset, NotEmpty, NoObjects, BadAnnotation.
    """
    if not dataset.is_dir():
        raise MissingDataset(f"Not a folder: {dataset}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise NotEmpty(f"({out})")
    images = {path.relative_to(dataset).as_posix(): path for path in files_below(dataset, IMAGES)}
    annotations = annotations_of(dataset, images)
    planned, left_out = _planned(images, annotations, limit, margin)
    if not planned:
        raise NoObjects(f"({dataset})")
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=".crops-") as place:
        made = Path(place) / "crops"
        made.mkdir()
        for key, crops in planned.items():
            _cut(images[key], crops, made)
        _write([crop for crops in planned.values() for crop in crops], made / CROPS)
        write_left_out(left_out, made / LEFT_OUT)
        made.replace(out)
    return Cut(Counter(crop.label for crops in planned.values() for crop in crops), tuple(left_out))


def _planned(
    images: Mapping[str, Path], annotations: Mapping[str, Annotation], limit: int | None, margin: float
) -> tuple[dict[str, list[Crop]], list[LeftOut]]:
    """Say what is to be cut out of each image, and why nothing is out of others."""
    planned: dict[str, list[Crop]] = {}
    left_out = []
    counts = Counter[str]()
    for at, key in enumerate(sorted(images)):
        for each in _objects(at, key, images[key], annotations.get(key), margin):
            if isinstance(each, LeftOut):
                left_out.append(each)
            elif limit is None or counts[each.label] < limit:
                planned.setdefault(key, []).append(each)
                counts[each.label] += 1
    return planned, left_out


def _objects(at: int, key: str, path: Path, annotation: Annotation | None, margin: float) -> Iterator[Crop | LeftOut]:
    try:
        width, height = size_of(path)
        if annotation is None or not annotation.objects:
            yield LeftOut(key, "no object is annotated on it")
            return
        annotation.check(path, width, height)
    except (UnreadableImage, ForeignAnnotation) as error:
        yield LeftOut(key, error.detail)
        return
    for number, (label, edges) in enumerate(annotation.objects, start=1):
        place = _with_margin(edges, margin, width, height)
        if not label:
            yield LeftOut(key, f"object {number} has no class")
        elif place is None:
            yield LeftOut(key, f"object {number} ({label}) has no extent on it")
        else:
            yield Crop(f"{_folder(label)}/{path.stem}-{at}-{number}.jpg", label, key, *place)


def _with_margin(
    edges: tuple[float, float, float, float], margin: float, width: int, height: int
) -> tuple[int, int, int, int] | None:
    """Left, top, width and height of what is cut out, in whole pixels; None if nothing of it is on the image."""
    left, top, right, bottom = max(0.0, edges[0]), max(0.0, edges[1]), min(width, edges[2]), min(height, edges[3])
    if right <= left or bottom <= top:
        return None
    across, down = margin * (right - left), margin * (bottom - top)
    left, top = max(0, floor(left - across)), max(0, floor(top - down))
    return left, top, min(width, ceil(right + across)) - left, min(height, ceil(bottom + down)) - top


def _folder(label: str) -> str:
    """The name of a class's folder: the class, but for what would lead out of it or hide it."""
    return re.sub(r"^\.|[/\\\x00-\x1f]", lambda found: f"%{ord(found[0]):02X}", label)


def _cut(path: Path, crops: Iterable[Crop], out: Path) -> None:
    with Image.open(path) as image:
        picture = image.convert("RGB")
    for crop in crops:
        file = out / crop.file
        file.parent.mkdir(exist_ok=True)
        box = (crop.left, crop.top, crop.left + crop.width, crop.top + crop.height)
        picture.crop(box).save(file, quality=QUALITY)


def _write(crops: Iterable[Crop], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([each.name for each in fields(Crop)])
        for crop in crops:
            writer.writerow([guarded(each) if isinstance(each, str) else each for each in astuple(crop)])
