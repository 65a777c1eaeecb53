"""Set-up: what will be created is shown first, and whatever breaks it off, nothing is ever created twice."""

import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from live import Live, going_live, refused
from rich.console import Console

from app.cli import main
from app.config import Settings
from app.keyring import Keyring
from app.samples import write_samples
from app.setting_up import Order, set_up
from app.worker import Worker
from handlers.segmentation_pools import BadSettings
from simulator.faults.answer_faults import ANSWERS, Struck
from simulator.faults.plans import Fault, Kind, Plan
from simulator.records.asked import Answered
from store.spending import RunState
from store.sqlite import SqliteStore

ALL = ["POOL_CREATED"] * 2 + ["PROJECT_CREATED"] * 2 + ["SKILL_CREATED"] * 2


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with going_live(tmp_path) as made:
        yield made


def store_of(live: Live) -> SqliteStore:
    return SqliteStore(live.folder / "crowdhook.db", lambda: 0.0)


def items_given(live: Live) -> list[str]:
    events = store_of(live).events(type="ITEMS_ADDED", limit=100).events
    return sorted(item["key"] for each in events for item in each.event.payload["items"])


def test_it_shows_objects_and_costs_and_creates_them(live: Live) -> None:
    result = live.setup()
    assert result.exit_code == 0, result.output
    for words in ("project:outlining", "will be created", "New items: 6", "at worst", "crowdhook start"):
        assert words in result.output
    assert live.created() == ALL
    assert len(items_given(live)) == 6
    control = store_of(live).run_control("image-segmentation", "main")
    assert control is not None
    assert control.state is RunState.READY
    assert Keyring(live.folder / "crowdhook.keyring").tags() == ("main",)


def test_nothing_is_created_when_the_answer_is_no(live: Live) -> None:
    result = live.run("setup", "image-segmentation", "--dataset", str(live.table), says="n\n")
    assert "Create this?" in result.output
    refused(result, "Nothing was done")
    assert (live.created(), items_given(live)) == ([], [])


def test_a_second_time_creates_nothing_and_gives_only_what_is_new(live: Live) -> None:
    live.setup()
    larger = live.folder / "larger.csv"
    larger.write_text(live.table.read_text() + "https://pictures.example/new.jpg\n")
    result = live.run("setup", "image-segmentation", "--dataset", str(larger), "--yes")
    assert result.exit_code == 0, result.output
    assert "New items: 1" in result.output
    assert (live.created(), len(items_given(live))) == (ALL, 7)


def test_runs_stand_side_by_side(live: Live) -> None:
    live.setup()
    assert live.setup("--run", "second").exit_code == 0
    assert live.created().count("POOL_CREATED") == 4
    assert live.created().count("SKILL_CREATED") == 2
    bindings = store_of(live).bindings()
    assert len({each.object_id for each in bindings if each.role.startswith("pool:")}) == 4


def test_a_lost_database_finds_its_objects_again(live: Live, tmp_path: Path) -> None:
    live.setup()
    before = {each.role: each.object_id for each in store_of(live).bindings()}
    other = Live(tmp_path / "other", live.world, live.simulator)
    other.folder.mkdir()
    result = other.setup()
    assert "will be adopted" in result.output
    assert {each.role: each.object_id for each in store_of(other).bindings()} == before
    assert live.created() == ALL


# whatever breaks it off


@pytest.mark.parametrize("lost", range(1, 20))
def test_an_answer_that_is_lost_after_it_was_applied_makes_nothing_twice(tmp_path: Path, lost: int) -> None:
    with going_live(tmp_path, Plan.of(Fault(kind=ANSWERS["answer-lost"], nth=(lost,)))) as live:
        first = live.setup()
        if first.exit_code:
            refused(first)
            assert live.setup().exit_code == 0
        assert (live.created(), len(items_given(live))) == (ALL, 6)


