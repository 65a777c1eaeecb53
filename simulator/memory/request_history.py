"""The request history: everything the API was asked, with its answer, fault and cost, as JSON lines in a file."""

import fcntl
import hashlib
import json
import os
import tempfile
import threading
from array import array
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.elements.clock import iso
from simulator.records.asked import Answered, Asked
from store.errors import CrowdhookError

LARGEST = 100_000
"""Bytes of a body that is written down whole; of a larger one only the beginning is."""
BEGINNING = 1000
SECRETS = ("secret_key",)
HIDDEN = "(hidden)"


class NoHistory(CrowdhookError):
    """This file holds something else than a request history, and was left as it is:"""


class HistoryInUse(CrowdhookError):
    """Another simulator writes what it is asked to this file; stop that one, or name another file:"""


class RequestHistory:
    """Written as it goes to a file that has no name and ends with it, or to one that it goes on with; thread-safe.

    `earlier` is how many lines an earlier one left. `counts` are all requests by "METHOD /path", with those, not
    written down, to what is ours and not Toloka's.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.earlier = 0
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
        self._starts = array("Q")
        self._end = 0
        self._lock = threading.Lock()

    def go_on(self, path: Path) -> None:
        """Write to this file, after the lines that an earlier history left there; do so before anything is written.

        A last line that is not whole is dropped. Raises HistoryInUse, NoHistory, OSError.
        """
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b", buffering=0)
        try:
            _hold(file.fileno(), path)
            size = os.fstat(file.fileno()).st_size
            starts, end = _lines(path) if size else (array("Q"), 0)
            if size:
                file.truncate(end)
                file.seek(end)
        except BaseException:
            file.close()
            raise
        self._file.close()
        self._file, self._starts, self._end, self.earlier = file, starts, end, len(starts)

    def count(self, kind: str) -> None:
        """Note that there was a request of this kind."""
        with self._lock:
            self.counts[kind] += 1

    def write(self, at: float, line: Mapping[str, Any], request: str = "", answer: str = "") -> int:
        """Write one line with the next number, and return that; `request` and `answer` are JSON texts as they are."""
        text = json.dumps({"at": iso(at), **line}, ensure_ascii=False, separators=(",", ":"))[1:-1]
        texts = "".join(f',"{name}":{each}' for name, each in (("request", request), ("answer", answer)) if each)
        with self._lock:
            number = len(self._starts) + 1
            written = f'{{"number":{number},{text}{texts}}}\n'.encode()
            if not self._file.closed:
                self._file.write(written)
                self._starts.append(self._end)
                self._end += len(written)
            return number

    def after(self, number: int, limit: int) -> bytes:
        """The lines that follow the one with this number (0: from the first on), at most so many."""
        with self._lock:
            starts, end = self._starts, self._end
            first = starts[number] if number < len(starts) else end
            last = starts[number + limit] if number + limit < len(starts) else end
            return os.pread(self._file.fileno(), last - first, first)

    def close(self) -> None:
        """Write no more."""
        with self._lock:
            self._file.close()


def _hold(descriptor: int, path: Path) -> None:
    if not path.is_file():
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise HistoryInUse(str(path)) from error


def _lines(path: Path) -> tuple["array[int]", int]:
    """Where the lines of a history begin, and where the last whole one ends."""
    starts, end = array("Q"), 0
    with path.open("rb") as lines:
        for line in lines:
            number, whole = len(starts) + 1, line.endswith(b"\n")
            if (whole or number == 1) and not line.startswith(b'{"number":%d,"at":"' % number):
                raise NoHistory(f"{path}, line {number}.")
            if whole:
                starts.append(end)
                end += len(line)
    return starts, end


def kind_of_path(method: str, rule: str | None) -> str:
    """How requests are counted: method, and path with its parameters' names."""
    return f"{method} {(rule or 'unknown').removeprefix('/api')}"


def request_text(asked: Asked) -> str:
    """What was sent, as JSON without secrets; a body that is not JSON as a text, none at all as nothing."""
    if not asked.body:
        return ""
    if len(asked.body) > LARGEST:
        return _cut(asked.body)
    try:
        found = json.loads(asked.body, object_hook=_hide, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return _as_text(asked.body)
    return json.dumps(found, separators=(",", ":"))


def answer_text(answered: Answered) -> str:
    """What was answered: JSON as it is, a text as one, of anything else how long it was, and nothing as nothing."""
    if not answered.body:
        return ""
    if len(answered.body) > LARGEST:
        return _cut(answered.body)
    kind = next((text for name, text in answered.headers if name.lower() == "content-type"), "text/plain")
    if kind.startswith("application/json") and _is_json(answered):
        return answered.body.decode()
    return _as_text(answered.body) if kind.startswith(("text/", "application/json")) else _cut(b"", len(answered.body))


def _is_json(answered: Answered) -> bool:
    """The application's own answers are, on one line; those of faults may not be."""
    if "kind" in answered.notes:
        return True
    try:
        json.loads(answered.body)
    except ValueError:
        return False
    return True


def _refuse(text: str) -> None:
    raise ValueError


def _hide(found: dict[str, Any]) -> dict[str, Any]:
    return found | {name: HIDDEN for name in SECRETS if name in found}


def _as_text(body: bytes) -> str:
    return json.dumps(f"({len(body)} bytes that hold a secret)" if b"secret" in body else body.decode(errors="replace"))


def _cut(body: bytes, size: int | None = None) -> str:
    """How much there was, and the beginning unless there is a secret anywhere."""
    if size is not None or b"secret" in body:
        return json.dumps({"bytes": len(body) if size is None else size})
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    return json.dumps({"bytes": len(body), "digest": digest, "beginning": body[:BEGINNING].decode(errors="replace")})
