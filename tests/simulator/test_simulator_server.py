import httpx
import pytest
from simulated import serving, world

from simulator.server import Simulator


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
