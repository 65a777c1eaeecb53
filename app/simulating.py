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
from app.labelled import read_known
from app.labellers import Labellers
from app.logs import to_stderr
from app.looking import Eyes
from app.serve import PortInUse
from simulator.performers import Answers, Crowd, Performer, answers_by_spec
from simulator.running import begin_at
from simulator.running import run as run_server
from simulator.world import World

HOURS = 24.0  # machine hours that platform time may run ahead of its start before it has caught up with real time
MOST_REQUESTS = 300  # a platform second, as on Toloka


def run(crowd: Crowd, port: int, speed: float, *, instant: bool, quotas: bool, **seen: Any) -> None:
    """Serve until SIGTERM or SIGINT, with Toloka's `quotas` or without any.

    `seen` is what people know of the images, see `answers`.

    Raises PortInUse, and what the data set raises.
    """
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    to_stderr()
    world = World(
        crowd,
        answers(crowd, **seen),
        start=begin_at(time.time(), speed, HOURS),
        instant=instant,
        quotas=quotas,
        most_requests=MOST_REQUESTS if quotas else None,
    )
    try:
        run_server(world, port, speed, clock=time.time, stop=stop, started=_greet)
    except OSError as error:
        raise PortInUse(f"(127.0.0.1:{port}, {error.strerror})") from error


def answers(crowd: Crowd, dataset: Path | None, label: str | None, classes: Path | None) -> Answers:
    """Return how people answer about images that they look at, else whatever a project allows.

    They know the boxes of `dataset`, and the classes of the images in `classes`, which has a folder for each class.
    """
    outline = _outliners(crowd, dataset, label) if dataset else answers_by_spec
    choose = _labellers(classes) if classes else answers_by_spec

    def answer(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        chooses = project["task_spec"]["output_spec"].get("result", {}).get("allowed_values")
        try:
            return (choose if chooses else outline)(task, project, performer)
        except UnknownProject:
            return answers_by_spec(task, project, performer)

    return answer


def _outliners(crowd: Crowd, dataset: Path, label: str | None) -> Answers:
    items = load(dataset, label)
    eyes = Eyes({item.key: item.path for item in items if item.path is not None})
    return SegmentationPeople({item.key: item.truth for item in items}, crowd.seed, recognise=eyes)


def _labellers(folder: Path) -> Answers:
    names = [each.name for each in sorted(folder.iterdir()) if each.is_dir()] if folder.is_dir() else []
    known = read_known(folder, names).examples
    eyes = Eyes({each.key: each.path for each in known if each.path is not None})
    return Labellers({each.key: each.label or "" for each in known}, recognise=eyes)


def _greet(url: str) -> None:
    click.echo(f'toloka.TolokaClient("any token", url="{url}")   Ctrl-C ends it')
