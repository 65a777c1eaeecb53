import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from receiver import SECRET, Inbox, receiving
from simulated import HOUR, Bench, serving, until, world

from simulator.courier import Courier, CourierGaveUp
from simulator.crowd.performers import Crowd
from simulator.delivery.delivered import Delivered, displacement
from simulator.delivery.habits import USUAL, Habits, Retry
from simulator.elements.clock import seconds
from simulator.faults.file import read_plan
from simulator.faults.notice_faults import NOTICES
from simulator.faults.plans import NO_FAULTS
from simulator.faults.strikes import Strikes
from webhooks.signature import BadSignature, verify

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


def test_of_one_moment_what_follows_comes_later(bench, inbox):
    pool_id = busy(bench, inbox, 100, secret=None)
    deliver(bench, habits=Habits(batch_max=1000))
    for page in bench.client.get_assignments(pool_id=pool_id):
        told = [event["type"] for event in inbox.events if event.get("assignment_id") == page.id]
        assert told == list(KINDS[:3])
    assert inbox.events[-1]["type"] == "POOL_CLOSED"


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


# what goes wrong on the way; seen by the receiver


def test_a_late_one_comes_when_its_time_has_come(bench, inbox):
    pool_id = busy(bench, inbox)
    courier = courier_of(bench, "delay=1,seconds=90,event=POOL_CLOSED")
    last = max(notice.at for notice in bench.world.due_notices())
    sent = courier.deliver().sent
    assert "POOL_CLOSED" not in {event["type"] for event in inbox.events}
    assert bench.world.next_event_at() == bench.world.now + 90
    bench.world.advance(bench.world.now + 90)
    assert courier.deliver().sent == 1
    courier.close()
    late = inbox.events[-1]
    assert (late["type"], late["pool_id"], len(inbox.events)) == ("POOL_CLOSED", pool_id, sent + 1)
    assert seconds(late["event_time"]) == last


@pytest.mark.parametrize("spread", ["fixed", "uniform", "exponential"])
def test_delays_are_spread_as_asked(bench, inbox, spread):
    busy(bench, inbox, 300)
    count = len(bench.world.due_notices())
    deliver(bench, f"delay=1,seconds=100,spread={spread}")
    waits = [notice.moment - bench.world.now for notice in bench.world.state.notices.values()]
    assert len(waits) == count
    assert 70 < sum(waits) / len(waits) < 130
    assert (len(set(waits)) == 1) == (spread == "fixed")
    assert max(waits) <= (100 if spread == "fixed" else 200 if spread == "uniform" else 500)


def test_the_second_of_two_may_come_later(bench, inbox):
    busy(bench, inbox)
    courier = courier_of(bench, "repeat=1,seconds=60")
    first = courier.deliver()
    assert (first.repeated, first.sent) == (0, len(inbox.events))
    bench.world.advance(bench.world.now + 60)
    again = courier.deliver()
    courier.close()
    assert (again.repeated, again.sent) == (first.sent, first.sent)
    uuids = [event["uuid"] for event in inbox.events]
    assert sorted(uuids) == sorted(2 * uuids[: first.sent])
    assert bench.world.due_notices() == []


def test_one_is_overtaken_by_the_next_delivery(bench, inbox):
    busy(bench, inbox)
    courier = courier_of(bench, "overtake,nth=1,seconds=90000")
    first = bench.world.due_notices()[0].uuid
    courier.deliver()
    assert first not in {event["uuid"] for event in inbox.events}
    busy(bench, inbox)
    courier.deliver()
    courier.close()
    assert inbox.events[-1]["uuid"] == first


def test_one_that_nobody_overtakes_comes_by_itself(bench, inbox):
    busy(bench, inbox)
    courier = courier_of(bench, "overtake,nth=1,seconds=300")
    courier.deliver()
    bench.world.advance(bench.world.now + 300)
    assert courier.deliver().sent == 1
    courier.close()


def test_a_wrong_signature_comes_first_and_is_followed_by_a_right_one(bench, inbox):
    busy(bench, inbox)
    inbox.accepts = verifies
    count = len(bench.world.due_notices())
    deliver(bench, "sign-wrongly=1")
    good = [verifies(signature, body) for signature, body in inbox.requests]
    assert good.count(False) == good.count(True) > 0
    assert len(inbox.events) == 2 * count


