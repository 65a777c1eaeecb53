"""`crowdhook simulator`: a Toloka of one's own, in running time, for any toloka-kit script."""

import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from app.crowds import SegmentationPeople, UnknownProject
from app.datasets import load
from app.logs import to_stderr
from app.looking import Eyes
from app.serve import PortInUse
from simulator.performers import Answers, Crowd, Performer, answers_by_spec
from simulator.server import begin_at
from simulator.server import run as run_server
from simulator.world import World

HOURS = 24.0  # machine hours that platform time may run ahead of its start before it has caught up with real time


def run(crowd: Crowd, port: int, speed: float, instant: bool, dataset: Path | None, label: str | None) -> None:
    """Serve until SIGTERM or SIGINT; with a data set, people see its images and know its boxes.

    Raises PortInUse, and what the data set raises.
    """
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    to_stderr()
    world = World(crowd, _answers(crowd, dataset, label), start=begin_at(time.time(), speed, HOURS), instant=instant)
    try:
        run_server(world, port, speed, clock=time.time, stop=stop, started=_greet)
    except OSError as error:
        raise PortInUse(f"(127.0.0.1:{port}, {error.strerror})") from error


def _answers(crowd: Crowd, dataset: Path | None, label: str | None) -> Answers:
    """Return how people answer: outlines and votes about images that they look at, else whatever a project allows."""
    if dataset is None:
        return answers_by_spec
    items = load(dataset, label)
    eyes = Eyes({item.key: item.path for item in items if item.path is not None})
    people = SegmentationPeople({item.key: item.truth for item in items}, crowd.seed, recognise=eyes)

    def answer(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        try:
            return people(task, project, performer)
        except UnknownProject:
            return answers_by_spec(task, project, performer)

    return answer


def _greet(url: str) -> None:
    click.echo(f'toloka.TolokaClient("any token", url="{url}")   Ctrl-C ends it')
