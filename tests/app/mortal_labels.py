"""A real worker that dies where the plan in its folder says, and once at each moment at which labels are made.

`python mortal_labels.py FOLDER` stays, and starts another worker for each that died: a fork, which has all that takes
seconds to load. It watches the calls of the thread that makes labels; the code is the service's own, unchanged.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import mortal_worker
from mortal import die_once

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


def again_and_again(folder: Path) -> int:
    """Let workers live until one ends by itself, and return how it ended; SIGTERM is passed on."""
    children: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: os.kill(children[-1], signal.SIGTERM))
    while True:
        child = os.fork()
        if child == 0:
            live(folder)
            os._exit(0)
        children.append(child)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if ended != -signal.SIGKILL:
            return ended


if __name__ == "__main__":
    sys.exit(again_and_again(Path(sys.argv[1])))