def test_a_connection_that_was_closed_meanwhile_uses_up_no_attempt(bench, inbox):
    busy(bench, inbox, 100)
    inbox.accepts = verifies
    inbox.hangs_up = True
    count = len(bench.world.due_notices())
    habits = Habits(batch_max=1, retry=Retry(first=10))
    courier = courier_of(bench, "sign-wrongly=1", habits=habits)
    assert courier.deliver().sent == 0
    assert len(inbox.requests) == count
    bench.world.advance(bench.world.now + 10)
    assert courier.deliver().sent == count
    courier.close()
    good = [verifies(signature, body) for signature, body in inbox.requests]
    assert good == [False] * count + [True] * count


def verifies(signature: str | None, body: bytes) -> bool:
    try:
        return verify(signature, body, [SECRET]) > 0
    except BadSignature:
        return False


def test_a_truncated_body_comes_first_and_is_followed_by_a_whole_one(bench, inbox):
    busy(bench, inbox)
    count = len(bench.world.due_notices())
    deliver(bench, "truncate=1")
    whole = [body for _, body in inbox.requests if body.endswith(b"]}")]
    assert len(inbox.requests) == 2 * len(whole)
    assert sum(body.count(b'"uuid"') for body in whole) == count


def test_a_skewed_clock_dates_event_and_signature_ahead(bench, inbox):
    busy(bench, inbox)
    times = {notice.uuid: notice.at for notice in bench.world.due_notices()}
    deliver(bench, "skew=1,seconds=600", clock=lambda: 1_750_000_000.0)
    assert {verify(signature, body, [SECRET]) for signature, body in inbox.requests} == {1_750_000_600_000}
    assert all(seconds(event["event_time"]) == times[event["uuid"]] + 600 for event in inbox.events)


@pytest.mark.parametrize(("haunt", "told"), [("", 0), ("haunt=1", 1)])
def test_a_deleted_subscription_may_haunt(haunt, told):
    with receiving() as inbox, serving(faults=read_plan(options=[haunt] if haunt else [])) as bench:
        pool = bench.checking()
        (identity,) = inbox.subscribe(bench, pool.id, "POOL_CLOSED")
        bench.client.delete_webhook_subscription(identity)
        bench.fill(pool, 5)
        bench.client.open_pool(pool.id)
        bench.run()
        courier = Courier(bench.world, time.time, strikes=bench.simulator.strikes)
        done = courier.deliver()
        courier.close()
        assert [event["webhook_subscription_id"] for event in inbox.events] == told * [identity]
        assert (done, bench.world.due_notices()) == (Delivered(sent=told), [])


def test_a_part_of_a_delivery_is_shuffled(bench, inbox):
    busy(bench, inbox, 100)
    straight = [notice.uuid for notice in bench.world.due_notices()]
    _, done = deliver(bench, "shuffle=0.3", habits=Habits(batch_max=1000))
    assert 0 < done.displaced < len(straight) / 2
    assert sorted(event["uuid"] for event in inbox.events) == sorted(straight)


def test_pools_that_accept_by_themselves_may_tell_of_the_acceptance_alone(inbox):
    plan = replace(NO_FAULTS, habits=Habits(submitted_in_auto_accept=False))
    with serving(faults=plan) as bench:
        busy(bench, inbox)
        deliver(bench)
        assert {event["type"] for event in inbox.events} == {*KINDS} - {"ASSIGNMENT_SUBMITTED"}
        assert "ASSIGNMENT_SUBMITTED" in {line["kind"] for line in bench.world.history()}


# without waiting


def look_until(courier: Courier, happens: Callable[[], bool]) -> None:
    """Look after what waits until that happens."""

    def looked() -> bool:
        courier.look_after()
        return happens()

    until(looked)


