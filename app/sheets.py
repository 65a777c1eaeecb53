"""The contact sheets of a run: all images, the accepted, the refused outlines with their reasons, what waits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.boxes import Box
from app.contact_sheet import REFUSED, Tile, wrapped, write_contact_sheet
from app.results import CountedVote, ImageResult, ImageStatus, RefusedOutline

WAITING = (ImageStatus.HELD, ImageStatus.UNRESOLVED)
MOST_WAITING = 1000  # each is work to come for somebody: practically all are shown
REASON_LINES = 5
WRONG = {"missed": "one missed", "loose": "not tight", "object": "wrong object", "other": "other"}

Paths = Mapping[str, Path]


def write_overview(results: Sequence[ImageResult], paths: Paths, path: Path, label: str) -> None:
    """Draw all images, by key, each in the colour of its status."""
    tiles = [_tile(each, each.boxes, _stand(each, _short_reason(each))) for each in _by_key(results)]
    write_contact_sheet(tiles, paths, path, f"{label}: what came out", _count(results), f"{len(tiles)} images")


def write_sheets(
    results: Sequence[ImageResult], refused: Sequence[RefusedOutline], paths: Paths, folder: Path, label: str
) -> tuple[Path, ...]:
    """Draw accepted.png, refused.png and held.png (with what is unresolved), and return where they are.

    Each header counts the images of every status, so that none is silently absent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    accepted, held, turned_down = (folder / f"{name}.png" for name in ("accepted", "held", "refused"))
    _write_accepted(results, paths, accepted, label)
    _write_refused(results, refused, paths, turned_down, label)
    _write_waiting(results, paths, held, label)
    return accepted, turned_down, held


def said(votes: Sequence[CountedVote]) -> str:
    """Say in words what verifiers said: "2 of 3 say wrong (not tight, one missed)"."""
    wrong = [vote for vote in votes if not vote.ok]
    if not votes:
        return "no votes"
    if not wrong:
        return f"{len(votes)} of {len(votes)} say right"
    reasons = ", ".join(sorted({WRONG.get(vote.wrong, vote.wrong) for vote in wrong if vote.wrong}))
    return f"{len(wrong)} of {len(votes)} say wrong" + (f" ({reasons})" if reasons else "")


def _write_accepted(results: Sequence[ImageResult], paths: Paths, path: Path, label: str) -> None:
    tiles = [
        _tile(each, each.boxes, _stand(each, f"${each.cost:.3f}"), said(each.votes))
        for each in _by_key(results)
        if each.status == ImageStatus.ACCEPTED
    ]
    write_contact_sheet(tiles, paths, path, f"{label}: accepted", _count(results), f"of {len(results)} images")


def _write_waiting(results: Sequence[ImageResult], paths: Paths, path: Path, label: str) -> None:
    tiles = [
        _tile(each, each.outline, _stand(each), said(each.votes), *_long_reason(each), each.assignment_id or "")
        for each in sorted(_by_key(results), key=lambda result: (result.status, result.assignment_id or ""))
        if each.status in WAITING
    ]
    title, note = f"{label}: what waits for a person", f"of {len(results)} images"
    write_contact_sheet(tiles, paths, path, title, _count(results), note, MOST_WAITING)


def _write_refused(
    results: Sequence[ImageResult], refused: Sequence[RefusedOutline], paths: Paths, path: Path, label: str
) -> None:
    tiles = [_refused(each) for each in refused]
    pages = len({each.assignment_id for each in refused})
    images = ", ".join(f"{count} {status}" for status, count in _count(results).items())
    note = f"outlines, on {pages} pages; the {len(results)} images are now: {images}"
    write_contact_sheet(tiles, paths, path, f"{label}: refused", {REFUSED: len(refused)}, note)


def _refused(outline: RefusedOutline) -> Tile:
    place = f"picture {outline.picture} of {outline.pictures} · " if outline.pictures > 1 else ""
    lines = (
        _name(outline.key),
        f"refused · {place}round {outline.round}",
        said(outline.votes),
        *wrapped(_besides(outline), REASON_LINES),
        outline.assignment_id,
    )
    ribbon = "" if outline.boxes else "nothing here"
    return Tile(outline.key, outline.boxes, outline.width, outline.height, REFUSED, ribbon, lines)


def _besides(outline: RefusedOutline) -> str:
    """Say why an outline was refused, where the votes on it do not say so."""
    if outline.by:
        return f"by {outline.by}: {outline.comment}"
    if not outline.votes:
        return outline.comment
    wrong = any(not vote.ok for vote in outline.votes)
    return "" if wrong else "its page was refused for its other pictures"


def _tile(result: ImageResult, boxes: tuple[Box, ...], *lines: str) -> Tile:
    answered = result.status in (ImageStatus.ACCEPTED, ImageStatus.HELD)
    ribbon = "nothing here" if answered and not result.outline else ""
    return Tile(result.key, boxes, result.width, result.height, result.status, ribbon, (_name(result.key), *lines))


def _stand(result: ImageResult, *more: str) -> str:
    """Say how an image stands: "accepted · not verified · 2 boxes · round 1"."""
    accepted = result.status == ImageStatus.ACCEPTED
    boxes = {0: "no box", 1: "1 box"}.get(len(result.boxes), f"{len(result.boxes)} boxes")
    parts = (
        str(result.status),
        "not verified" if accepted and not result.verified else "",
        boxes if accepted else "",
        f"round {result.rounds}",
        *more,
    )
    return " · ".join(filter(None, parts))


def _short_reason(result: ImageResult) -> str:
    return said(result.votes) if result.status == ImageStatus.HELD else result.reason


def _long_reason(result: ImageResult) -> list[str]:
    lines = [line for part in result.reason.split("; ") for line in wrapped(part, 2)]
    return lines if len(lines) <= REASON_LINES else [*lines[: REASON_LINES - 1], "…"]


def _name(key: str) -> str:
    return key.rsplit("/", 1)[-1]


def _by_key(results: Sequence[ImageResult]) -> list[ImageResult]:
    return sorted(results, key=lambda result: result.key)


def _count(results: Sequence[ImageResult]) -> dict[str, int]:
    counts = Counter(result.status for result in results)
    return {status: counts[status] for status in ImageStatus}