class Killer:
    """Kills a process at the start of its request `number`, or when that was applied and is not answered yet."""

    def __init__(self, number: int, *, applied: bool) -> None:
        self.applied, self.pid = applied, 0
        self.plan = Plan.of(Fault(kind=Kind("kill", "answers", "", {}, self.strike), nth=(number,)))

    def strike(self, struck: Struck) -> Answered:
        if self.pid and not self.applied:
            os.kill(self.pid, signal.SIGKILL)
        answered = struck.carry_out(struck.asked)
        if self.pid and self.applied:
            os.kill(self.pid, signal.SIGKILL)
        return answered


def command(words: list[str], environment: dict[str, str]) -> None:
    os.environ.update(environment)
    main(words)


def in_a_process(live: Live, killer: Killer) -> int:
    """Run the set-up in a process of its own; return its exit code, -9 when it was killed."""
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["app.setting_up", "app.cli", "rich.console"])
    words = ["setup", "image-segmentation", "--dataset", str(live.table), "--yes"]
    process = forks.Process(target=command, args=(words, live.environment))
    process.start()
    killer.pid = process.pid or 0
    process.join(60)
    killer.pid = 0
    return process.exitcode or 0


@pytest.mark.soak
@pytest.mark.parametrize("applied", [False, True])
def test_a_set_up_that_is_killed_at_any_request_goes_on_the_next_time(tmp_path: Path, applied: bool) -> None:
    killed = 0
    for number in range(1, 100):
        killer = Killer(number, applied=applied)
        with going_live(tmp_path / str(number), killer.plan) as live:
            ended = in_a_process(live, killer)
            if ended == 0:
                requests = sum(live.simulator.requests.values())
                break
            assert ended == -signal.SIGKILL
            killed += 1
            assert live.setup().exit_code == 0
            assert (live.created(), len(items_given(live))) == (ALL, 6)
    assert (live.created(), killed) == (ALL, requests)
    print(f"killed at each of {killed} requests, {'after' if applied else 'before'} it was applied")


# changes


def test_what_changed_is_shown_and_refused(live: Live) -> None:
    live.setup()
    result = live.setup("--set", "outlining_reward=0.05")
    assert result.exit_code == 2
    assert "Differs: setting outlining_reward" in result.output
    assert "Differs: pool:outlining reward_per_assignment: is 0.01, declared 0.05" in result.output
    assert "--apply" in result.stderr
    pools = [each.body["reward_per_assignment"] for each in live.world.state.pools.values()]
    assert pools == [0.01, 0.01]


def test_a_change_is_made_when_it_is_said(live: Live) -> None:
    live.setup()
    result = live.setup("--set", "outlining_reward=0.05", "--apply")
    assert result.exit_code == 0, result.output
    assert sorted(each.body["reward_per_assignment"] for each in live.world.state.pools.values()) == [0.01, 0.05]
    assert live.setup("--set", "outlining_reward=0.05").exit_code == 0
    assert live.created() == ALL


def test_a_worker_that_runs_takes_changed_settings_up(live: Live) -> None:
    live.setup()
    worker = Worker(Settings.from_env(live.environment))
    worker.reload()
    assert live.setup("--set", "refuse=proposed", "--apply").exit_code == 0
    worker.reload()
    (running,) = worker.dispatcher.registry.runs
    assert running.settings.refuse == "proposed"
    worker.stopping.set()
    worker.run()


def test_a_run_that_is_set_up_while_a_worker_goes_on_is_heard(live: Live) -> None:
    live.setup()
    worker = Worker(Settings.from_env(live.environment))
    worker.reload()
    worker.round(worker.platform_clock())
    assert live.setup("--run", "second").exit_code == 0
    for _ in range(3):  # it does not look whether runs were set up, but finds an event of one
        worker.round(worker.platform_clock())
    asked = {each.run for each in store_of(live).decisions(kind="ask")}
    worker.stopping.set()
    worker.run()
    assert asked == {"main", "second"}


def test_an_open_pool_is_never_touched(live: Live) -> None:
    live.setup()
    (outlining,) = [pool for pool in live.world.state.pools.values() if pool.body["private_name"] == "Outlining"]
    outlining.status = "OPEN"
    refused(live.setup("--set", "outlining_reward=0.05", "--apply"), "open pool", outlining.id)
    assert outlining.body["reward_per_assignment"] == 0.01


