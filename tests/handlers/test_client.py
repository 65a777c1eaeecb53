import time

import pytest
import toloka.client as toloka
from front import said, standing_in_front
from shop import START, Clock

from handlers.client import Budget, PacedClient, PlatformClock, base_url


def test_a_budget_spreads_requests_evenly():
    clock = Clock(0.0)
    budget = Budget(1000.0, clock)
    slots = []
    for _ in range(5):
        budget.take()
        slots.append(budget.next_at)
    assert slots == pytest.approx([0.001, 0.002, 0.003, 0.004, 0.005])


def test_a_budget_that_was_not_used_is_not_saved_up():
    clock = Clock(0.0)
    budget = Budget(1000.0, clock)
    budget.take()
    clock.now = 60.0
    budget.take()
    assert budget.next_at == pytest.approx(60.001)


def test_a_budget_really_waits():
    budget = Budget(100.0, time.monotonic)
    started = time.monotonic()
    for _ in range(6):
        budget.take()
    assert time.monotonic() - started >= 0.05


def test_platform_time_is_the_machines_until_toloka_has_said_it():
    clock = PlatformClock(Clock(5.0), Clock(1000.0))
    assert (clock(), clock.skew) == (1000.0, None)


def test_platform_time_is_what_toloka_said_plus_what_passed_since():
    machine, wall = Clock(5.0), Clock(1_700_000_100.0)
    clock = PlatformClock(machine, wall)
    clock.note("Tue, 14 Nov 2023 22:13:20 GMT")
    assert (clock(), clock.skew) == (START, -100.0)
    machine.now += 30.0
    wall.now -= 3600.0
    assert clock() == START + 30.0


@pytest.mark.parametrize("date", [None, "", "yesterday", "Tue, 99 Nov 2023"])
def test_a_date_that_cannot_be_read_changes_nothing(date):
    clock = PlatformClock(Clock(5.0), Clock(1000.0))
    clock.note(date)
    assert (clock(), clock.skew) == (1000.0, None)


def test_the_client_reads_the_platforms_time_from_every_answer(shop):
    shop.gateway.account()
    shop.clock.now += 10.0
    clock = shop.gateway.client._platform_clock
    assert clock() == START + 10.0
    shop.world.advance(START + 500.0)
    shop.gateway.account()
    assert clock() == START + 500.0


def test_the_client_asks_the_budget_and_counts():
    clock = Clock(0.0)
    budget = Budget(1e6, clock)
    with standing_in_front() as front:
        client = PacedClient("token", front.url, budget, PlatformClock(clock, clock))
        front.answer("GET /requester", *[said(200, {"id": "me", "balance": 1})] * 3)
        for _ in range(3):
            client.get_requester()
        client.close()
    assert client.requests == {"GET": 3}
    assert budget.next_at == pytest.approx(3e-6)


def test_threads_do_not_share_a_connection(shop):
    clients = shop.gateway.each(lambda _: id(shop.gateway.client._session_for_thread(0)), list(range(50)))
    assert 1 <= len(set(clients)) <= 4
    assert id(shop.gateway.client._session_for_thread(0)) not in clients


@pytest.mark.parametrize("name", ["production", "PRODUCTION", "SANDBOX"])
def test_an_environment_has_a_name(name):
    assert base_url(name) == toloka.TolokaClient.Environment[name.upper()].value


def test_any_other_environment_is_an_address():
    assert base_url("http://127.0.0.1:8090") == "http://127.0.0.1:8090"
