"""The database is put back to an earlier copy in the middle of a run: nothing is asked, paid or decided twice."""

import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from calm import FULL, options

from app.rehearsal import Stage
from app.segmentation import rehearse
from store.migrations import migrate

pytestmark = pytest.mark.soak

VERDICTS = ("ASSIGNMENT_APPROVED", "ASSIGNMENT_REJECTED")


def below(pid: int) -> list[int]:
    """All processes that a process started, and those that they started."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    started = [int(each) for children in threads for each in children.read_text().split()]
    return [pid for child in started for pid in (child, *below(child))]


class Restoration:
    """Copies the database at one tick, and puts the copy back at another, as after the loss of a disk."""

    def __init__(self, copy: Path, copy_at: int, restore_at: int) -> None:
        self.copy, self.copy_at, self.restore_at = copy, copy_at, restore_at
        self.forgotten: list[Any] = []  # decisions that the copy does not know

    def watch(self, at: Stage) -> None:
        if at.driver.ticks == self.copy_at:
            at.store.copy_to(self.copy)
        if at.driver.ticks == self.restore_at:
            before = {each.key for each in at.store.decisions()}
            self._restore(at)
            self.forgotten = sorted(before - {each.key for each in at.store.decisions()})

    def _restore(self, at: Stage) -> None:
        at.store.close()
        database = at.settings.database
        for end in ("-wal", "-shm"):
            database.with_name(database.name + end).unlink(missing_ok=True)
        self.copy.replace(database)
        migrate(database)
        for pid in below(os.getpid()):  # they still have the lost file open; the supervisor starts others
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(("copy_at", "restore_at", "pages"), [(3, 100, {}), (30, 110, FULL)])
def test_an_earlier_copy_costs_nothing_twice_and_nothing_waits_for_ever(
    tmp_path: Path, copy_at: int, restore_at: int, pages: dict[str, Any]
) -> None:
    restoration, worlds = Restoration(tmp_path / "copy.db", copy_at, restore_at), list[Any]()

    def watch(at: Stage) -> None:
        restoration.watch(at)
        worlds[:] = [at.world]

    done = rehearse(options(tmp_path / "out", **pages), watch)
    history = worlds[0].history()
    print("\nforgotten:", Counter(key.split(":")[0] for key in restoration.forgotten))
    assert len(restoration.forgotten) >= 5
    created = Counter(str((x["pool_id"], x["input_values"])) for x in history if x["kind"] == "TASK_CREATED")
    assert [task for task, times in created.items() if times > 1] == []
    reviewed = Counter(x["id"] for x in history if x["kind"] in VERDICTS)
    charged = Counter(x["id"] for x in history if x["kind"] == "MONEY" and x["what"] == "charged")
    assert set(reviewed.values()) == set(charged.values()) == {1}
    assert done.summary["images"]["pending"] == 0
