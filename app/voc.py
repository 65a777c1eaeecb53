"""Results as Pascal VOC: a folder with one XML file for each accepted image, and a list of the others."""

import csv
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from app.boxes import to_pixels
from app.results import ImageResult, ImageStatus
from app.tables import guarded
from store.errors import CrowdhookError

LEFT_OUT = "not-accepted.tsv"


class ForeignFolder(CrowdhookError):
    """This folder holds other files: name a new folder, or one that VOC results were written to before."""


def write_voc(results: Iterable[ImageResult], label: str, folder: Path) -> None:
    """Write each accepted image's boxes to `<name>.xml`, and the other images to `not-accepted.tsv` with the reason.

    An accepted image where nothing is there gets a file without objects. Edges are whole pixels counted from 0:
    xmax - xmin is the width. An image whose size is not known has no file and is listed. Images of one name share no
    file: theirs are named by their whole keys. What an earlier export left in the folder goes. Raises ForeignFolder.
    """
    ordered = sorted(results, key=lambda result: result.key)
    _make_ready(folder)
    written = [result for result in ordered if _has_file(result)]
    for name, result in _named(written):
        (folder / f"{name}.xml").write_bytes(voc(result, label))
    _write_left_out([result for result in ordered if not _has_file(result)], folder / LEFT_OUT)


def voc(result: ImageResult, label: str) -> bytes:
    """Return an accepted image of known size as the bytes of a VOC file."""
    key, width, height = PurePosixPath(result.key), result.width or 0, result.height or 0
    root = ElementTree.Element("annotation", {"verified": "yes" if result.verified else "no"})
    _text(root, "folder", key.parent.name)
    _text(root, "filename", key.name)
    _text(ElementTree.SubElement(root, "source"), "database", "Crowdhook")
    size = ElementTree.SubElement(root, "size")
    for name, value in (("width", width), ("height", height), ("depth", 3)):
        _text(size, name, str(value))
    _text(root, "segmented", "0")
    for box in result.boxes:
        _object(root, label, to_pixels(box, width, height))
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _make_ready(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    there = list(folder.iterdir())
    if there and not (folder / LEFT_OUT).is_file():
        raise ForeignFolder(f"{folder} is not empty.")
    for path in there:
        if path.suffix == ".xml":
            path.unlink()


def _has_file(result: ImageResult) -> bool:
    return result.status == ImageStatus.ACCEPTED and result.width is not None and result.height is not None


def _named(results: Sequence[ImageResult]) -> Iterator[tuple[str, ImageResult]]:
    """Give each image the name of its file: its own without the suffix, or where that is taken its key, escaped."""
    stems = Counter(PurePosixPath(result.key).stem.casefold() for result in results)
    for result in results:
        stem = PurePosixPath(result.key).stem
        yield (stem if stems[stem.casefold()] == 1 else quote(result.key, safe="")), result


def _write_left_out(results: Iterable[ImageResult], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(("image", "status", "reason"))
        writer.writerows((guarded(result.key), str(result.status), guarded(_why(result))) for result in results)


def _why(result: ImageResult) -> str:
    return "its size is not known" if result.status == ImageStatus.ACCEPTED else result.reason


def _object(root: ElementTree.Element, label: str, bbox: tuple[int, int, int, int]) -> None:
    x, y, width, height = bbox
    node = ElementTree.SubElement(root, "object")
    for name, value in (("name", label), ("pose", "Unspecified"), ("truncated", "0"), ("difficult", "0")):
        _text(node, name, value)
    edges = ElementTree.SubElement(node, "bndbox")
    for name, edge in (("xmin", x), ("ymin", y), ("xmax", x + width), ("ymax", y + height)):
        _text(edges, name, str(edge))


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text
