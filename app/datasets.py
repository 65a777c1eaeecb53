"""Folders and tables of images in: what is to be outlined, and the true boxes where they are known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL import Image

from app.annotations import Annotation, read_coco, read_voc
from app.boxes import Box
from app.rows import TABLES, BadTable, read_rows
from store.errors import CrowdhookError

IMAGES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
COLUMNS = ("image", "INPUT:image")


class MissingDataset(CrowdhookError):
    """There is no such data set: name a folder with images, or a .tsv or .csv file with a column image."""


class NoImages(CrowdhookError):
    """This data set has no images: it needs JPEG, PNG, WebP, BMP, GIF or TIFF files, or rows that name some."""


class UnreadableImage(CrowdhookError):
    """This image cannot be opened: replace or remove the file."""


class UnknownLabel(CrowdhookError):
    """No annotation of this data set has that label: choose one that occurs."""


@dataclass(frozen=True, slots=True)
class Item:
    """One image to be outlined."""

    key: str  # path relative to the data set, with "/"; for an image on the web, its address
    path: Path | None  # where its file is; None: on the web
    url: str | None  # its address, if the data set gives one
    width: int | None  # pixels; None: not known
    height: int | None
    truth: tuple[Box, ...] | None  # true boxes; (): nothing is there; None: nobody knows


def load(dataset: Path, label: str | None = None, limit: int | None = None) -> list[Item]:
    """Read a data set, sorted by key: at most `limit` images, with the true boxes of one class (None: of all classes).

    A folder may hold images alone, with VOC files (beside them, or in a folder Annotations), or with COCO files
    (*.json at its top or in a folder annotations). An image that no annotation speaks of has truth None; an annotation
    without the label says that nothing is there. A table has no boxes. Only the images that are returned are opened.
    Raises MissingDataset, NoImages, UnreadableImage, BadTable, UnknownLabel, BadAnnotation, ForeignAnnotation.
    """
    if not dataset.exists():
        raise MissingDataset(f"Not found: {dataset}")
    if dataset.is_dir():
        return _load_folder(dataset, label, limit)
    if dataset.suffix.lower() not in TABLES:
        raise MissingDataset(f"Neither a folder nor a table: {dataset}")
    return _load_table(dataset, limit)


def _load_folder(folder: Path, label: str | None, limit: int | None) -> list[Item]:
    images = {path.relative_to(folder).as_posix(): path for path in files_below(folder, IMAGES)}
    if not images:
        raise NoImages(f"Looked in: {folder}")
    annotations = annotations_of(folder, images)
    _check_label(label, annotations.values(), folder)
    return [_annotated(key, images[key], annotations.get(key), label) for key in sorted(images)[:limit]]


def files_below(folder: Path, suffixes: Iterable[str]) -> list[Path]:
    """Return all files below a folder with one of these suffixes, hidden ones left out."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in suffixes and path.is_file())
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]


def annotations_of(folder: Path, images: Mapping[str, Path]) -> dict[str, Annotation]:
    """Read the VOC and COCO files of a folder: by the key of the image. Raises BadAnnotation."""
    coco = [path for place in (folder, folder / "annotations") for path in sorted(place.glob("*.json"))]
    by_key: dict[str, Annotation] = {}
    for path in coco:
        by_key.update(_placed(read_coco(path) or {}, folder, images))
    for key, image in images.items():
        if (voc := _voc_file(folder, image)) is not None:
            by_key[key] = read_voc(voc)
    return by_key


def _placed(entries: Mapping[str, Annotation], folder: Path, images: Mapping[str, Path]) -> dict[str, Annotation]:
    """COCO entries by key: `file_name` is a path in the folder or beside the file, or a unique name."""
    names: dict[str, list[str]] = {}
    for key in images:
        names.setdefault(PurePosixPath(key).name, []).append(key)
    placed = {}
    for name, annotation in entries.items():
        beside = (annotation.source.parent.relative_to(folder) / name).as_posix()
        alone = names.get(PurePosixPath(name).name, [])
        for key in (name, beside, *(alone if len(alone) == 1 else ())):
            if key in images:
                placed[key] = annotation
                break
    return placed


def _voc_file(folder: Path, image: Path) -> Path | None:
    name = f"{image.stem}.xml"
    places = (image.parent / name, image.parent.parent / "Annotations" / name, folder / "Annotations" / name)
    return next((path for path in places if path.is_file()), None)


def _check_label(label: str | None, annotations: Iterable[Annotation], folder: Path) -> None:
    labels = sorted({name for annotation in annotations for name in annotation.labels})
    if label is not None and labels and label not in labels:
        raise UnknownLabel(f"{label!r} is not in {folder}, these are: {', '.join(labels)}")


def _annotated(key: str, path: Path, annotation: Annotation | None, label: str | None) -> Item:
    width, height = size_of(path)
    if annotation is None:
        return Item(key, path, None, width, height, None)
    annotation.check(path, width, height)
    return Item(key, path, None, width, height, annotation.boxes(label, width, height))


def size_of(path: Path) -> tuple[int, int]:
    """Return width and height in pixels of an image whose header is sound; raises UnreadableImage."""
    try:
        with Image.open(path) as image:
            image.verify()
            return image.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadableImage(f"{path}: {error}") from error


def _load_table(table: Path, limit: int | None) -> list[Item]:
    names = sorted({_named(table, line, name) for line, (name,) in read_rows(table, COLUMNS)})
    if not names:
        raise NoImages(f"The table is empty: {table}")
    return [_listed(name, table) for name in names[:limit]]


def _named(table: Path, line: int, name: str) -> str:
    if not name:
        raise BadTable(f"{table}, line {line}: no image")
    return name


def _listed(name: str, table: Path) -> Item:
    if name.startswith(("http://", "https://")):
        return Item(name, None, name, None, None, None)
    path = table.parent / name
    width, height = size_of(path)
    return Item(PurePosixPath(name).as_posix(), path, None, width, height, None)
