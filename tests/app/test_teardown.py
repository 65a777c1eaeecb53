"""Putting a run away: what the platform lets go is gone, what it does not is named, and a second time goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from live import Live, going_live, refused
from test_control import RUN, pools, said, worked

from app.config import Settings
from app.worker import Worker
from handlers.subscribing import Subscriptions
from store.sqlite import SqliteStore

HERE = {"CROWDHOOK_URL": "https://here.example"}


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with going_live(tmp_path) as made:
        assert made.setup().exit_code == 0
        yield made


def subscribed(live: Live, *urls: str) -> None:
    """Have the first pool's submitted pages sent to these addresses."""
    worker = Worker(Settings.from_env(live.environment))
    pool = next(iter(live.world.state.pools))
    for url in urls:
        Subscriptions(worker.gateway).put([(pool, "ASSIGNMENT_SUBMITTED")], url, "x" * 32)
    worker.stopping.set()
    worker.run()


def destroy(live: Live, *more: str, says: str = "") -> tuple[int, str]:
    result = live.run("destroy", RUN, *more, env=HERE, says=says)
    return result.exit_code, result.output


def test_it_says_what_is_there_and_asks(live: Live) -> None:
    subscribed(live, "https://here.example/webhooks/toloka/main", "https://elsewhere.example/webhooks/toloka/main")
    status, told = destroy(live, says="n\n")
    assert status == 2
    for words in ("pool outlining", "will be archived", "1 subscriptions at https://here.example", "Put this away?"):
        assert words in told
    assert (pools(live), len(live.world.state.subscriptions)) == (["CLOSED", "CLOSED"], 2)


def test_everything_is_put_away_and_the_results_stay(live: Live) -> None:
    subscribed(live, "https://here.example/webhooks/toloka/main", "https://elsewhere.example/webhooks/toloka/main")
    status, told = destroy(live, "--yes")
    assert (status, "put away. Its results stay" in told) == (0, True)
    assert pools(live) == ["ARCHIVED", "ARCHIVED"]
    assert {each.status for each in live.world.state.projects.values()} == {"ARCHIVED"}
    assert [each.url for each in live.world.state.subscriptions.values()] == [
        "https://elsewhere.example/webhooks/toloka/main"
    ]
    assert [each[0] for each in said(live)] == ["RUN_STOPPED", "RUN_ENDED"]
    assert live.run("status", RUN).exit_code == 0
    refused(live.run("start", RUN, "--cap", "5"), "put away", "--run")


def test_nobody_watches_a_run_that_was_put_away(live: Live) -> None:
    worker = Worker(Settings.from_env(live.environment))
    worker.reload()
    assert len(worker.reconciler.watched) == 2
    destroy(live, "--yes")
    worker.reload()
    assert len(worker.reconciler.watched) == 0
    worker.stopping.set()
    worker.run()


def test_work_that_waits_for_review_is_named_and_keeps_its_pool(live: Live) -> None:
    live.run("start", RUN, "--cap", "5")
    worked(live)
    live.world.advance(live.world.now + 3600.0)
    worker = Worker(Settings.from_env(live.environment))
    worker.reload()
    worker.reconciler.sweep(live.world.now + 120.0)
    worker.stopping.set()
    worker.run()
    worked(live)
    status, told = destroy(live, "--yes")
    assert status == 0
    assert "of its pages wait for review" in told
    assert "pool outlining, project outlining must wait; run the same command again later" in told
    (outlining,) = [pool for pool in live.world.state.pools.values() if pool.body["private_name"] == "Outlining"]
    assert outlining.status == "CLOSED"
    with live.world.lock:
        for page in live.world.state.assignments.values():
            if page.status == "SUBMITTED":
                page.status = "ACCEPTED"
    assert "put away" in destroy(live, "--yes")[1]


def test_without_an_address_of_our_own_subscriptions_stay(live: Live) -> None:
    subscribed(live, "https://here.example/webhooks/toloka/main")
    result = live.run("destroy", RUN, "--yes")
    assert "CROWDHOOK_URL is not set: its subscriptions stay" in result.output
    assert len(live.world.state.subscriptions) == 1
    assert SqliteStore(live.folder / "crowdhook.db", lambda: 0.0).run_control(RUN, "main") is not None
