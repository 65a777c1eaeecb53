"""Threads that post: those of one address never wait for those of another, and the process ends without them."""

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from concurrent.futures import Future

AT_ONCE = 4
"""So many pieces of work of one address at a time."""


class Posting:
    """Does work in threads of its own, for each address in the order in which it came; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: defaultdict[str, deque[Callable[[], None]]] = defaultdict(deque)
        self._threads: Counter[str] = Counter()

    def submit(self, address: str, work: Callable[[], str]) -> Future[str]:
        """Have this done; the future gets what it returns or raises."""
        future: Future[str] = Future()

        def do() -> None:
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

        with self._lock:
            self._waiting[address].append(do)
            if self._threads[address] < AT_ONCE:
                self._threads[address] += 1
                threading.Thread(target=self._work_off, args=(address,), name="courier-post", daemon=True).start()
        return future

    def _work_off(self, address: str) -> None:
        while do := self._next(address):
            do()

    def _next(self, address: str) -> Callable[[], None] | None:
        """What is to be done next; where there is nothing, the thread that asks ends."""
        with self._lock:
            if self._waiting[address]:
                return self._waiting[address].popleft()
            self._threads[address] -= 1
            if not self._threads[address]:
                del self._threads[address], self._waiting[address]
            return None
