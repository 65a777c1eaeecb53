"""Images and texts with their classes, and what of them cannot be used, each with the reason."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.tables import guarded


@dataclass(frozen=True, slots=True)
class Example:
    """One image or text, and its class where that is known."""

    key: str  # path in the data set, with "/"; of an image on the web its address; of a text text- and a hash
    path: Path | None = None  # where its file is; None: on the web, or a text
    url: str | None = None  # its address, if the data set gives one
    text: str | None = None
    label: str | None = None  # value of its class; None: not known
    digest: str = ""  # SHA-256 of the file, of the address, of the text: the same for the same content


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a data set holds and nobody will be asked about, and why."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a data set came to."""

    examples: tuple[Example, ...]
    left_out: tuple[LeftOut, ...] = ()


def value_of(name: str, classes: Sequence[str]) -> str | None:
    """Return the class that a name means, without regard to case; None if it means none, or two alike."""
    if name in classes:
        return name
    alike = [value for value in classes if value.casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None


def classed(examples: Iterable[Example], classes: Sequence[str]) -> Found:
    """Replace names of classes as people write them by the classes' values; leave out what has none of them."""
    kept, left_out = [], []
    for example in examples:
        value = value_of(example.label or "", classes)
        if value is not None:
            kept.append(replace(example, label=value))
        elif example.label:
            left_out.append(LeftOut(example.key, f"its class {example.label} is none of the classes"))
        else:
            left_out.append(LeftOut(example.key, "its class is missing"))
    return Found(tuple(kept), tuple(left_out))


def distinct(examples: Iterable[Example]) -> Found:
    """Keep the first of those with the same content, and none of them where their classes differ."""
    by_content: dict[str, list[Example]] = {}
    for each in examples:
        by_content.setdefault(each.digest, []).append(each)
    kept, left_out = [], list[LeftOut]()
    for same in by_content.values():
        if len({each.label for each in same}) == 1:
            kept.append(same[0])
            left_out.extend(LeftOut(each.key, f"the same as {same[0].key}") for each in same[1:])
        else:
            left_out.extend(_disputed(same))
    return Found(tuple(kept), tuple(left_out))


def write_left_out(left_out: Iterable[LeftOut], path: Path) -> None:
    """Write what was left out as CSV: key, reason."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("key", "reason"))
        writer.writerows((guarded(each.key), guarded(each.reason)) for each in left_out)


def _disputed(same: Sequence[Example]) -> Iterator[LeftOut]:
    for example in same:
        others = ", ".join(f"{each.label} ({each.key})" for each in same if each.label != example.label)
        yield LeftOut(example.key, f"it is {example.label} here, but the same content is also {others}")
