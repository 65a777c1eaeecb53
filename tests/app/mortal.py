"""Processes that keep a diary of their steps and kill themselves, with SIGKILL, at the steps they were told to."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any


def note(folder: Path, entry: Any) -> None:
    """Write one line of the diary."""
    with (folder / "diary.jsonl").open("a", encoding="utf-8") as diary:
        diary.write(json.dumps(entry) + "\n")


def diary(folder: Path) -> list[Any]:
    """Read the diary back."""
    return [json.loads(line) for line in (folder / "diary.jsonl").read_text(encoding="utf-8").splitlines()]


def die_once(folder: Path, name: str) -> None:
    """End this process as the kernel would, the first time that anybody comes here under this name."""
    try:
        (folder / f"died-{name}").touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def deaths(folder: Path) -> list[str]:
    """Name those who died."""
    return sorted(path.name.removeprefix("died-") for path in folder.glob("died-*"))


def again_and_again(live: Callable[[], None]) -> int:
    """Let processes live until one ends by itself, and return how it ended; SIGTERM is passed on.

    Each is a fork of this one, so that what takes seconds to load is loaded once.
    """
    children: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: os.kill(children[-1], signal.SIGTERM))
    while True:
        child = os.fork()
        if child == 0:
            live()
            os._exit(0)
        children.append(child)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if ended != -signal.SIGKILL:
            return ended
