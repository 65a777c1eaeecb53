"""`crowdhook resume` after a labelling: what it closed itself is opened again only where there is work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from live import Live, going_live

from app.cell_samples import write_cells
from app.config import Settings
from app.pool_states import closed_by_run
from app.worker import Worker

PIPELINE = "image-classification"
NAMES = ("Labels", "Training", "Exam")


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with going_live(tmp_path / "live") as made:
        yield made


def test_training_and_exam_are_opened_with_the_main_pool_and_not_alone(live: Live, tmp_path: Path) -> None:
    env = {"CROWDHOOK_URL": "http://127.0.0.1:8080", "CROWDHOOK_KEYRING": str(live.folder / "crowdhook.keyring")}
    order = ("--known", str(write_cells(tmp_path / "cells", 96)), "--limit", "4", "--images", "serve", "--yes")
    assert live.run("setup", PIPELINE, *order, env=env).exit_code == 0
    assert live.run("start", PIPELINE, "--cap", "5").exit_code == 0
    worker = Worker(Settings.from_env(live.environment))
    pools = {each.body["private_name"]: each for each in live.world.state.pools.values()}

    def work() -> list[str]:
        worker.reload()
        live.world.advance(live.world.now + 300)
        for _ in range(5):
            worker.round(live.world.now)
        return [pools[name].status for name in NAMES]

    assert work() == ["OPEN"] * 3
    main = worker.dispatcher.registry.runs[0].pool_ids["main"]
    worker.gateway.close_pool(main)
    assert work() == ["CLOSED"] * 3
    assert closed_by_run(worker.store, pools["Training"].id)
    assert live.run("resume", PIPELINE).exit_code == 0
    assert work() == ["OPEN"] * 3
    assert not closed_by_run(worker.store, pools["Training"].id)
    worker.gateway.close_pool(main)
    assert work() == ["CLOSED"] * 3
    assert closed_by_run(worker.store, pools["Training"].id)
    pools["Labels"].close_reason = "COMPLETED"
    assert "training" in live.run("resume", PIPELINE).output
    assert work() == ["CLOSED"] * 3
    worker.stopping.set()
    worker.run()
