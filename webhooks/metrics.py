"""Numbers for Prometheus, read from the store at each scrape: so every process of the receiver tells the same."""

import math
import platform
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import version

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from store.contract import EventLog
from store.counts import Counts
from webhooks.access import Guard

Clock = Callable[[], float]


class StoreCollector(Collector):
    """Turns what the store counts into metrics; all are gauges, but for the events, which only grow."""

    def __init__(self, log: EventLog, free_bytes: Callable[[], int], machine_clock: Clock, platform_clock: Clock):
        self.log, self.free_bytes = log, free_bytes
        self.machine_clock, self.platform_clock = machine_clock, platform_clock

    def collect(self) -> Iterator[Metric]:
        """Yield every metric; raises what the store raises."""
        counts = self.log.counts()
        yield _events(counts)
        yield _decisions(counts)
        yield from self._ages(counts)
        yield from self._work()
        yield from self._room()
        yield _build()

    def _ages(self, counts: Counts) -> Iterator[Metric]:
        now = self.machine_clock()
        since = now if counts.waiting_since is None else counts.waiting_since
        yield _gauge("oldest_waiting_seconds", "How long the oldest unhandled event waits; 0: none does.", now - since)
        beaten = self.log.beaten_at()
        age = math.inf if beaten is None else now - beaten
        yield _gauge("worker_heartbeat_age_seconds", "Since a worker was at work; +Inf: none ever was.", age)
        name, meaning = "crowdhook_last_event_age_seconds", "Since the last event came, by source."
        last = GaugeMetricFamily(name, meaning, labels=["source"])
        for source in sorted({each.source for each in counts.events}):
            newest = max(each.last_received_at for each in counts.events if each.source == source)
            last.add_metric([source], now - newest)
        yield last

    def _work(self) -> Iterator[Metric]:
        work = self.log.workload(self.platform_clock())
        yield _gauge("events_unrouted", "Events that no handler was given yet.", work.unrouted)
        deliveries = GaugeMetricFamily("crowdhook_deliveries", "Handlers' turns with an event.", labels=["state"])
        deliveries.add_metric(["pending"], work.pending)
        deliveries.add_metric(["parked"], work.parked)
        yield deliveries
        yield _gauge("decisions_due", "Decisions to be carried out now.", work.due)
        yield _gauge("decisions_waiting", "Decisions whose time has not come.", work.waiting)
        yield _gauge("calls_open", "Bulk creations that are not done.", work.calls)

    def _room(self) -> Iterator[Metric]:
        size = self.log.size()
        yield _gauge("database_bytes", "Size of the database file.", size.database)
        yield _gauge("wal_bytes", "Size of the write-ahead log that the worker empties.", size.write_ahead)
        yield _gauge("free_bytes", "Room left where the database is.", self.free_bytes())


def metrics(
    log: EventLog,
    check: Guard,
    free_bytes: Callable[[], int],
    machine_clock: Clock,
    platform_clock: Clock,
) -> Blueprint:
    """Return `GET /metrics`, for those who may see the pages (`check`)."""
    blueprint = Blueprint("metrics", __name__)
    blueprint.before_request(check)
    registry = CollectorRegistry()
    registry.register(StoreCollector(log, free_bytes, machine_clock, platform_clock))

    @blueprint.get("/metrics")
    def scrape() -> Response:
        """Tell the numbers as they stand, in Prometheus' text format."""
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)

    return blueprint


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"crowdhook_{name}", meaning, value=value)


def _events(counts: Counts) -> Metric:
    by_type = Counter[tuple[str, str]]()
    for each in counts.events:
        by_type[each.type, each.source] += each.n
    family = CounterMetricFamily("crowdhook_events", "Events in the log.", labels=["type", "source"])
    for labels, n in sorted(by_type.items()):
        family.add_metric(labels, n)
    return family


def _decisions(counts: Counts) -> Metric:
    family = GaugeMetricFamily("crowdhook_decisions", "Decisions in the ledger.", labels=["kind", "state"])
    for each in counts.decisions:
        family.add_metric([each.kind, each.state], each.n)
    return family


def _build() -> Metric:
    family = GaugeMetricFamily("crowdhook_build_info", "What runs.", labels=["version", "python", "sqlite"])
    family.add_metric([version("crowdhook"), platform.python_version(), sqlite3.sqlite_version], 1)
    return family
