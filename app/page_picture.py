"""A page of outlines as one picture, for the person who decides it: each task's image with its boxes and its votes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from app.boxes import Box, from_shapes, to_pixels
from app.held import HeldPage, HeldTask

WIDTH = 560  # pixels of one image; one that is not at hand is three quarters as high
CAPTION = 46  # pixels above each image
GAP = 16
ACROSS = 2  # images beside each other
PAPER, INK, GREY = (250, 250, 248), (32, 36, 42), (214, 216, 220)
BOX, SHADOW = (0, 224, 122), (12, 14, 16)


def write_page_picture(held: HeldPage, paths: Mapping[str, Path], folder: Path) -> Path:
    """Draw a held page as `<assignment id>.png` in a folder, and return where it is.

    `paths` says where the images are, by key; for one that is not there a grey picture stands.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{held.page.assignment_id}.png"
    page_picture(held.tasks, paths).save(path, "PNG")
    return path


def page_picture(
    tasks: Sequence[HeldTask], paths: Mapping[str, Path], width: int = WIDTH, across: int = ACROSS
) -> Image.Image:
    """Draw the tasks of a page, `across` images of `width` pixels beside each other; `paths` as above."""
    drawn = [_drawn(task, paths.get(str(task.answer.input["item"])), width) for task in tasks]
    rows = [drawn[at : at + across] for at in range(0, len(drawn), across)]
    wide = min(across, len(drawn)) * (width + GAP) + GAP
    sheet = Image.new("RGB", (wide, GAP + sum(_height(row) for row in rows)), PAPER)
    top = GAP
    for row in rows:
        for at, picture in enumerate(row):
            sheet.paste(picture, (GAP + at * (width + GAP), top))
        top += _height(row)
    return sheet


def votes_in_words(task: HeldTask) -> str:
    """Say what verifiers said of a task: "2 OK, 1 BAD (loose)"."""
    words = Counter(vote.wrong for vote in task.bad if vote.wrong)
    why = ", ".join(word if words[word] == 1 else f"{words[word]} {word}" for word in task.reasons)
    return f"{len(task.votes) - len(task.bad)} OK, {len(task.bad)} BAD" + (f" ({why})" if why else "")


def _height(row: list[Image.Image]) -> int:
    return max(picture.height for picture in row) + GAP


def _drawn(task: HeldTask, path: Path | None, width: int) -> Image.Image:
    """Return one task's image, scaled, under a caption, with its boxes."""
    image = _image(path, width)
    boxes = from_shapes((task.answer.output or {}).get("result"))
    pen = ImageDraw.Draw(image)
    for box in boxes:
        _outline(pen, box, image.size)
    drawn = Image.new("RGB", (width, CAPTION + image.height), PAPER)
    drawn.paste(image, (0, CAPTION))
    text = ImageDraw.Draw(drawn)
    nothing = "" if boxes else ": nothing here"
    text.text((0, 2), f"Picture {task.number}{nothing}", fill=INK, font=ImageFont.load_default(17))
    text.text((0, 24), votes_in_words(task), fill=INK, font=ImageFont.load_default(14))
    return drawn


def _image(path: Path | None, width: int) -> Image.Image:
    if path is None:
        return Image.new("RGB", (width, width * 3 // 4), GREY)
    with Image.open(path) as image:
        height = max(1, round(image.height * width / image.width))
        return image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)


def _outline(pen: ImageDraw.ImageDraw, box: Box, size: tuple[int, int]) -> None:
    left, top, width, height = to_pixels(box, *size)
    edges = (left, top, left + width, top + height)
    pen.rectangle((edges[0] - 1, edges[1] - 1, edges[2] + 1, edges[3] + 1), outline=SHADOW, width=4)
    pen.rectangle(edges, outline=BOX, width=2)
