"""What goes over the wire: a request as it was asked, and an answer with the manner in which it is sent."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

NOTES = "simulator.notes"
"""Where, in a request's environment, the application notes what it did: `kind` of path, `cost` in dollars."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; `target` is its path with the query, as it stood on the wire."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    def texts(self) -> tuple[str, str, dict[str, str], str]:
        """What `of_texts` makes the same request of."""
        return self.method, self.target, dict(self.headers), self.body.decode("latin-1")

    @classmethod
    def of_texts(cls, method: str, target: str, headers: Mapping[str, str], body: str) -> "Asked":
        """The request with these `texts`."""
        return cls(method, target, headers, body.encode("latin-1"))

    @property
    def path(self) -> str:
        """The path without the query, still quoted."""
        return self.target.partition("?")[0]

    @property
    def place(self) -> str:
        """The path as the application reads it: nothing of it quoted, and one slash before it."""
        return "/" + unquote_to_bytes(self.path.encode("latin-1")).decode(errors="replace").lstrip("/")

    @property
    def query(self) -> str:
        """What follows the path, still quoted; empty when there is nothing."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class Manner:
    """How an answer is sent: its head and a `share` of its body, over so many machine `seconds`.

    With a share of 0 not even the head is sent. A connection whose answer is not whole, or speaks an older HTTP, ends:
    it is closed, or `reset`.
    """

    protocol: str = "HTTP/1.1"
    share: float = 1.0
    seconds: float = 0.0
    reset: bool = False


PLAIN = Manner()


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer; `notes` is what the application noted of the request for those who write it down."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    manner: Manner = PLAIN
    notes: Mapping[str, Any] = field(default_factory=dict)


CarryOut = Callable[[Asked], Answered]
"""Has the application do what was asked."""
Around = Callable[[Asked, CarryOut], Answered]
"""Stands between the wire and the application: answers a request, with or without carrying it out."""


def refused(status: int, code: str, message: str, payload: Any = None, **headers: str) -> Answered:
    """An error in Toloka's shape, that the application was not asked for."""
    shown = {"request_id": uuid.uuid4().hex, "code": code, "message": message}
    body = json.dumps(shown | ({} if payload is None else {"payload": payload})).encode()
    named = [(name.replace("_", "-"), text) for name, text in headers.items()]
    return Answered(status, [("Content-Type", "application/json"), *named], body)
