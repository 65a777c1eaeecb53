"""Results as a COCO file: every image with its status, and the boxes of the accepted ones in pixels."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from app.boxes import to_pixels
from app.results import ImageResult, ImageStatus

CATEGORY_ID = 1


def write_coco(
    results: Iterable[ImageResult], label: str, path: Path, statuses: Collection[str] = tuple(ImageStatus)
) -> None:
    """Write the images of these statuses as a COCO file; see `coco`."""
    path.write_text(json.dumps(coco(results, label, statuses), indent=1, ensure_ascii=False) + "\n", "utf-8")


def coco(results: Iterable[ImageResult], label: str, statuses: Collection[str] = tuple(ImageStatus)) -> dict[str, Any]:
    """The results as a COCO object; ids follow the order of the keys, so the same results give the same bytes.

    An accepted image without annotations is one where nothing is there. Boxes are whole pixels (x, y, width, height).
    Of an image whose size is not known they cannot be: it carries its boxes as `fractions` (left, top, width, height).
    Images of other statuses than `statuses` are named in `info.left_out`.
    """
    by_key = sorted(results, key=lambda result: result.key)
    ordered = list(enumerate((result for result in by_key if result.status in statuses), start=1))
    found = [bbox for image_id, result in ordered for bbox in _bboxes(image_id, result)]
    return {
        "info": {
            "description": f"{label}, outlined and verified",
            "images_by_status": _by_status(by_key),
            "left_out": [_left_out(result) for result in by_key if result.status not in statuses],
        },
        "licenses": [],
        "categories": [{"id": CATEGORY_ID, "name": label, "supercategory": ""}],
        "images": [_image(image_id, result) for image_id, result in ordered],
        "annotations": [_annotation(i, image_id, bbox) for i, (image_id, bbox) in enumerate(found, start=1)],
    }


def _bboxes(image_id: int, result: ImageResult) -> list[tuple[int, tuple[int, int, int, int]]]:
    if result.status != ImageStatus.ACCEPTED or result.width is None or result.height is None:
        return []
    return [(image_id, to_pixels(box, result.width, result.height)) for box in result.boxes]


def _by_status(results: Sequence[ImageResult]) -> dict[str, int]:
    counts = Counter(result.status for result in results)
    return {status: counts[status] for status in ImageStatus}


def _left_out(result: ImageResult) -> dict[str, str]:
    return {"file_name": result.key, "status": str(result.status), "reason": result.reason}


def _image(image_id: int, result: ImageResult) -> dict[str, Any]:
    image = {
        "id": image_id,
        "file_name": result.key,
        "width": result.width,
        "height": result.height,
        "status": str(result.status),
        "reason": result.reason,
        "verified": result.verified,
        "rounds": result.rounds,
        "assignment_id": result.assignment_id,
        "performer": result.performer,
    }
    if result.status == ImageStatus.ACCEPTED and result.width is None:
        image["fractions"] = [[box.left, box.top, box.width, box.height] for box in result.boxes]
    return image


def _annotation(annotation_id: int, image_id: int, bbox: tuple[int, int, int, int]) -> dict[str, Any]:
    x, y, width, height = bbox
    return {
        "id": annotation_id,
        "image_id": image_id,
        "category_id": CATEGORY_ID,
        "bbox": list(bbox),
        "area": width * height,
        "iscrowd": 0,
        "segmentation": [[x, y, x + width, y, x + width, y + height, x, y + height]],
    }
