"""One writer per process: requests that wait together are stored in one transaction, and none waits for ever."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, Full, Queue

from store.contract import EventLog
from store.errors import StoreBusy
from store.records import Event

LARGEST_GROUP = 200  # requests in one transaction


@dataclass(frozen=True, slots=True)
class _Request:
    body: bytes
    events: Sequence[Event]
    stored: "Future[list[bool]]" = field(default_factory=Future)


class GroupCommit:
    """Stores requests in groups: at most `capacity` wait, none for longer than `wait_seconds`."""

    def __init__(self, log: EventLog, *, capacity: int = 1000, wait_seconds: float = 5.0) -> None:
        self._log = log
        self._wait_seconds = wait_seconds
        self._waiting: Queue[_Request] = Queue(capacity)
        self._starting = threading.Lock()
        self._writer: threading.Thread | None = None

    def submit(self, body: bytes, events: Sequence[Event]) -> list[bool]:
        """Return, when all is durably stored, which events were new; raises StoreBusy, and whatever the log raises."""
        request = _Request(body, events)
        try:
            self._waiting.put_nowait(request)
        except Full:
            raise StoreBusy from None
        self._start_writer()
        try:
            return request.stored.result(self._wait_seconds)
        except TimeoutError:
            # Not begun yet: never will be. Begun: may still be stored, and then sending it again changes nothing.
            request.stored.cancel()
            raise StoreBusy from None

    def _start_writer(self) -> None:
        """Start the writer on first use, so that each process has its own even if it was forked from another."""
        with self._starting:
            if self._writer is None or not self._writer.is_alive():
                self._writer = threading.Thread(target=self._write, name="event-writer", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        while True:
            self._store([self._waiting.get(), *self._also_waiting()])

    def _also_waiting(self) -> list[_Request]:
        group: list[_Request] = []
        try:
            while len(group) < LARGEST_GROUP - 1:
                group.append(self._waiting.get_nowait())
        except Empty:
            pass
        return group

    def _store(self, group: list[_Request]) -> None:
        live = [request for request in group if request.stored.set_running_or_notify_cancel()]
        try:
            answers = self._log.append([(request.body, request.events) for request in live])
        except Exception as error:  # whatever it is, each waiting request is answered with it
            for request in live:
                request.stored.set_exception(error)
        else:
            for request, answer in zip(live, answers, strict=True):
                request.stored.set_result(answer)
