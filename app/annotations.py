"""Boxes that come with images: VOC XML files and COCO JSON files, read into one shape."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from app.boxes import Box, from_edges
from store.errors import CrowdhookError


class BadAnnotation(CrowdhookError):
    """This annotation cannot be read: repair or remove the file."""


class ForeignAnnotation(CrowdhookError):
    """This annotation belongs to another image: put the right one beside it, or remove it."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a file says of one image: labels with pixel edges (left, top, right, bottom), and which image it means."""

    source: Path
    objects: tuple[tuple[str, tuple[float, float, float, float]], ...]
    filename: str | None = None  # None, and None below: it does not say
    width: int | None = None
    height: int | None = None

    @property
    def labels(self) -> set[str]:
        """The class names that occur in it."""
        return {label for label, _ in self.objects}

    def boxes(self, label: str | None, width: int, height: int) -> tuple[Box, ...]:
        """Its boxes of one class (None: of all), cut to an image of this size; those without extent are dropped."""
        cut = (from_edges(edges, width, height) for name, edges in self.objects if label in (None, name))
        return tuple(box for box in cut if box is not None)

    def check(self, image: Path, width: int, height: int) -> None:
        """Raise ForeignAnnotation if it names another image, or one of another size."""
        named = PurePosixPath((self.filename or image.name).replace("\\", "/"))
        if image.name != named.name and image.stem not in (named.name, named.stem):
            raise ForeignAnnotation(f"{self.source} is about {named.name}, not about {image}.")
        if (self.width or width, self.height or height) != (width, height):
            raise ForeignAnnotation(
                f"{self.source} is about a picture of {self.width}x{self.height}, but {image} has {width}x{height}."
            )


def read_voc(path: Path) -> Annotation:
    """Read one VOC XML file. Raises BadAnnotation."""
    try:
        root = ElementTree.parse(path).getroot()  # noqa: S314 - a file the user named; expat bounds entity expansion
        return Annotation(
            source=path,
            objects=tuple(_voc_object(node) for node in root.iter("object")),
            filename=root.findtext("filename", "").strip() or None,
            width=_voc_size(root, "width"),
            height=_voc_size(root, "height"),
        )
    except (ElementTree.ParseError, ValueError, OSError) as error:
        raise BadAnnotation(f"{path}: {error}.") from error


def read_coco(path: Path) -> dict[str, Annotation] | None:
    """Read a COCO file as annotations by file name; None if the JSON file is something else. Raises BadAnnotation."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise BadAnnotation(f"{path}: {error}.") from error
    if not isinstance(content, dict) or not {"images", "annotations"} <= content.keys():
        return None
    try:
        return _coco_annotations(path, content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadAnnotation(f"{path}: {error!r}.") from error


def _voc_object(node: ElementTree.Element) -> tuple[str, tuple[float, float, float, float]]:
    edges = [float(node.findtext(f"bndbox/{name}", "missing")) for name in ("xmin", "ymin", "xmax", "ymax")]
    return node.findtext("name", "").strip(), (edges[0], edges[1], edges[2], edges[3])


def _voc_size(root: ElementTree.Element, side: str) -> int | None:
    return int(float(root.findtext(f"size/{side}", "0"))) or None


def _coco_annotations(path: Path, content: Mapping[str, Any]) -> dict[str, Annotation]:
    labels = {category["id"]: str(category["name"]) for category in content.get("categories", ())}
    objects: dict[Any, list[tuple[str, tuple[float, float, float, float]]]] = {}
    for entry in content["annotations"]:
        edges = _coco_edges(entry["bbox"])
        objects.setdefault(entry["image_id"], []).append((labels.get(entry["category_id"], ""), edges))
    return {
        image["file_name"]: Annotation(
            source=path,
            objects=tuple(objects.get(image["id"], ())),
            filename=image["file_name"],
            width=image.get("width"),
            height=image.get("height"),
        )
        for image in content["images"]
    }


def _coco_edges(bbox: Sequence[float]) -> tuple[float, float, float, float]:
    x, y, width, height = map(float, bbox)
    return x, y, x + width, y + height
