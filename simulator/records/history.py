"""The world history: what happened, in platform time, with nothing in it that changes from run to run."""

import json
import zlib
from collections.abc import Iterator
from typing import Any

BLOCK = 1000
"""Lines that are kept as text; those before them are compressed."""


class History:
    """Lines of canonical JSON, sorted by (platform time, kind, id, content); they are written as time goes on."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._past: list[str] = []
        self._at = ""
        self._present: list[tuple[str, str, str]] = []

    def write(self, at: str, kind: str, identity: str, text: str) -> None:
        """Note a line of this moment, which is not before that of the line before."""
        if at != self._at:
            self._past += self._now()
            self._at, self._present = at, []
            if len(self._past) >= BLOCK:
                self._packed.append(zlib.compress("\n".join(self._past).encode(), 1))
                self._past = []
        self._present.append((kind, identity, text))

    def texts(self) -> Iterator[str]:
        """Every line that is there now, in order; what is written meanwhile is not among them."""
        return _unpacked(list(self._packed), [*self._past, *self._now()])

    def lines(self) -> list[dict[str, Any]]:
        """Every line as a plain object, in the same order."""
        return [json.loads(text) for text in self.texts()]

    def recent(self, count: int) -> list[dict[str, Any]]:
        """The last lines, oldest first; those of this moment as they were written."""
        last = [*self._past, *(text for *_, text in self._present)]
        if len(last) < count:
            last = [*_unpacked(self._packed[-1:], last)]
        return [json.loads(text) for text in last[-count:]]

    def _now(self) -> list[str]:
        return [text for *_, text in sorted(self._present)]


def _unpacked(packed: list[bytes], rest: list[str]) -> Iterator[str]:
    for block in packed:
        yield from zlib.decompress(block).decode().split("\n")
    yield from rest
