"""What clients asked of a simulator and what it answered, kept as it went over the wire."""

import re
from dataclasses import dataclass

import httpx

PARAMETER = re.compile(r"<[^>]+>|\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Exchange:
    """`path` is what follows /api, `kind` the answer's content type."""

    method: str
    path: str
    query: str
    sent: bytes
    status: int
    kind: str
    content: bytes

    def is_of(self, route: str) -> bool:
        """Whether this was a request of a route such as "GET /v1/pools/{}"."""
        method, template = route.split(" ")
        pattern = "[^/]+".join(map(re.escape, template.split("{}")))
        return method == self.method and re.fullmatch(pattern, self.path) is not None


class Recording:
    """Keeps every answer that the clients which it listens to get from /api."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def listen(self, client: httpx.Client) -> httpx.Client:
        client.event_hooks = {"response": [self._keep]}
        return client

    def _keep(self, response: httpx.Response) -> None:
        response.read()
        url, request = response.request.url, response.request
        if url.path.startswith("/api/"):
            kind = response.headers.get("Content-Type", "")
            said = (response.status_code, kind, response.content)
            query = url.query.decode()
            self.exchanges.append(Exchange(request.method, url.path[4:], query, request.content, *said))


def nameless(route: str) -> str:
    """A route whose path parameters have no names: GET /v1/pools/<pool_id> and GET /v1/pools/{id} are the same."""
    return PARAMETER.sub("{}", route)
