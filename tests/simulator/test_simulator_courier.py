import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from receiver import SECRET, Inbox, receiving
from simulated import HOUR, Bench, serving, world

from simulator.courier import Courier, CourierGaveUp
from simulator.delivered import Delivered, displacement
from simulator.fault_file import read_plan
from simulator.habits import USUAL, Habits
from simulator.performers import Crowd
from simulator.strikes import Strikes
from webhooks.signature import verify

KINDS = ("ASSIGNMENT_CREATED", "ASSIGNMENT_SUBMITTED", "ASSIGNMENT_APPROVED", "POOL_CLOSED")


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with receiving() as made:
        yield made


def busy(bench: Bench, inbox: Inbox, count: int = 30, **subscribe: str | None) -> str:
    pool = bench.checking()
    inbox.subscribe(bench, pool.id, *KINDS, **subscribe)
    bench.fill(pool, count)
    bench.client.open_pool(pool.id)
    bench.run()
    return pool.id


def courier_of(bench: Bench, *faults: str, seed: int = 0, habits: Habits = USUAL, **settings: Any) -> Courier:
    plan = replace(read_plan(options=faults, seed=seed), habits=habits)
    return Courier(bench.world, strikes=Strikes(plan, bench.world.now), **{"clock": time.time, **settings})


def deliver(bench: Bench, *faults: str, **settings: Any) -> tuple[Courier, Delivered]:
    courier = courier_of(bench, *faults, **settings)
    try:
        return courier, courier.deliver()
    finally:
        courier.close()


def test_every_event_is_sent_once_signed_and_true(bench, inbox):
    pool_id = busy(bench, inbox)
    courier, done = deliver(bench, clock=lambda: 1_750_000_000.25)
    pages = list(bench.client.get_assignments(pool_id=pool_id))
    told = [(event["type"], event.get("assignment_id")) for event in inbox.events]
    expected = [(kind, page.id) for kind in KINDS[:3] for page in pages]
    assert sorted(told, key=str) == sorted([*expected, ("POOL_CLOSED", None)], key=str)
    assert done.sent == len(told)
    assert courier.sent_at == {event["uuid"]: 1_750_000_000.25 for event in inbox.events}
    for signature, body in inbox.requests:
        assert verify(signature, body, [SECRET]) == 1_750_000_000_250
    assert bench.world.due_notices() == []
    assert deliver(bench)[1] == Delivered()


def test_events_carry_the_exact_time_and_what_they_are_about(bench, inbox):
    pool_id = busy(bench, inbox)
    deliver(bench)
    submitted = next(event for event in inbox.events if event["type"] == "ASSIGNMENT_SUBMITTED")
    page = bench.client.get_assignment(submitted["assignment_id"])
    assert submitted["event_time"] == page.submitted.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    assert (submitted["task_suite_id"], submitted["pool_id"]) == (page.task_suite_id, pool_id)
    closed = next(event for event in inbox.events if event["type"] == "POOL_CLOSED")
    assert (closed["close_reason"], closed["project_id"]) == ("COMPLETED", bench.client.get_pool(pool_id).project_id)


def test_without_a_secret_there_is_no_signature(bench, inbox):
    busy(bench, inbox, secret=None)
    deliver(bench)
    assert {signature for signature, _ in inbox.requests} == {None}


def test_the_same_run_has_the_same_uuids(inbox):
    uuids = []
    for _ in range(2):
        with serving() as bench:
            busy(bench, inbox)
            uuids.append([notice.uuid for notice in bench.world.due_notices()])
    assert uuids[0] == uuids[1]
    assert len(uuids[0]) == len(set(uuids[0])) > 10


def test_envelopes_hold_at_most_so_many_and_connections_are_kept(bench, inbox):
    busy(bench, inbox, 200)
    deliver(bench, habits=Habits(batch_max=3))
    sizes = [body.count(b'"uuid"') for _, body in inbox.requests]
    assert max(sizes) == 3
    assert len(inbox.connections) <= 4 < len(inbox.requests)


def test_a_receiver_that_refuses_gets_it_again_until_it_answers(bench, inbox):
    busy(bench, inbox, 10)
    inbox.statuses = [503, 500]
    _, done = deliver(bench)
    assert len(inbox.requests) == 3
    assert len({body for _, body in inbox.requests}) == 1
    assert done.sent * 3 == len(inbox.events)


def test_a_receiver_that_stays_away_is_given_up_and_nothing_is_forgotten(bench):
    with receiving() as inbox:
        busy(bench, inbox)
    before = bench.world.due_notices()
    with pytest.raises(CourierGaveUp, match=inbox.url.split("?", maxsplit=1)[0]):
        deliver(bench, patience=0.1)
    assert bench.world.due_notices() == before
    assert bench.world.next_event_at() == before[0].at
    with receiving(inbox.server_address[1]) as back:
        deliver(bench)
    assert len(back.events) == len(before)


def test_repeating_sends_everything_twice(bench, inbox):
    busy(bench, inbox)
    _, done = deliver(bench, "repeat=1")
    uuids = [event["uuid"] for event in inbox.events]
    assert sorted(uuids) == sorted(list(set(uuids)) * 2)
    assert (done.repeated, done.sent) == (len(uuids) // 2, len(uuids))


def test_losing_strikes_the_stated_share_the_same_each_time(inbox):
    counts = set()
    for _ in range(2):
        with serving() as bench:
            busy(bench, inbox, 400)
            total = len(bench.world.due_notices())
            _, done = deliver(bench, "lose=0.3", seed=5)
            assert bench.world.due_notices() == []
        assert 0.2 < done.lost / total < 0.4
        assert done.sent + done.lost == total
        counts.add(done.lost)
    assert len(counts) == 1


def test_shuffling_moves_most_and_says_by_how_much(bench, inbox):
    busy(bench, inbox, 100)
    straight = [notice.uuid for notice in bench.world.due_notices()]
    courier, done = deliver(bench, "shuffle=1", habits=Habits(batch_max=1000))
    arrived = [event["uuid"] for event in inbox.events]
    assert sorted(arrived) == sorted(straight)
    moved = [abs(arrived.index(uuid) - place) for place, uuid in enumerate(straight)]
    assert (done.displaceable, done.places) == (len(straight), sum(moved))
    assert done.displaced == sum(move > 0 for move in moved) > len(straight) / 2
    assert courier.total == done


def test_two_notifications_are_always_exchanged(bench, inbox):
    busy(bench, inbox, 100)
    notices = bench.world.due_notices()[:2]
    bench.world.forget_notices(bench.world.due_notices()[2:])
    _, done = deliver(bench, "shuffle=1")
    assert [event["uuid"] for event in inbox.events] == [notice.uuid for notice in reversed(notices)]
    assert (done.displaced, done.places) == (2, 2)
    assert displacement(notices[:1], notices[:1]) == Delivered()


def test_skips_and_expiries_and_refusals_are_told_too(inbox):
    with serving(world(Crowd(skip=0.3, expire=0.3))) as bench:
        pool = bench.outlining()
        kinds = ("ASSIGNMENT_SKIPPED", "ASSIGNMENT_EXPIRED", "ASSIGNMENT_REJECTED")
        inbox.subscribe(bench, pool.id, *kinds)
        bench.fill(pool, 20)
        bench.client.open_pool(pool.id)
        bench.world.advance(bench.world.now + 5 * HOUR)
        page = next(iter(bench.client.get_assignments(pool_id=pool.id, status="SUBMITTED")))
        bench.client.reject_assignment(page.id, "no")
        deliver(bench)
    assert {event["type"] for event in inbox.events} == set(kinds)
