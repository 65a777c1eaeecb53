"""Two undisturbed rehearsals that several tests look at, and the options that make others like them."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.segmentation import Options, Rehearsed

HERE = Path(__file__).parent
IMAGES = 16
SEED = 3
FULL: dict[str, Any] = {
    "limit": 30,
    "tasks_per_page": 5,
    "controls": 0.2,
    "desk": "truth",
}  # a person decides what is held


@dataclass(frozen=True)
class Calm:
    out: Path
    diary: Path  # of the worker's steps
    done: Rehearsed


def options(out: Path, **chosen: Any) -> Options:
    return Options(**{"out": out, "limit": IMAGES, "seed": SEED, "refuse": "always", **chosen})


def mortal_worker(folder: Path) -> list[str]:
    return [sys.executable, str(HERE / "mortal_worker.py"), str(folder)]
