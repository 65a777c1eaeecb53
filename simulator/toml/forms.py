"""How entries of a TOML file that a person wrote are checked and read: what is wrong is said, and where."""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

Read = Callable[[Any], Any]
"""read(value) -> what it means; raises Wrong."""


class Wrong(Exception):
    """What is wrong with a value; `path` is where, seen from the value that was read."""

    def __init__(self, reason: str, *path: str | int) -> None:
        super().__init__(reason)
        self.path = path

    def below(self, key: str | int) -> "Wrong":
        """The same, seen from further out."""
        return Wrong(str(self), key, *self.path)


def at(key: str | int, read: Read, value: Any) -> Any:
    """What a value inside of another means; what is wrong with it is said with its key."""
    try:
        return read(value)
    except Wrong as error:
        raise error.below(key) from error


def number(low: float, high: float, *, whole: bool = False) -> Read:
    """A number within bounds, both allowed."""

    def read(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise Wrong(f"{value!r} is not a {'whole ' if whole else ''}number")
        if not low <= value <= high:
            raise Wrong(f"{value} is not from {low:g} to {high:g}" if high < 1e9 else f"{value} is below {low:g}")
        return value

    return read


SHARE, COUNT = number(0, 1), number(1, 100_000, whole=True)


def text(value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise Wrong(f"{value!r} is not a text")
    return value


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Wrong(f"{value!r} is neither true nor false")
    return value


def word(*known: str) -> Read:
    """One of some words."""

    def read(value: Any) -> Any:
        if value not in known:
            raise Wrong(f"{value!r} is none of {', '.join(known)}{meant(str(value), known)}")
        return value

    return read


def meant(said: str, known: Sequence[str]) -> str:
    """A question after what may have been meant; "" where nothing known is near."""
    near = get_close_matches(said, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def pair(item: Read) -> Read:
    """Two values, the second not below the first."""

    def read(value: Any) -> tuple[Any, Any]:
        if not isinstance(value, list) or len(value) != 2:
            raise Wrong(f"{value!r} is not [from, to]")
        low, high = (at(place, item, each) for place, each in enumerate(value))
        if low > high:
            raise Wrong(f"{low} is more than {high}")
        return low, high

    return read


def mapping(key: Read, item: Read) -> Read:
    """A table whose keys and values are all of one kind."""

    def read(value: Any) -> dict[Any, Any]:
        if not isinstance(value, dict) or not value:
            raise Wrong(f"{value!r} is not a table")
        return {at(name, key, name): at(name, item, each) for name, each in value.items()}

    return read


def weights(key: Read) -> Read:
    """Weights, of which one at least is not 0; a single word is the only one."""
    table = mapping(key, number(0, 1e9))

    def read(value: Any) -> dict[Any, float]:
        found: dict[Any, float] = table(value) if isinstance(value, dict) else {key(value): 1.0}
        if not sum(found.values()):
            raise Wrong("all weights are 0")
        return found

    return read


def record(known: Mapping[str, Read], *needed: str) -> Read:
    """A table with these entries, those that are `needed` not missing."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Wrong(f"{value!r} is not a table")
        for name in value:
            if name not in known:
                near = meant(name, list(known))
                raise Wrong(f"{name} is not known here{near or '; known are ' + ', '.join(known)}", name)
        missing = [name for name in needed if name not in value]
        if missing:
            raise Wrong(f"{missing[0]} is missing")
        return {name: at(name, known[name], each) for name, each in value.items()}

    return read


def code(pattern: str, what: str) -> Read:
    """A code in capital letters."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise Wrong(f"{value!r} is not the code of a {what}, in capital letters")
        return value

    return read
