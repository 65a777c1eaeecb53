"""`crowdhook simulator`: a Toloka of one's own, in running time, for any toloka-kit script."""

import signal
import threading
import time

import click

from app.logs import to_stderr
from app.serve import PortInUse
from simulator.performers import Crowd, answers_by_spec
from simulator.server import begin_at
from simulator.server import run as run_server
from simulator.world import World

HOURS = 24.0  # machine hours that platform time may run ahead of its start before it has caught up with real time


def run(crowd: Crowd, port: int, speed: float, instant: bool) -> None:
    """Serve until SIGTERM or SIGINT; raises OSError when the port is in use."""
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    to_stderr()
    world = World(crowd, answers_by_spec, start=begin_at(time.time(), speed, HOURS), instant=instant)
    try:
        run_server(world, port, speed, clock=time.time, stop=stop, started=_greet)
    except OSError as error:
        raise PortInUse(f"(127.0.0.1:{port}, {error.strerror})") from error


def _greet(url: str) -> None:
    click.echo(f'toloka.TolokaClient("any token", url="{url}")   Ctrl-C ends it')
