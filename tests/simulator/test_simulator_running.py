import itertools
import socket
import threading
from typing import Any

import httpx
import pytest
from receiver import receiving
from simulated import Bench, world
from toloka.client.filter import Languages

from simulator.running import begin_at, run
from simulator.world import World


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
    return [each for each in caplog.records if each.name == "simulator.stranding"]


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
