"""Small pictures for tests, each of its own colour."""

from pathlib import Path

from PIL import Image


def picture(path: Path, colour: int = 0) -> Path:
    """Write a picture; the same colour gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6), (colour % 256, colour // 256, 50)).save(path)
    return path
