import itertools
import json
import socket
import threading
from typing import Any

import httpx
import pytest
from receiver import receiving
from simulated import Bench, serving, world
from toloka.client.filter import Languages

from simulator.server import Simulator, begin_at, run
from simulator.world import World


def test_connections_are_kept_for_many_requests(bench):
    host, port = bench.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection, connection.makefile("rb") as answer:
        for _ in range(3):
            connection.sendall(b"GET /simulator/time HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answer.readline() == b"HTTP/1.1 200 OK\r\n"
            lengths = [int(line.split(b":")[1]) for line in iter(answer.readline, b"\r\n") if b"Content-Length" in line]
            assert json.loads(answer.read(lengths[0])) == {"now": bench.world.now}


def test_a_client_that_asks_before_it_sends_is_told_to(bench):
    host, port = bench.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection, connection.makefile("rb") as answer:
        head = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        connection.sendall(head)
        assert answer.readline() == b"HTTP/1.1 100 Continue\r\n"
        connection.sendall(b"{}")
        assert answer.readline() == b"\r\n"
        assert answer.readline().startswith(b"HTTP/1.1 40")


def test_a_port_in_use_is_an_os_error(bench):
    port = int(bench.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        Simulator(world(), gate=None, files=None, port=port)


def test_a_stopped_simulator_frees_its_port_and_ends_its_connections():
    with serving() as bench:
        http = httpx.Client(base_url=bench.url)
        http.get("/simulator/time")
    with pytest.raises(httpx.TransportError):
        http.get("/simulator/time")
    http.close()
    port = int(bench.url.rsplit(":", 1)[1])
    with serving(port=port) as again:
        assert again.url == bench.url


def test_a_simulator_that_never_started_can_be_stopped():
    Simulator(world(), gate=None, files=None).stop()


def test_instant_mode_answers_an_opening_when_the_work_is_done():
    with serving(world(instant=True)) as bench:
        pool = bench.outlining()
        bench.fill(pool, 5)
        assert bench.client.open_pool(pool.id).is_closed()
        pages = list(bench.client.get_assignments(pool_id=pool.id, status="SUBMITTED"))
        assert len(pages) == 5


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
    assert made.stranded() == {pool.id: 3}
    (record,) = told(caplog)
    assert (record.message, record.pool_id) == ("nobody is left who may take the pool's tasks", pool.id)


def told(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [each for each in caplog.records if each.name == "simulator.server"]


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
    assert begin_at(1000.0, 1, 5) == 1000.0
    assert begin_at(10_000_000.0, 101, 2) == 10_000_000.0 - 100 * 2 * 3600
