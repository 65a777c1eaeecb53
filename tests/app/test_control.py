"""Start, pause, resume, stop: what a run may spend is a person's word, and the log remembers who said it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from live import Live, going_live, refused

from app.config import Settings
from app.worker import Worker
from store.sqlite import SqliteStore

RUN = "image-segmentation"


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with going_live(tmp_path) as made:
        assert made.setup().exit_code == 0
        yield made


def said(live: Live) -> list[tuple[str, str, float | None]]:
    """Who said what: type, name and cap, oldest first."""
    events = SqliteStore(live.folder / "crowdhook.db", lambda: 0.0).events(limit=100).events
    words = [each.event for each in events if each.event.type.startswith("RUN_")]
    return [(each.type, each.payload["who"], each.payload["cap"]) for each in reversed(words)]


def pools(live: Live) -> list[str]:
    return [pool.status for pool in live.world.state.pools.values()]


def worked(live: Live) -> None:
    """Let a worker do what there is to do."""
    worker = Worker(Settings.from_env(live.environment))
    worker.reload()
    for _ in range(50):
        if not worker.round(worker.platform_clock()):
            break
    worker.stopping.set()
    worker.run()


def test_before_the_start_nothing_is_asked_although_a_worker_runs(live: Live) -> None:
    worked(live)
    assert (live.world.state.tasks, pools(live)) == ({}, ["CLOSED", "CLOSED"])


def test_a_started_run_asks_and_its_pool_opens(live: Live) -> None:
    result = live.run("start", RUN, "--cap", "5", "--who", "ann")
    assert result.exit_code == 0, result.output
    assert "started, with $5.00 to spend" in result.output
    assert "nothing is subscribed" in result.output
    worked(live)
    assert (len(live.world.state.tasks), sorted(pools(live))) == (6, ["CLOSED", "OPEN"])
    assert said(live) == [("RUN_STARTED", "ann", 5.0)]


def test_a_pause_asks_nothing_new_and_a_resumption_goes_on_with_the_same_cap(live: Live) -> None:
    live.run("start", RUN, "--cap", "5", "--daily-cap", "2", "--who", "ann")
    assert live.run("pause", RUN, "--who", "bob").exit_code == 0
    worked(live)
    assert live.world.state.tasks == {}
    result = live.run("resume", RUN, "--who", "bob")
    assert "with $5.00 to spend, $2.00 a day" in result.output
    worked(live)
    assert len(live.world.state.tasks) == 6
    assert [each[:2] for each in said(live)] == [("RUN_STARTED", "ann"), ("RUN_PAUSED", "bob"), ("RUN_STARTED", "bob")]


def test_a_stop_closes_the_pools_and_a_start_opens_them_again(live: Live) -> None:
    live.run("start", RUN, "--cap", "5")
    worked(live)
    result = live.run("stop", RUN)
    assert "closed" in result.output
    assert pools(live) == ["CLOSED", "CLOSED"]
    worked(live)
    assert pools(live) == ["CLOSED", "CLOSED"]
    assert "open" in live.run("start", RUN, "--cap", "6").output
    assert sorted(pools(live)) == ["CLOSED", "OPEN"]


def test_a_cap_binds_what_is_asked(live: Live) -> None:
    live.run("start", RUN, "--cap", "0.05")
    worked(live)
    assert len(live.world.state.tasks) == 3
    assert live.world.spent_by_pool() == {}


# bad input


def test_a_cap_below_what_is_in_flight_is_refused(live: Live) -> None:
    live.run("start", RUN, "--cap", "5")
    worked(live)
    refused(live.run("start", RUN, "--cap", "0.05"), "$0.05 is too low", "$0.08 in flight", "Choose $0.08 or more")
    assert [each[2] for each in said(live)] == [5.0]


def test_a_cap_must_be_said(live: Live) -> None:
    result = live.run("start", RUN)
    assert (result.exit_code, "--cap" in result.output) == (2, True)


def test_without_money_nothing_starts(tmp_path: Path) -> None:
    with going_live(tmp_path, balance=0.01) as live:
        live.setup()
        refused(live.run("start", RUN, "--cap", "5"), "$0.01", "pay money in")
        assert said(live) == []


def test_less_money_than_the_cap_is_told(tmp_path: Path) -> None:
    with going_live(tmp_path, balance=1.0) as live:
        live.setup()
        assert "the balance is $1.00, less than the cap" in live.run("start", RUN, "--cap", "5").output


@pytest.mark.parametrize("act", ["pause", "resume"])
def test_what_was_never_started_is_neither_paused_nor_resumed(live: Live, act: str) -> None:
    refused(live.run(act, RUN), "never started", "--cap")


def test_an_unknown_run_is_told(live: Live) -> None:
    refused(live.run("start", RUN, "--run", "nope", "--cap", "1"), "nope", "main")


def test_status_says_what_waits_and_what_may_be_spent(live: Live) -> None:
    worked(live)
    told = live.run("status", RUN).output
    assert "not started yet: 6 questions and tasks wait" in told
    live.run("start", RUN, "--cap", "0.05", "--daily-cap", "0.04")
    worked(live)
    told = live.run("status", RUN).output
    for words in ("started", "0.05, 0.04 a day: 0.00 paid, at most 0.04 in flight", "3, held back: cap"):
        assert words in told
