"""The worker process: dispatcher and reconciler on one client, until it is told to stop."""

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable

from app.config import Settings
from app.deadlines import announce
from app.drift import Auditor
from app.gate import RemoteGate, Tick
from app.heartbeat import Heartbeat
from app.label_making import LabelMaker
from app.logs import tell_crashes, to_stderr
from app.outcomes import publisher
from app.pipelines import declared, ended, watched
from app.runs import gateway_of, sign_in
from handlers.deciding import Observer, Patience, Step
from handlers.dispatcher import Dispatcher, unobserved
from handlers.routing import Registry, RunsChanged
from store.errors import CrowdhookError
from store.sqlite import SqliteStore
from webhooks.reconciler import Reconciler

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.01  # between two looks at the database for something new
CHECKPOINT_SECONDS = 30.0  # between two checkpoints of the database's write-ahead log; nobody else makes any
NAP_SECONDS = 1.0  # at most, between two rounds with nothing new
GATE_SECONDS = 0.5  # that a rehearsal's worker waits for the next tick before it looks whether it should end


class Worker:
    """One worker: reloads the runs when they change, decides and carries out, sweeps and audits once an interval."""

    def __init__(self, settings: Settings, *, observe: Observer = unobserved, patience: Patience | None = None) -> None:
        self.settings, self.observe = settings, observe
        self.patience = patience or (Patience(attempts=2, first_pause=0.05) if settings.gate else Patience())
        self.store = SqliteStore(settings.database, time.time)
        self.heartbeat = Heartbeat(self.store.beat, time.monotonic)
        self.gateway, self.platform_clock = gateway_of(settings)
        self.stopping = threading.Event()
        self.checkpointed_at = time.monotonic()
        self.known: object = None  # what the runs were loaded from
        self.label_maker = LabelMaker(self.store, self.gateway, self.platform_clock)
        try:
            account, _ = sign_in(settings, self.store, self.gateway)
        except CrowdhookError:
            self._close()
            raise
        self.identity = f"{account}|{settings.environment}"
        self._load(Registry([]))

    def _load(self, runs: Registry) -> None:
        self.dispatcher = Dispatcher(
            self.store,
            self.gateway,
            runs,
            owner=self.settings.worker or f"{socket.gethostname()}:{os.getpid()}",
            identity=self.identity,
            machine_clock=time.time,
            publish=publisher(self.store, runs, self.settings.results),
            aggregate=self.label_maker,
            observe=self._did,
            patience=self.patience,
            fresh=lambda: self._runs() == self.known,
        )
        watched = {
            pool_id: frozenset(place.running.pipeline.event_types(place.pool.role))
            for pool_id, place in runs.places.items()
        }
        self.reconciler = Reconciler(self.store, self.gateway, watched, seconds=self.settings.reconcile_seconds)
        self.auditor = Auditor(self.store, self.gateway, runs.runs)
        self.reviewed = [each for each in runs.runs if "outlining" in each.pool_ids]

    def _did(self, step: Step) -> None:
        self.heartbeat()
        self.observe(step)

    def reload(self) -> None:
        """Take up runs that were set up or changed since the last look, and drop those that were put away."""
        known = self._runs()
        if known != self.known:
            self.dispatcher.release()
            self._load(watched(self.store))
            self.known = known

    def _runs(self) -> object:
        """Return what the database says of the runs."""
        return self.store.bindings(), ended(self.store), declared(self.store)

    def round(self, now: float) -> bool:
        """Do one round at platform time `now`; True when there was something to do."""
        self.heartbeat()
        if time.monotonic() > self.checkpointed_at + CHECKPOINT_SECONDS:
            self.store.checkpoint()
            self.checkpointed_at = time.monotonic()
        if self.reconciler.due(now) and self.dispatcher.breaker.closed:
            self.dispatcher.guarded(lambda: self.reconciler.sweep(now))
        if self.auditor.due(now) and self.dispatcher.breaker.closed:
            self.dispatcher.guarded(lambda: self.auditor.look(now))
            for each in self.reviewed:
                announce(self.store, each, now)
        try:
            return self.dispatcher.cycle(now)
        except RunsChanged:
            self.reload()
            return True

    def run(self) -> None:
        """Work until told to stop, as fast as there is work."""
        seen: object = None
        while not self.stopping.is_set():
            version = self.store.version()
            if version != seen:
                self.reload()
            if not self.round(self.platform_clock()):
                self._wait_for_news(version)
            seen = version
        self._stop()

    def run_driven(self, gate: RemoteGate) -> None:
        """Work tick by tick, at the pace of the simulator that drives the time."""
        tick = Tick(0, 0.0)
        while not self.stopping.is_set():
            self.heartbeat()
            opened = gate.wait(tick.number, GATE_SECONDS)
            if opened is None:
                continue
            tick = opened
            self.reload()
            self._until_idle(tick.now)
            if not self.stopping.is_set():
                gate.done(tick, self.dispatcher.workload(tick.now).next_due_at)
        self._stop()

    def _until_idle(self, now: float) -> None:
        while not self.stopping.is_set():
            if self.round(now):
                continue
            left = self.dispatcher.workload(now)
            if not (left.unrouted or left.pending or left.due or left.calls):
                return
            self.stopping.wait(0.05)

    def _wait_for_news(self, version: object) -> None:
        until = time.monotonic() + NAP_SECONDS
        while time.monotonic() < until and self.store.version() == version:
            if self.stopping.wait(LOOK_SECONDS):
                return

    def _stop(self) -> None:
        self.dispatcher.release()
        self._close()

    def _close(self) -> None:
        self.label_maker.close()
        self.gateway.close()
        self.store.close()


def work(settings: Settings, *, observe: Observer = unobserved, patience: Patience | None = None) -> None:
    """Run a worker in this process until SIGTERM or SIGINT; in a rehearsal, at the simulator's pace."""
    worker = Worker(settings, observe=observe, patience=patience)
    tell_crashes()
    stop: Callable[..., None] = lambda *_: worker.stopping.set()  # noqa: E731
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if settings.gate:
        worker.run_driven(RemoteGate(settings.gate))
    else:
        worker.run()


def main() -> None:
    """Run a worker by the environment; what keeps it from starting is told in one line, with status 2."""
    try:
        settings = Settings.from_env(os.environ)
        to_stderr(settings, logging.WARNING)
        tell_crashes()
        work(settings)
    except CrowdhookError as error:
        print(f"crowdhook: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
