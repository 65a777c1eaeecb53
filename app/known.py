"""Outlines that are known to be right, as settings: control questions are made of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.boxes import to_shape
from app.datasets import Item
from handlers.segmentation_pools import FEWEST_KNOWN

MOST = 60  # outlines


def known_values(items: Sequence[Item], addresses: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the known outlines among these images, with the images' addresses by key; none where they are too few.

    Of many, every so many is taken, 60 to 119 becoming 60.
    """
    known = [item for item in items if item.truth is not None and item.key in addresses]
    step = max(1, len(known) // MOST)
    chosen = known[::step][:MOST]
    if len(chosen) < FEWEST_KNOWN:
        return []
    return [
        {"key": item.key, "image": addresses[item.key], "shapes": [to_shape(box) for box in item.truth or ()]}
        for item in chosen
    ]
