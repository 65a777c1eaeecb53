"""`crowdhook simulator`: a Toloka of one's own, in running time, for any toloka-kit script."""

import signal
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from app.inhabitants import Contrary
from app.logs import to_stderr
from app.own_answers import sources
from app.serve import PortInUse
from simulator.crowd.performers import Answers, Population
from simulator.elements.limits import Limits
from simulator.faults.file import read_plan
from simulator.memory.journal import Journal
from simulator.records.nobody import Replenish
from simulator.running import begin_at
from simulator.running import run as run_server
from simulator.server import PortTaken
from simulator.world.world import World
from store.errors import CrowdhookError

HOURS = 24.0  # machine hours that platform time may run ahead of its start before it has caught up with real time
FASTEST = 10_000.0  # platform seconds a second: there and back in 24 hours is 27 years
MOST_REQUESTS = 300  # a platform second, as on Toloka


class BadSpeed(CrowdhookError):
    """The speed must be above 0 and at most 10000 platform seconds a second:"""


class BadStart(CrowdhookError):
    """Platform time cannot start later than now:"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the simulator runs: `start` is platform time, UTC; `faults` a TOML file, `more` faults as options."""

    port: int
    speed: float | None = None  # platform seconds a second; None: one
    instant: bool = False
    no_quotas: bool = False  # count neither requests nor what is created
    replenish: int | None = None  # fresh people may come when nobody is left, at most so many
    start: datetime | None = None  # None: as late as the other options let it be
    faults: Path | None = None
    more: Sequence[str] = ()
    requests: Path | None = None  # file of JSON lines that gets everything that is asked
    state: Path | None = None  # file that the world is kept in
    who: Mapping[str, Any] = field(default_factory=dict)  # the options that say who lives there

    def told(self) -> dict[str, str]:
        """Return, as given, the options that a world that is kept and the one that goes on must have in common."""
        own = ("instant", "no_quotas", "replenish", "faults")
        options = {**{name: getattr(self, name) for name in own}, "fault": self.more, **self.who}
        named = {f"--{name.replace('_', '-')}": value for name, value in options.items()}
        given = {name: value for name, value in named.items() if value is not None and value is not False}
        return {name: text for name, value in given.items() if (text := _typed(name, value))}

    def insist(self) -> None:
        """Raise Contrary for options that do not go together, BadSpeed."""
        if self.speed is not None and not 0 < self.speed <= FASTEST:
            raise BadSpeed(f"--speed {self.speed:g}.")
        if self.instant and self.speed is not None:
            raise Contrary("--instant and --speed.")
        if self.state and self.requests and self.state.resolve() == self.requests.resolve():
            raise Contrary(f"--state and --requests with the same file, {self.requests}.")

    def begins_at(self, now: float) -> float:
        """Return platform time at the start; raises BadStart."""
        if self.start is None:
            return begin_at(now, self.speed or 1.0, HOURS, instant=self.instant)
        begins = self.start.replace(tzinfo=UTC).timestamp()
        if begins > now:
            raise BadStart(f"{self.start} is.")
        return begins


def _typed(name: str, value: Any) -> str:
    """Return an option as it was given; what is read from a file with a sum of what that says."""
    if value is True:
        return name
    if isinstance(value, tuple | list):
        return " ".join(f"{name} {each}" for each in value)
    files = [value] if isinstance(value, Path) and value.is_file() else []
    said = b"".join(each.read_bytes() for each in (sources(value) if name == "--answers" else files))
    return f"{name} {value} (content {zlib.crc32(said):08x})" if said else f"{name} {value}"


def run(crowd: Population, answers: Answers, manner: Manner) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises PortInUse, Contrary, BadSpeed, NoHistory, HistoryInUse, BadFaults, BadStart, and what a journal raises.
    """
    manner.insist()
    faults = read_plan(manner.faults, manner.more, crowd.seed)
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    to_stderr()
    quotas, fresh = not manner.no_quotas, manner.replenish
    world = World(
        crowd,
        answers,
        start=manner.begins_at(time.time()),
        instant=manner.instant,
        quotas=quotas,
        limits=Limits(requests=MOST_REQUESTS if quotas else None),
        replenish=Replenish(at_most=fresh) if fresh else None,
    )
    told: dict[str, Any] = {"faults": faults, "requests": manner.requests, "started": _greet}
    told["journal"] = Journal(manner.state, manner.told()) if manner.state else None
    try:
        run_server(world, manner.port, manner.speed or 1.0, clock=time.time, stop=stop, **told)
    except PortTaken as error:
        raise PortInUse(f"(127.0.0.1:{manner.port}, {error.strerror})") from error


def _greet(url: str) -> None:
    click.echo(
        f'toloka.TolokaClient("any token", url="{url}")   '
        "page: /   histories: /history, /history/requests   Ctrl-C ends it"
    )
