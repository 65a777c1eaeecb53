"""One undisturbed rehearsal that several tests look at, and the options that make another like it."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.segmentation import Options, Rehearsed

HERE = Path(__file__).parent
IMAGES = 16
SEED = 3


@dataclass(frozen=True)
class Calm:
    out: Path
    diary: Path  # of the worker's steps
    done: Rehearsed


def options(out: Path, **chosen: Any) -> Options:
    return Options(**{"out": out, "limit": IMAGES, "seed": SEED, **chosen})


def mortal_worker(folder: Path) -> list[str]:
    return [sys.executable, str(HERE / "mortal_worker.py"), str(folder)]
