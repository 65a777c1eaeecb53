"""A real worker that dies where the plan in its folder says, and once at each moment at which labels are made.

`python mortal_labels.py FOLDER` watches the calls of the thread that makes labels; the code is the service's own,
unchanged.
"""

import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import mortal_worker
from mortal import again_and_again, die_once

import app.label_fitting  # noqa: F401  (loaded once for all workers)

MOMENTS = ("call handed_in", "call read_pool", "call write_labels", "return write_labels", "return make")


def live(folder: Path) -> None:
    """Be a worker whose making of labels is watched."""

    def reached(frame: FrameType, event: str, arg: Any) -> None:
        moment = f"{event} {frame.f_code.co_name}"
        if moment in MOMENTS and threading.current_thread().name.startswith("labels"):
            die_once(folder, moment)

    threading.setprofile(reached)
    mortal_worker.main(folder)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    sys.exit(again_and_again(lambda: live(folder)))
