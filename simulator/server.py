"""The simulator as a server: a world behind HTTP on loopback."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from simulator.api import create_app
from simulator.clock import Gate
from simulator.faults import Faults
from simulator.http_server import HOST, NO_FAULTS, Server
from simulator.world import World

LOOK = 0.05
"""Machine seconds within which a server that is told to stop does."""


class Simulator:
    """A world behind a real HTTP server on loopback.

    `requests` counts requests by "METHOD /path"; `files` is a folder of pictures served below /files/. Raises OSError
    when the port is in use.
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
        faults: Faults = NO_FAULTS,
    ) -> None:
        self.world = world
        self.requests: Counter[str] = Counter()
        self.app = create_app(world, gate=gate, files=files, token=token, requests=self.requests, clock=clock)
        self._server = Server(port, self.app, faults)
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        world.origin = self.url
        self._thread = threading.Thread(target=self._server.serve_forever, args=(LOOK,), name="simulator", daemon=True)

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
