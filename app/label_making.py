"""Labels made while the worker goes on: one at a time, beside its loop."""

import importlib
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from handlers.gateway import Gateway
from handlers.routing import Registry
from store.contract import Store
from store.records import Decision

PATIENCE = 1.0  # machine seconds that the worker waits for labels before it looks after its other work


class LabelMaker:
    """Carries Aggregate out; what a method takes (crowd-kit: seconds, hundreds of MB) is loaded when it is needed."""

    def __init__(self, store: Store, gateway: Gateway, runs: Registry) -> None:
        self.store, self.gateway, self.runs = store, gateway, runs
        self.thread = ThreadPoolExecutor(1, "labels")
        self.under_way: dict[int, Future[Mapping[str, Any]]] = {}

    def __call__(self, decision: Decision) -> Mapping[str, Any] | None:
        """Return what the labels came to, None while they are made; started again after a crash, it is the same."""
        if decision.id not in self.under_way:
            self.under_way[decision.id] = self.thread.submit(self._made, decision)
        ended, _ = wait([self.under_way[decision.id]], PATIENCE)
        return self.under_way.pop(decision.id).result() if ended else None

    def close(self) -> None:
        """Let the thread end; what it was making is made again the next time."""
        self.thread.shutdown(cancel_futures=True)

    def _made(self, decision: Decision) -> Mapping[str, Any]:
        fitting = importlib.import_module("app.label_fitting")
        running = self.runs.places[decision.lane].running
        made: Mapping[str, Any] = fitting.make(
            self.store, self.gateway, running, decision.lane, decision.payload["method"]
        )
        return made
