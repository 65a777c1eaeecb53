"""Labels made while the worker goes on: one at a time, beside its loop."""

import importlib
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from handlers.gateway import Gateway
from store.contract import Store
from store.records import Decision

PATIENCE = 1.0  # machine seconds that the worker waits for labels before it looks after its other work
LOOK_SECONDS = 2.0  # between two looks at Toloka's own aggregation


class LabelMaker:
    """Carries Aggregate out; what a method takes (crowd-kit: seconds, hundreds of MB) is loaded when it is needed."""

    def __init__(self, store: Store, gateway: Gateway, clock: Callable[[], float]) -> None:
        self.store, self.gateway, self.clock = store, gateway, clock  # platform time
        self.thread = ThreadPoolExecutor(1, "labels")
        self.under_way: dict[int, Future[Mapping[str, Any]]] = {}
        self.closing = threading.Event()

    def __call__(self, decision: Decision) -> Mapping[str, Any] | None:
        """Return what the labels came to, None while they are made; started again after a crash, it is the same."""
        if decision.id not in self.under_way:
            self.under_way[decision.id] = self.thread.submit(self._made, decision)
        ended, _ = wait([self.under_way[decision.id]], PATIENCE)
        return self.under_way.pop(decision.id).result() if ended else None

    def close(self) -> None:
        """Let the thread end; what it was making is made again the next time."""
        self.closing.set()
        self.thread.shutdown(cancel_futures=True)

    def _made(self, decision: Decision) -> Mapping[str, Any]:
        fitting = importlib.import_module("app.label_fitting")
        made: Mapping[str, Any] = fitting.make(self.store, self.gateway, decision, self.clock(), self._wait)
        return made

    def _wait(self) -> bool:
        return not self.closing.wait(LOOK_SECONDS)
