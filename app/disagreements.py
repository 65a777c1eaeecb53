"""Contact sheets of what performers disagree on most, and of control tasks that good performers say are wrong."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.contact_sheet import DOUBTED, LABELLED, RIGHT, WRONG, Tile, write_contact_sheet
from app.datasets import size_of
from app.labelling import Doubt
from app.labels import NO_LABEL, Labelled

MOST = 40
LINES = 4  # of votes


def write_disagreements(records: Sequence[Labelled], path: Path, most: int = MOST) -> int:
    """Draw what performers disagree on, the most first, as a PNG, and return how many these are.

    The colour says whether the label is right, where that is known. The header counts all records.
    """
    tiles = [_tile(each) for each in disputed(records)[:most]]
    paths = {each.key: each.path for each in records if each.path is not None}
    standing = Counter(map(_standing, records))
    legend = {each: standing[each] for each in (RIGHT, WRONG, NO_LABEL, LABELLED) if standing[each]}
    note = f"of {len(records)}; shown: {len(tiles)} that performers disagree on most"
    write_contact_sheet(tiles, paths, path, "What performers disagree on", legend, note, most)
    return len(tiles)


def write_doubts(doubts: Sequence[Doubt], paths: Mapping[str, Path], path: Path) -> None:
    """Draw the control tasks whose known answer may be wrong, as a PNG; `paths` are of the pictures, by key."""
    tiles = [_doubted(each, paths.get(each.key)) for each in doubts]
    title, note = "Is their known answer right?", "control tasks that most good performers answer otherwise"
    write_contact_sheet(tiles, paths, path, title, {DOUBTED: len(tiles)}, note, MOST)


def disputed(records: Sequence[Labelled]) -> list[Labelled]:
    """Return those that performers do not agree on, the most disputed first."""
    return sorted((each for each in records if each.disagreement), key=lambda each: (-each.disagreement, each.key))


def votes_in_words(each: Labelled, most: int) -> list[str]:
    """Say how many chose which class, the most frequent first: at most so many lines, such as "5 NEUTROPHIL"."""
    ordered = sorted(each.votes.items(), key=lambda vote: (-vote[1], vote[0]))
    lines = [f"{count} {label}" for label, count in ordered]
    return lines if len(lines) <= most else [*lines[: most - 1], f"and {len(lines) - most + 1} other classes"]


def _tile(each: Labelled) -> Tile:
    sure = "" if each.probability is None else f" {each.probability:.2f}"
    lines = (
        each.key.rsplit("/", 1)[-1],
        NO_LABEL if each.answer is None else f"{each.answer}{sure}",
        *votes_in_words(each, LINES),
        f"truth: {each.truth}" if each.truth else "",
    )
    width, height = (None, None) if each.path is None else size_of(each.path)
    return Tile(each.key, (), width, height, _standing(each), "", lines, each.text or "")


def _doubted(each: Doubt, path: Path | None) -> Tile:
    lines = (
        each.key.rsplit("/", 1)[-1],
        f"known answer: {each.known}",
        f"{each.asked - each.right} of {each.asked} say otherwise",
        f"most of them: {each.said}",
    )
    width, height = (None, None) if path is None else size_of(path)
    return Tile(each.key, (), width, height, DOUBTED, "", lines)


def _standing(each: Labelled) -> str:
    if each.answer is None:
        return NO_LABEL
    if each.truth is None:
        return LABELLED
    return RIGHT if each.answer == each.truth else WRONG
