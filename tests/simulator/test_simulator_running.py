import itertools
import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from receiver import Inbox, receiving
from simulated import START, Bench, until, world
from toloka.client.filter import Languages

from simulator.account.subscriptions import EVENT_TYPES
from simulator.crowd.performers import Crowd, answers_by_spec
from simulator.delivery.habits import Habits
from simulator.faults.file import read_plan
from simulator.faults.plans import NO_FAULTS
from simulator.memory.journal import Journal, StateDiffers
from simulator.running import begin_at, run
from simulator.world.world import World


def test_running_time_follows_the_machines_and_never_overtakes_it():
    moments = iter(range(1_800_000_000, 1_900_000_000))
    start = begin_at(1_800_000_000, speed=1000, hours=1)
    made = world()
    made.advance(start)
    with receiving() as inbox, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        stop = threading.Event()
        running = threading.Thread(
            target=run, args=(made, port, 1000), kwargs={"clock": lambda: next(moments), "stop": stop}
        )
        running.start()
        bench = _reached(port, made)
        pool = bench.checking()
        inbox.subscribe(bench, pool.id, "POOL_CLOSED")
        bench.fill(pool, 10)
        bench.client.open_pool(pool.id)
        while not inbox.requests:
            stop.wait(0.01)
        stop.set()
        running.join()
        bench.close()
    assert inbox.events[0]["close_reason"] == "COMPLETED"
    assert start < made.now <= next(moments)


def test_a_pool_that_nobody_is_left_for_is_logged_once(caplog):
    made, port, stop = world(), free_port(), threading.Event()
    minutes = (made.now + 60.0 * at for at in itertools.count())
    running = threading.Thread(target=run, args=(made, port, 1), kwargs={"clock": lambda: next(minutes), "stop": stop})
    running.start()
    bench = _reached(port, made)
    try:
        pool = bench.outlining(filter=Languages.in_("DE"))
        bench.fill(pool, 3)
        bench.client.open_pool(pool.id)
        for _ in range(500):
            stop.wait(0.01)
            if told(caplog):
                break
    finally:
        stop.set()
        running.join()
        bench.close()
    assert (made.stranded()[pool.id].tasks, made.stranded()[pool.id].why) == (
        3,
        {"filtered_out": 32, "uninterested": 28},
    )
    (record,) = told(caplog)
    assert (record.message, record.pool_id) == ("nobody is left who may take the pool's tasks", pool.id)


