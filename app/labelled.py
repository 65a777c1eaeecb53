"""Folders and tables of images or texts in: what is to be classified, and what is known of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath

from app.datasets import COLUMNS, IMAGES, MissingDataset, NoImages, UnreadableImage, files_below, size_of
from app.examples import Example, Found, LeftOut, classed, distinct, value_of
from app.rows import TABLES, read_rows
from app.truths import with_truths
from store.errors import CrowdhookError

TEXT = ("text", "INPUT:text")
LABEL = ("label",)


class NoTexts(CrowdhookError):
    """Texts to classify are the rows of a .tsv or .csv file with a column text:"""


def read_known(dataset: Path, classes: Sequence[str], input: str = "image") -> Found:
    """Read examples whose class is known, by key: a folder of class-named folders, or a table with a column label.

    In a folder, the nearest folder above an image that is named like a class gives it. Names of classes are taken
    without regard to case. What has no class or a foreign one, cannot be opened, has the content of another one, or is
    in two classes, is left out with the reason. Raises MissingDataset, NoImages, NoTexts, BadTable.
    """
    listed = _folder(dataset, classes) if _is_folder(dataset, input) else _table(dataset, input, LABEL)
    return _opened(classed(_some(listed, dataset, input), classes))


def classes_in(dataset: Path, classes: Sequence[str], input: str = "image") -> list[str]:
    """Return what a data set of known examples calls its classes, sorted; by their values those that are of `classes`.

    Raises as `read_known`.
    """
    listed = _folder(dataset, classes) if _is_folder(dataset, input) else _table(dataset, input, LABEL)
    return sorted({value_of(each.label, classes) or each.label for each in listed if each.label})


def read_unknown(
    dataset: Path,
    classes: Sequence[str] = (),
    input: str = "image",
    truth: Path | None = None,
    limit: int | None = None,
) -> Found:
    """Read what is to be classified, by key: a folder of images, or a table with a column image (or text).

    `truth` is a table image,label (or text,label), for measuring only; it names an image by key, file name, or file
    name without suffix. With it, what has no class, a foreign one or several is left out too. At most `limit` images
    are opened. Raises as `read_known`.
    """
    listed = _folder(dataset, ()) if _is_folder(dataset, input) else _table(dataset, input)
    found = Found(tuple(replace(each, label=None) for each in _some(listed, dataset, input)))
    if truth is not None:
        found = with_truths(found.examples, _table(truth, input, LABEL), classes)
    return _opened(Found(found.examples[:limit], found.left_out))


def _is_folder(dataset: Path, input: str) -> bool:
    if not dataset.exists():
        raise MissingDataset(f"Not found: {dataset}")
    folder = dataset.is_dir() and input == "image"
    if not folder and (dataset.is_dir() or dataset.suffix.lower() not in TABLES):
        raise (MissingDataset if input == "image" else NoTexts)(f"Not a folder or table of them: {dataset}")
    return folder


def _some(listed: Iterable[Example], dataset: Path, input: str) -> list[Example]:
    """All of them, by key; raises where there are none."""
    examples = sorted(listed, key=lambda example: example.key)
    if not examples:
        raise (NoImages if input == "image" else NoTexts)(f"Looked in: {dataset}")
    return examples


def _folder(folder: Path, classes: Sequence[str]) -> Iterator[Example]:
    for path in files_below(folder, IMAGES):
        key = path.relative_to(folder)
        above = key.parent.parts[::-1]
        label = next((name for name in above if value_of(name, classes)), above[0] if above else None)
        yield Example(key.as_posix(), path, label=label)


def _table(table: Path, input: str, *columns: Sequence[str]) -> Iterator[Example]:
    for line, (content, *label) in read_rows(table, COLUMNS if input == "image" else TEXT, *columns):
        if content:
            yield replace(_named(content, input, table.parent), label=label[0] if label else None)
        else:
            yield Example(f"{table.name}, line {line}", label=label[0] if label else None)


def _named(content: str, input: str, folder: Path) -> Example:
    digest = sha256(content.encode()).hexdigest()
    if input == "text":
        return Example(f"text-{digest[:16]}", text=content, digest=digest)
    if content.startswith(("http://", "https://")):
        return Example(content, url=content, digest=digest)
    return Example(PurePosixPath(content).as_posix(), folder / content)


def _opened(found: Found) -> Found:
    """Look into every file; leave out what cannot be opened, what is there twice, and what is in two classes."""
    tried = [_hashed(example) for example in found.examples]
    unreadable = (each for each in tried if isinstance(each, LeftOut))
    apart = distinct(each for each in tried if isinstance(each, Example))
    return Found(apart.examples, (*found.left_out, *unreadable, *apart.left_out))


def _hashed(example: Example) -> Example | LeftOut:
    if example.path is None:
        return example if example.digest else LeftOut(example.key, "this row is empty")
    try:
        size_of(example.path)
        with example.path.open("rb") as file:
            return replace(example, digest=file_digest(file, "sha256").hexdigest())
    except (UnreadableImage, OSError) as error:
        return LeftOut(example.key, f"it cannot be opened: {error.__cause__ or error}")