def test_an_archived_pool_is_told(live: Live) -> None:
    live.setup()
    pool = next(iter(live.world.state.pools.values()))
    pool.status = "ARCHIVED"
    refused(live.setup(), pool.id, "ARCHIVED", "--run")


# bad input


def test_settings_that_are_wrong_are_named(live: Live, tmp_path: Path) -> None:
    refused(live.setup("--set", "colour=red"), "colour")
    refused(live.setup("--set", "tasks_per_page"), "tasks_per_page", "NAME=VALUE")
    refused(live.setup("--set", "tasks_per_page=99"), "tasks_per_page must be 1 to 20")
    refused(live.setup("--set", "policy.sure=0.4"), "sure")
    broken = tmp_path / "settings.toml"
    broken.write_text("tasks_per_page =\n")
    refused(live.setup("--settings", str(broken)), "settings.toml", "line 1")
    assert live.created() == []


def test_settings_come_from_a_file_and_from_options_over_it(live: Live, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('label = "cell"\ntasks_per_page = 5\n[policy]\naccept_at = 0.7\n')
    assert live.setup("--settings", str(file), "--set", "tasks-per-page=10").exit_code == 0
    notes = store_of(live).notes()
    assert notes["settings:image-segmentation:main"] == (
        '{"label": "cell", "tasks_per_page": 10, "policy": {"accept_at": 0.7}}'
    )


def test_a_wrong_token_and_another_account_are_told(live: Live) -> None:
    refused(live.run("setup", "image-segmentation", "--yes", env={"TOLOKA_TOKEN": "of another"}), "TOLOKA_TOKEN")
    live.setup()
    elsewhere = live.simulator.url.replace("127.0.0.1", "localhost")
    refused(live.run("setup", "image-segmentation", "--yes", env={"TOLOKA_ENVIRONMENT": elsewhere}), "belongs to")


def test_a_quota_is_told_and_what_was_done_is_not_done_again(live: Live) -> None:
    for at in range(10):
        assert live.setup("--run", f"run-{at}").exit_code == 0
    refused(live.setup("--run", "run-10"), "20 pools and 20 projects a minute", "run it again")
    live.world.advance(live.world.now + 61.0)
    assert live.setup("--run", "run-10").exit_code == 0
    assert live.created().count("POOL_CREATED") == 22


def test_images_that_nobody_could_see_are_refused(live: Live, tmp_path: Path) -> None:
    folder = write_samples(tmp_path / "samples", 3, 0)
    result = live.run("setup", "image-segmentation", "--dataset", str(folder), "--yes")
    refused(result, "3", "--images serve")
    assert live.created() == []


def test_unguarded_refusals_are_for_rehearsals_only(tmp_path: Path) -> None:
    order = Order(pipeline="image-segmentation", values={"refuse": "unguarded"})
    settings = Settings(database=tmp_path / "x.db", token="t", environment="PRODUCTION")
    with pytest.raises(BadSettings, match="rehearsals"):
        set_up(settings, order, Console(), lambda: True)


def test_images_that_are_files_here_are_served_at_addresses_of_ours(live: Live, tmp_path: Path) -> None:
    folder = write_samples(tmp_path / "samples", 6, 0)
    words = ("--dataset", str(folder), "--known", str(folder), "--images", "serve", "--yes")
    env = {"CROWDHOOK_URL": "https://here.example"}
    result = live.run("setup", "image-segmentation", *words, env=env)
    assert result.exit_code == 0, result.output
    (event,) = store_of(live).events(type="ITEMS_ADDED").events
    addresses = {item["url"] for item in event.event.payload["items"]}
    known = {each["image"] for each in json.loads(store_of(live).notes()["settings:image-segmentation:main"])["known"]}
    assert (len(addresses), len(known), addresses & known) == (6, 6, set())
    assert all(each.startswith("https://here.example/media/") for each in addresses | known)
    again = live.run("setup", "image-segmentation", "--dataset", str(folder), "--images", "serve", "--yes", env=env)
    assert (again.exit_code, "New items: 0" in again.output) == (0, True)
    assert len(json.loads(store_of(live).notes()["settings:image-segmentation:main"])["known"]) == 6
