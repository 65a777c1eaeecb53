"""TOML as people write it: read, and the line on which something stands, so that a complaint can name it."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from store.errors import CrowdhookError

Where = Sequence[str | int]
"""Where a value stands: keys, and places in lists from 0 on."""
HEADER = re.compile(r"\s*(\[\[?)(.+?)\]\]?\s*(?:#.*)?$")
ENTRY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
KEY = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


class Toml:
    """A file's content, and its lines. Raises `wrong`, naming the line, where it is not TOML; OSError."""

    def __init__(self, file: Path, wrong: type[CrowdhookError]) -> None:
        self._file, self._wrong = file, wrong
        raw = file.read_bytes()
        try:
            text = raw.decode("utf-8")
            self.content: dict[str, Any] = tomllib.loads(text)
        except UnicodeDecodeError as error:
            raise self._refused(raw.count(b"\n", 0, error.start) + 1, "not UTF-8 text.") from error
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"at line (\d+)", str(error))
            line = int(found[1]) if found else text.count("\n") + 1
            raise self._refused(line, f"{str(error).partition(' (at ')[0]}.") from error
        except (ValueError, RecursionError) as error:
            raise self._refused(1, "a number too long, or values too deep in each other, to be read.") from error
        self._places = list(_places(text.splitlines()))
        for path in _beyond(self.content):
            raise self.refused(path, "a number beyond 64 bits.")

    def refused(self, path: Where, reason: str) -> CrowdhookError:
        """The complaint about what stands there: the file, its line and the reason."""
        return self._refused(self.line(path), reason)

    def _refused(self, line: int, reason: str) -> CrowdhookError:
        return self._wrong(f"{self._file} line {line}: {reason}")

    def line(self, path: Where) -> int:
        """The line on which a value stands, or the innermost that is around it; the first where there is none."""
        wanted, best = tuple(path), ((), 1)
        for place, line in self._places:
            if wanted[: len(place)] == place and len(place) > len(best[0]):
                best = (place, line)  # type: ignore[assignment]
        return best[1]


def _beyond(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Where]:
    """Where there are whole numbers that TOML does not know."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from _beyond(each, (*path, key))


def _places(lines: Sequence[str]) -> Iterator[tuple[tuple[str | int, ...], int]]:
    """Where tables and entries begin, as paths with their lines."""
    table: tuple[str | int, ...] = ()
    counts: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(lines, 1):
        header, entry = HEADER.match(line), ENTRY.match(line)
        if header and not entry:
            table = _resolved(_keys(header[2]), counts)
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            yield table, number
        elif entry:
            yield (*table, *_keys(entry[1])), number


def _keys(text: str) -> list[str]:
    return [each.strip("\"'") for each in KEY.findall(text)]


def _resolved(keys: Sequence[str], counts: dict[tuple[str | int, ...], int]) -> tuple[str | int, ...]:
    """A header's keys as a path: inside of a list of tables it means the last one so far."""
    path: tuple[str | int, ...] = ()
    for at, key in enumerate(keys):
        path = (*path, key)
        if path in counts and at < len(keys) - 1:
            path = (*path, counts[path])
    return path
