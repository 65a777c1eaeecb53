"""The simulator as a server: a world behind HTTP on loopback."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from flask import Flask

from simulator.api.application import create_app
from simulator.elements.clock import Gate
from simulator.exchange import Exchange
from simulator.faults.notice_faults import REVIVING
from simulator.faults.plans import NO_FAULTS, Plan
from simulator.faults.strikes import Strikes
from simulator.http_server import HOST, Server
from simulator.memory.request_history import RequestHistory
from simulator.world.world import World

LOOK = 0.05
"""Machine seconds within which a server that is told to stop does."""


class PortTaken(OSError):
    """The port cannot be opened."""


class Simulator:
    """A world behind a real HTTP server on loopback.

    `files` is a folder of pictures served below /files/; `faults` is what goes wrong, `strikes` what did. The request
    `history` is written to `requests`, after what an earlier one wrote there, or kept until the end. Raises PortTaken
    when the port is in use, and then leaves that file alone; NoHistory when it holds something else, HistoryInUse when
    another simulator writes it.
    """

    def __init__(
        self,
        world: World,
        *,
        gate: Gate | None,
        files: Path | None,
        port: int = 0,
        token: str | None = None,
        clock: Callable[[], float] = time.time,
        faults: Plan = NO_FAULTS,
        requests: Path | None = None,
    ) -> None:
        self.world = world
        self.strikes = Strikes(faults, world.state.start)
        self.history = RequestHistory()
        self.app = create_app(world, gate=gate, files=files, token=token, requests=self.history.after, clock=clock)
        exchange = Exchange(self.app, world, self.strikes, self.history, token)
        with ExitStack() as undoing:
            undoing.callback(self.history.close)
            self._server = _opened(port, self.app, exchange)
            undoing.callback(self._server.server_close)
            if requests:
                self.history.go_on(requests)
            undoing.pop_all()
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        world.origin = self.url
        world.state.haunted = any(each.kind.name == REVIVING for each in faults.faults)
        world.state.submitted_in_auto_accept = faults.habits.submitted_in_auto_accept
        world.carry_out = lambda identity, asked: exchange.late(identity, asked, self._server.carry_out)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(LOOK,), name="simulator", daemon=True)

    @property
    def requests(self) -> Counter[str]:
        """How many requests there were, by "METHOD /path"."""
        return self.history.counts

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.hang_up()
        self._server.server_close()
        self.history.close()


def _opened(port: int, app: Flask, exchange: Exchange) -> Server:
    try:
        return Server(port, app, exchange)
    except OSError as error:
        raise PortTaken(error.errno, error.strerror) from error
