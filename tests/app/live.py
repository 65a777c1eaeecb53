"""A simulated Toloka to go live on, and the command line's environment for it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from app.cli import main
from simulator.crowd.performers import Crowd, answers_by_spec
from simulator.faults.plans import NO_FAULTS, Plan
from simulator.server import Simulator
from simulator.world.world import World

TOKEN = "a token of the tests"
TABLE = "image\n" + "".join(f"https://pictures.example/{at}.jpg\n" for at in range(6))


@dataclass(frozen=True)
class Live:
    """A place to run commands in."""

    folder: Path
    world: World
    simulator: Simulator

    @property
    def environment(self) -> dict[str, str]:
        return {
            "TOLOKA_TOKEN": TOKEN,
            "TOLOKA_ENVIRONMENT": self.simulator.url,
            "CROWDHOOK_DATABASE": str(self.folder / "crowdhook.db"),
            "CROWDHOOK_RESULTS": str(self.folder / "results"),
        }

    @property
    def table(self) -> Path:
        path = self.folder / "images.csv"
        path.write_text(TABLE, encoding="utf-8")
        return path

    def run(self, *words: str, env: Mapping[str, str] | None = None, says: str = "") -> Result:
        """Run a command, and type what somebody `says` to it."""
        return CliRunner().invoke(main, list(words), input=says, env=self.environment | dict(env or {}))

    def setup(self, *more: str) -> Result:
        return self.run("setup", "image-segmentation", "--dataset", str(self.table), "--yes", *more)

    def created(self) -> list[str]:
        """What was created on the platform, by kind."""
        return sorted(line["kind"] for line in self.world.history() if line["kind"].endswith("_CREATED"))


@contextmanager
def going_live(folder: Path, faults: Plan = NO_FAULTS, **world: Any) -> Iterator[Live]:
    folder.mkdir(exist_ok=True)
    made = World(Crowd(performers=12), answers_by_spec, start=time.time() - 86400, **world)
    simulator = Simulator(made, gate=None, files=None, token=TOKEN, faults=faults)
    simulator.start()
    try:
        yield Live(folder, made, simulator)
    finally:
        simulator.stop()


def refused(result: Result, *words: str) -> None:
    """A command ended with one line that says these words, and status 2."""
    assert result.exit_code == 2, result.output
    line = result.stderr.strip()
    assert line.startswith("crowdhook: ")
    assert "\n" not in line
    for word in words:
        assert word in line
