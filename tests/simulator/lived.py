"""A world in which everything was done once, for spoilt and made-up requests, and who judges the answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

import conformance_dealings  # noqa: F401  the steps join the list
import conformance_rules  # noqa: F401
import conformance_steps  # noqa: F401
from conformance import AUTH, STEPS, Stand, standing
from exchanges import Exchange
from openapi import FILE, error_faults, the_document

JUDGED = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Request:
    """`target` is path and query below /api, percent-encoded."""

    method: str
    target: str
    kind: str
    content: bytes


class Lived:
    """`asked` are the good requests by step. From now on the crowd's work is finished before a request is answered."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.asked: dict[str, list[Exchange]] = {}
        for step in STEPS:
            before = len(stand.recording.exchanges)
            step.run(stand)
            self.asked[step.name] = stand.recording.exchanges[before:]
        stand.bench.world.instant = True
        self.connection = HTTPConnection(stand.bench.url.removeprefix("http://"))

    def send(self, request: Request) -> Exchange:
        headers = AUTH | {"Content-Type": request.kind}
        self.connection.request(request.method, f"/api{request.target}", request.content, headers)
        answer = self.connection.getresponse()
        path, _, query = request.target.partition("?")
        said = (answer.status, answer.headers["Content-Type"], answer.read())
        return Exchange(request.method, path, query, request.content, *said)


def faults(exchange: Exchange) -> list[str]:
    """A status of the simulator's own making, or a shape that nobody documented."""
    if exchange.status >= 500:
        return [f"{exchange.method} {exchange.path} {exchange.status}"]
    if exchange.method not in JUDGED:
        return []
    shape = the_document().faults(exchange) if FILE.exists() else ()
    return [*error_faults(exchange), *shape]


@contextmanager
def living() -> Iterator[Lived]:
    with standing() as stand:
        made = Lived(stand)
        try:
            yield made
        finally:
            made.connection.close()