def told(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [each for each in caplog.records if each.name == "simulator.world.stranding"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _reached(port: int, made: World) -> Bench:
    url = f"http://127.0.0.1:{port}"
    for _ in range(500):
        try:
            httpx.get(f"{url}/simulator/time")
            break
        except httpx.ConnectError:
            threading.Event().wait(0.01)

    return Bench(made, url)


def test_platform_time_starts_as_far_back_as_the_speed_needs():
    assert begin_at(1000.0, 1, 5) == 999.0
    assert begin_at(10_000_000.0, 101, 2) == 10_000_000.0 - 1 - 100 * 2 * 3600
    assert begin_at(1e9, 1, 5, instant=True) == 1e9 - 1 - 365 * 86_400


def test_a_receiver_that_is_down_hears_of_everything_when_it_is_back():
    moments = (1_800_000_000.0 + at for at in itertools.count())
    with receiving() as inbox, going_on(world(instant=True), moments) as (bench, made):
        inbox.statuses = [503] * 3
        pool = bench.checking()
        inbox.subscribe(bench, pool.id, "POOL_CLOSED")
        bench.fill(pool, 3)
        bench.client.open_pool(pool.id)
        until(lambda: len(inbox.requests) >= 4)
        assert len({body for _, body in inbox.requests}) == 1
        until(lambda: not made.state.notices)


def told_of_closing(bench: Bench, inbox: Inbox) -> None:
    """Have a pool worked off, whose end this receiver is told of."""
    pool = bench.checking()
    inbox.subscribe(bench, pool.id, "POOL_CLOSED")
    bench.fill(pool, 3)
    bench.client.open_pool(pool.id)
    until(lambda: len(inbox.requests) > 0)


def test_a_receiver_that_hangs_keeps_up_neither_others_nor_the_end():
    moments = (1_800_000_000.0 + at for at in itertools.count())
    patient = replace(NO_FAULTS, habits=Habits(timeout=120.0))
    with receiving() as hanging, receiving() as inbox:
        hanging.answering.clear()
        with going_on(world(instant=True), moments, faults=patient) as (bench, made):
            told_of_closing(bench, hanging)
            told_of_closing(bench, inbox)
        assert [notice.url for notice in made.state.notices.values()] == [hanging.url]
        hanging.answering.set()


def test_what_is_answered_at_the_end_is_not_sent_again():
    moments = (1_800_000_000.0 + at for at in itertools.count())
    with receiving() as inbox, going_on(world(instant=True), moments) as (bench, made):
        told_of_closing(bench, inbox)
    assert made.state.notices == {}


def test_the_courier_outlives_what_nobody_foresaw(caplog):
    numbers, broken = itertools.count(1_800_000_000), iter([True])

    def clock() -> float:
        if threading.current_thread().name == "courier-post" and next(broken, False):
            raise RuntimeError("the clock is broken")
        return float(next(numbers))

    with receiving() as inbox, going_on(world(instant=True), iter([]), clock=clock) as (bench, made):
        told_of_closing(bench, inbox)
    assert made.state.notices == {}
    (record,) = [each for each in caplog.records if each.name == "simulator.running"]
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "the clock is broken"


def test_instant_work_goes_as_far_as_the_machines_time_and_no_date_is_later():
    moments = itertools.repeat(START + 31)
    with going_on(world(instant=True), moments) as (bench, made):
        pool = bench.checking()
        bench.fill(pool, 40)
        assert bench.client.open_pool(pool.id).is_open()
        assert START <= made.now <= START + 30


def test_time_goes_on_after_instant_work():
    moments = (START + 10**7 + at / 100 for at in itertools.count())
    with going_on(world(instant=True), moments) as (bench, made):
        pool = bench.checking()
        bench.fill(pool, 5)
        assert bench.client.open_pool(pool.id).is_closed()
        closed = made.now
        assert closed > START + 60
        until(lambda: made.now > closed + 0.02)


def test_what_is_created_at_once_is_not_dated_later_than_the_machine():
    now = START + 1000
    made = world()
    made.advance(begin_at(now, 1, 24))
    with going_on(made, itertools.repeat(now)) as (bench, _), receiving() as inbox:
        for _ in range(3):
            inbox.subscribe(bench, bench.checking().id, *EVENT_TYPES)
        dates = [each.created.timestamp() for each in bench.client.get_webhook_subscriptions()]
    assert len(set(dates)) == len(dates) == 24
    assert max(dates) < now


def test_faults_that_happened_are_counted_in_the_log(caplog):
    caplog.set_level("INFO", "simulator.running")
    faults = read_plan(options=["internal-error,nth=1"])
    with going_on(world(), itertools.repeat(START + 1000), faults=faults) as (bench, _):
        bench.client.get_requester()
    (record,) = [each for each in caplog.records if each.name == "simulator.running"]
    assert record.message == "faults that happened: internal-error 1"


def test_nothing_is_logged_of_faults_where_none_were_planned_or_the_start_was_refused(caplog, tmp_path):
    caplog.set_level("INFO", "simulator.running")
    with going_on(world(), itertools.repeat(START + 1000)) as (bench, _):
        bench.client.get_requester()
    state, faults = tmp_path / "state", read_plan(options=["lose=0.5"])
    state.write_text("my notes\n")
    stop, journal = threading.Event(), Journal(state, {})
    with pytest.raises(StateDiffers):
        run(world(), 0, 1, clock=lambda: START, stop=stop, faults=faults, journal=journal)
    assert [each for each in caplog.records if each.name == "simulator.running"] == []


@pytest.mark.parametrize(("when", "before", "after"), [("until=500", 200, 200), ("from=500", 500, 500)])
def test_a_faults_seconds_count_from_the_worlds_start_and_not_the_processs(tmp_path, when, before, after):
    faults = read_plan(options=[f"internal-error=1,path=/skills,{when}"])
    statuses = []
    for start in (START, START + 10_000):
        made = World(Crowd(), answers_by_spec, start=start, quotas=False)
        made.advance(START + 900)
        moments = itertools.repeat(START + 20_000)
        with going_on(made, moments, faults=faults, journal=Journal(tmp_path / "state", {})) as (bench, _):
            statuses.append(bench.http.get("/skills").status_code)
    assert statuses == [before, after]


@contextmanager
def going_on(made: World, moments: Iterator[float], **settings: Any) -> Iterator[tuple[Bench, World]]:
    """A world in running time, at the speed of these moments."""
    lock, stop, addresses = threading.Lock(), threading.Event(), queue.SimpleQueue[str]()

    def clock() -> float:
        with lock:
            return next(moments)

    given = {"clock": clock, "stop": stop, "started": addresses.put, **settings}
    running = threading.Thread(target=run, args=(made, 0, 1), kwargs=given)
    running.start()
    bench = Bench(made, addresses.get(timeout=30))
    try:
        yield bench, made
    finally:
        stop.set()
        running.join()
        bench.close()
