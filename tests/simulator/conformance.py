"""Every call of the API, made through the real client where it has one; each write is read back elsewhere.

`STEPS` says which step is there for which routes and which methods of the client.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import toloka.client as toloka
from exchanges import Exchange, Recording
from simulated import Bench, serving, world

from simulator.crowd.performers import Crowd
from simulator.world.world import World

AUTH = {"Authorization": "OAuth token"}


class Spied:
    """The real client, and the names of its methods that were used."""

    def __init__(self, client: toloka.TolokaClient) -> None:
        self._client = client
        self.used: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.used.add(name)
        return getattr(self._client, name)


class Stand:
    """A simulator under observation: its bench, the client, and plain HTTP below /api/v1 for what the client lacks."""

    def __init__(self, bench: Bench, recording: Recording) -> None:
        self.bench, self.recording = bench, recording
        recording.listen(bench.client._session)
        self.kit = Spied(bench.client)
        self.http = recording.listen(httpx.Client(base_url=f"{bench.url}/api/v1", headers=AUTH))
        bench.client = self.kit

    @property
    def people(self) -> list[str]:
        return [person.id for person in self.bench.world.state.crowd.people()]

    def unfinished(self) -> toloka.Pool:
        """A pool of pages that wait for a review."""
        pool = self.bench.outlining()
        self.bench.fill(pool, 3)
        self.kit.open_pool(pool.id)
        self.bench.run()
        return self.kit.get_pool(pool.id)


@contextmanager
def standing(of: World | None = None) -> Iterator[Stand]:
    with serving(of or world(Crowd(skip=0.0, expire=0.0))) as bench:
        stand = Stand(bench, Recording())
        try:
            yield stand
        finally:
            stand.http.close()


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the run: `routes` are "METHOD /path" below /api, `calls` the client's methods."""

    run: Callable[[Stand], None]
    routes: tuple[str, ...]
    calls: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.run.__name__

    def missed(self, exchanges: list[Exchange], used: set[str]) -> list[str]:
        """What this step is there for and did not do, or not with success."""
        done = [exchange for exchange in exchanges if exchange.status < 300]
        routes = [route for route in self.routes if not any(exchange.is_of(route) for exchange in done)]
        return routes + [call for call in self.calls if call not in used]


STEPS: list[Step] = []


def step(routes: str, calls: str = "") -> Callable[[Callable[[Stand], None]], Callable[[Stand], None]]:
    """A step for these routes, one a line, and these methods of the client."""

    def add(run: Callable[[Stand], None]) -> Callable[[Stand], None]:
        lines = tuple(line.strip() for line in routes.strip().splitlines())
        STEPS.append(Step(run, lines, tuple(calls.split())))
        return run

    return add
