"""Which handler of which run hears of an event: pools by id, and the pipelines that they belong to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.pipeline import Handler, Pipeline, Pool
from store.errors import CrowdhookError
from store.records import Delivery, Event, Route


class RunsChanged(CrowdhookError):
    """Runs were set up or changed since they were loaded: load them anew, nothing was done with what came in."""


@dataclass(frozen=True, slots=True)
class Running:
    """A pipeline set up under a run's name: its settings, and its pools' ids by role."""

    pipeline: Pipeline
    run: str
    settings: Any
    pool_ids: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """What a pool id is to us."""

    running: Running
    pool: Pool


class Registry:
    """All runs that this worker serves."""

    def __init__(self, runs: Iterable[Running]) -> None:
        self.runs = tuple(runs)
        self.places = {
            pool_id: Place(running, running.pipeline.pools[role])
            for running in self.runs
            for role, pool_id in running.pool_ids.items()
        }

    def routes(self, event: Event) -> list[Route]:
        """Return the handlers that listen to an event; none for a pool that is not ours."""
        place = self.places.get(event.pool_id)
        if place is None:
            return []
        pipeline, run = place.running.pipeline, place.running.run
        listening = pipeline.handlers.get((place.pool.role, event.type), ())
        return [Route(pipeline.name, run, handler.__name__) for handler in listening]

    def handler(self, delivery: Delivery) -> Handler | None:
        """Return the function that a delivery is for, if it still exists."""
        place = self.places.get(delivery.event.pool_id)
        if place is None:
            return None
        return place.running.pipeline.handler(place.pool.role, delivery.event.type, delivery.handler)