def test_one_is_overtaken_by_the_next_delivery_to_its_own_address(bench, inbox):
    with receiving() as other:
        busy(bench, inbox)
        courier = courier_of(bench, "overtake,nth=1,seconds=90000")
        (first, *rest) = [notice.uuid for notice in bench.world.due_notices()]
        look_until(courier, lambda: courier.total.sent == len(rest))
        busy(bench, other)
        among = len(bench.world.due_notices())
        look_until(courier, lambda: courier.total.sent == len(rest) + among)
        assert first not in {event["uuid"] for event in inbox.events}
        busy(bench, inbox)
        look_until(courier, lambda: not bench.world.state.notices)
        courier.close()
    uuids = [event["uuid"] for event in inbox.events]
    assert set(rest) < set(uuids[: uuids.index(first)])
    assert uuids[-1] == first


def test_many_receivers_that_hang_do_not_keep_up_another(bench, inbox):
    with ExitStack() as standing:
        hanging = [standing.enter_context(receiving()) for _ in range(6)]
        for each in hanging:
            each.answering.clear()
            busy(bench, each)
        courier = courier_of(bench, habits=Habits(batch_max=1, timeout=120.0, retry=Retry()))
        courier.look_after()
        waiting = len(bench.world.due_notices())
        busy(bench, inbox)
        look_until(courier, lambda: len(bench.world.due_notices()) == waiting)
        assert courier.total.sent == len(inbox.events) > 0
        for each in hanging:
            each.answering.set()
        look_until(courier, lambda: not bench.world.state.notices)
        courier.close()


def test_what_nobody_foresaw_is_not_hidden_from_who_waits(bench, inbox):
    busy(bench, inbox)

    def clock() -> float:
        raise RuntimeError("the clock is broken")

    with pytest.raises(RuntimeError, match="the clock is broken"):
        deliver(bench, clock=clock)


# again and again


def test_a_receiver_that_is_down_gets_it_after_growing_pauses(bench, inbox):
    busy(bench, inbox)
    inbox.statuses = [503] * 1000
    courier = courier_of(bench, habits=Habits(batch_max=1000, retry=Retry(first=10, factor=3, longest=60)))
    start, tries = bench.world.now, []
    for _ in range(4):
        courier.deliver()
        tries.append(bench.world.now - start)
        bench.world.advance(bench.world.next_event_at() or 0.0)
    assert tries == [0, 10, 40, 100]
    inbox.statuses = []
    assert courier.deliver().sent == courier.total.sent
    courier.close()
    assert bench.world.due_notices() == []


@pytest.mark.parametrize(
    ("retry", "tries", "pause"),
    [
        (Retry(first=0.001, factor=100, longest=0.001), 160, 0.001),
        (Retry(first=0.01, factor=100.0, longest=1.0), 10**6, 1.0),
        (Retry(first=1.0, factor=1.0001, longest=600.0), 3001, 1.0001**3000),
        (Retry(first=1.0, factor=1.0, longest=600.0), 10**6, 1.0),
    ],
)
def test_pauses_grow_up_to_the_longest_however_often_it_was_tried(retry, tries, pause):
    assert retry.pause(tries) == pause


def test_what_nobody_takes_is_given_up_and_told(bench, inbox, caplog):
    busy(bench, inbox)
    inbox.statuses = [503] * 1000
    count = len(bench.world.due_notices())
    courier = courier_of(bench, habits=Habits(retry=Retry(first=10, give_up_after=0)))
    courier.deliver()
    courier.close()
    assert courier.total.given_up == count
    assert (courier.total.sent, bench.world.next_event_at()) == (0, None)
    assert [each.message for each in caplog.records].count("notification given up") == count


def test_the_same_faults_strike_the_same_notifications_every_time_and_are_written_down():
    written = []
    for _ in range(2):
        with receiving() as inbox, serving() as bench:
            busy(bench, inbox, 100)
            courier = courier_of(bench, "lose=0.2", "delay=0.2", "sign-wrongly=0.2", history=bench.simulator.history)
            courier.deliver()
            courier.close()
            lines = map(json.loads, bench.simulator.history.after(0, 1000).splitlines())
            written.append([(line["fault"], line["notification"]) for line in lines if "notification" in line])
    assert written[0] == written[1]
    assert {kind for kind, _ in written[0]} == {"lose", "delay", "sign-wrongly"}


def test_every_kind_was_seen():
    tests = Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in NOTICES if f'"{kind}' not in tests] == []
