import threading

import httpx
import pytest
from simulated import START, serving

from simulator.elements.clock import Gate, iso, seconds


def test_dates_are_utc_with_milliseconds_and_no_zone():
    assert iso(1_700_000_000.125) == "2023-11-14T22:13:20.125"
    assert seconds("2023-11-14T22:13:20.125") == 1_700_000_000.125
    assert seconds("2023-11-14T23:13:20.125+01:00") == 1_700_000_000.125
    with pytest.raises(ValueError, match="Invalid isoformat"):
        seconds("tomorrow")
    assert iso(seconds("0486-10-21")) == "0486-10-21T00:00:00.000"


def test_an_open_tick_is_handed_out_until_it_is_done():
    gate = Gate()
    assert gate.wait(0, 0) is None
    assert gate.open(100.0) == 1
    assert gate.wait(0, 0) == gate.wait(0, 0) == (1, 100.0)
    assert gate.wait_done(1, 0) == (False, None)
    gate.done(1, 250.0)
    assert gate.wait_done(1, 0) == (True, 250.0)
    assert gate.wait(0, 0) is None


def test_a_worker_that_knows_the_tick_waits_for_the_next():
    gate = Gate()
    gate.open(100.0)
    assert gate.wait(1, 0) is None
    found: list[tuple[int, float] | None] = []
    waiting = threading.Thread(target=lambda: found.append(gate.wait(1, 10)))
    waiting.start()
    gate.done(1, None)
    gate.open(130.0)
    waiting.join()
    assert found == [(2, 130.0)]


def test_the_done_of_an_older_tick_does_not_end_the_present_one():
    gate = Gate()
    gate.open(100.0)
    gate.open(130.0)
    gate.done(1, None)
    assert gate.wait_done(2, 0) == (False, None)
    assert gate.wait(0, 0) == (2, 130.0)


def test_the_gate_over_http():
    gate = Gate()
    with serving(gate=gate) as bench, httpx.Client(base_url=bench.url) as http:
        assert http.get("/simulator/gate?after=0&seconds=0").status_code == 204
        gate.open(START + 30)
        assert http.get("/simulator/gate?after=0&seconds=5").json() == {"tick": 1, "now": START + 30}
        assert http.post("/simulator/gate/1/done", json={"next_due_at": "soon"}).status_code == 400
        assert http.post("/simulator/gate/1/done", json={"next_due_at": START + 90}).status_code == 204
        assert gate.wait_done(1, 0) == (True, START + 90)
        assert http.get("/simulator/gate?after=0&seconds=0").status_code == 204


def test_without_a_gate_its_address_is_not_found(bench):
    assert httpx.get(f"{bench.url}/simulator/gate").json()["code"] == "NOT_FOUND"
