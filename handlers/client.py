"""toloka-kit's client with its own retry off, its requests counted and paced, and the platform's time read from it."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from toloka.client import TolokaClient
from toloka.client.exceptions import raise_on_api_error
from toloka.client.primitives.retry import TolokaRetry

Clock = Callable[[], float]
TIMEOUTS = httpx.Timeout(15.0, connect=5.0)


def no_retry() -> TolokaRetry:
    """Make the retryer that never retries: the kit's own crashes on Retry-After and resends what must not be resent."""
    return TolokaRetry(retry_quotas=None, total=0, status_forcelist=[], respect_retry_after_header=False)


@dataclass(slots=True)
class Budget:
    """At most so many requests a second, over all threads of this process."""

    per_second: float
    clock: Clock
    lock: threading.Lock = field(default_factory=threading.Lock)
    next_at: float = 0.0

    def take(self) -> None:
        """Wait for the next free slot."""
        with self.lock:
            now = self.clock()
            wait = max(0.0, self.next_at - now)
            self.next_at = max(now, self.next_at) + 1.0 / self.per_second
        if wait:
            threading.Event().wait(wait)


class PlatformClock:
    """Platform time: the Date of Toloka's last answer plus the machine time since then.

    `clock` is monotonic machine time; `wall` is the machine's time of day, which may be wrong.
    """

    def __init__(self, clock: Clock, wall: Clock) -> None:
        self.clock, self.wall = clock, wall
        self.skew: float | None = None  # platform minus machine, seconds
        self._said: tuple[float, float] | None = None  # platform time, and the clock when it was said

    def note(self, date: str | None) -> None:
        """Read a Date header; one that cannot be read changes nothing."""
        if not date:
            return
        try:
            said = parsedate_to_datetime(date).timestamp()
        except ValueError:
            return
        self.skew = said - self.wall()
        self._said = (said, self.clock())

    def __call__(self) -> float:
        """Return platform time in UNIX seconds; before Toloka's first answer it is the machine's."""
        if self._said is None:
            return self.wall()
        platform, clock = self._said
        return platform + self.clock() - clock


class PacedClient(TolokaClient):
    """A TolokaClient that asks a budget before each request and reports each answer's Date."""

    def __init__(self, token: str, url: str, budget: Budget, platform_clock: PlatformClock) -> None:
        self._budget = budget
        self._platform_clock = platform_clock
        self._sessions = threading.local()
        self._opened: list[httpx.Client] = []
        self.requests: Counter[str] = Counter()
        super().__init__(token, url=url, retryer_factory=no_retry, timeout=TIMEOUTS)

    def _session_for_thread(self, thread_id: int) -> httpx.Client:
        session: httpx.Client | None = getattr(self._sessions, "client", None)
        if session is None:
            hooks: dict[str, list[Callable[..., None]]] = {"request": [self._before], "response": [self._after]}
            session = httpx.Client(headers=self._headers, base_url=self.url, event_hooks=hooks)
            self._sessions.client = session
            self._opened.append(session)
        return session

    def post(self, path: str) -> Any:
        """Post to a path of the API that the kit has no method for; returns the answer's JSON, raises as the kit."""
        response = self._session_for_thread(threading.get_ident()).post(f"/api{path}", timeout=TIMEOUTS)
        raise_on_api_error(response)
        return response.json()

    def close(self) -> None:
        """Close the connections of all threads; to be called when no thread uses them any more."""
        for session in self._opened:
            session.close()

    def _before(self, request: httpx.Request) -> None:
        self._budget.take()
        self.requests[request.method] += 1

    def _after(self, response: httpx.Response) -> None:
        self._platform_clock.note(response.headers.get("Date"))


def base_url(environment: str) -> str:
    """Return the base URL of PRODUCTION or SANDBOX; anything else is a base URL already."""
    known = {each.name: str(each.value) for each in TolokaClient.Environment}
    return known.get(environment.upper(), environment)
