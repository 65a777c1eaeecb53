"""Lanes: one worker at a time on a pool, and an order that does not depend on what arrived first."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest
from store_examples import Clock, Deployment, accept, arrive, claimed, pool_closed, submitted, to_one_handler

from store.contract import Store
from store.errors import LaneLost
from store.records import Delivery, Event, EventState, Lane, Route


def drained(store: Store, owner: str = "ann", limit: int = 100) -> list[Delivery]:
    """Claim and decide until nothing is pending; return the deliveries in the order of their claims."""
    seen: list[Delivery] = []
    while (taken := store.claim(owner, 60.0, limit)) is not None:
        lane, deliveries = taken
        store.decide(lane, [each.id for each in deliveries], [], [], 1.0)
        seen += deliveries
    return seen


def test_each_new_event_gets_a_delivery_per_route(store: Store) -> None:
    def router(event: Event) -> list[Route]:
        return [Route("p", "main", "pay"), Route("p", "main", "count")] if event.type == "POOL_CLOSED" else []

    store.append([(b"", [pool_closed("u1"), submitted("a1")])])
    assert store.route(router) == 2
    assert [(each.handler, each.event.uuid) for each in drained(store)] == [("count", "u1"), ("pay", "u1")]
    assert {logged.event.state for logged in store.events().events} == {EventState.ROUTED}


def test_an_event_is_routed_once(store: Store) -> None:
    arrive(store, [submitted("a1")])
    assert store.route(to_one_handler) == 0
    assert len(drained(store)) == 1


def test_ignored_and_dead_events_are_never_routed(store: Store) -> None:
    odd = [Event(f"u{state}", "X", "p", 1.0, state=state) for state in (EventState.IGNORED, EventState.DEAD)]
    store.append([(b"", odd)])
    assert store.route(to_one_handler) == 0


def test_routing_goes_on_where_its_limit_stopped_it(store: Store) -> None:
    store.append([(b"", [submitted(f"a{n}") for n in range(5)])])
    assert [store.route(to_one_handler, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_two_workers_that_route_at_once_share_the_events(deployment: Deployment) -> None:
    first, second = deployment.open(), deployment.open()
    first.append([(b"", [submitted("a1"), submitted("a2")])])
    routed_by_second: list[int] = []

    def router(event: Event) -> list[Route]:
        routed_by_second.append(second.route(to_one_handler))
        return to_one_handler(event)

    assert (first.route(router), routed_by_second) == (0, [2, 0])
    assert len(drained(first)) == 2


@pytest.mark.parametrize("arrival", list(permutations(range(4))))
def test_deliveries_are_claimed_by_time_and_key_whatever_arrived_first(store: Store, arrival: tuple[int, ...]) -> None:
    events = [submitted("b", 1.0), submitted("c", 1.0), pool_closed("u-late", 2.0), submitted("a", 3.0)]
    arrive(store, [events[n] for n in arrival])
    assert [each.event.uuid for each in drained(store, limit=3)] == [each.uuid for each in events]


def test_the_lane_with_the_earliest_delivery_comes_first(store: Store) -> None:
    arrive(store, [submitted("a1", 5.0, "outlining"), submitted("c1", 4.0, "checking")])
    taken = [store.claim(owner, 60.0) for owner in ("ann", "bob")]
    assert [each[0].pool_id for each in taken if each is not None] == ["checking", "outlining"]


def test_a_held_lane_is_left_alone_and_its_holder_may_come_again(store: Store) -> None:
    lane, deliveries = claimed(store, submitted("a1"))
    assert store.claim("bob", 60.0) is None
    again = store.claim("ann", 60.0)
    assert again is not None
    assert again[0] == lane
    assert [(each.id, each.attempts) for each in again[1]] == [(deliveries[0].id, 2)]


def test_a_lane_given_back_is_free_and_has_a_new_epoch(store: Store) -> None:
    lane, _ = claimed(store, submitted("a1"))
    store.release(lane)
    taken = store.claim("bob", 60.0)
    assert taken is not None
    assert taken[0] == Lane("outlining", "bob", lane.epoch + 1)


def test_giving_back_a_lane_that_was_lost_takes_it_from_nobody(store: Store, clock: Clock) -> None:
    lane, _ = claimed(store, submitted("a1"))
    clock.now += 61
    taken = store.hold_lane("outlining", "bob", 60.0)
    store.release(lane)
    assert taken is not None
    store.extend(taken, 60.0)


def test_a_worker_that_slept_past_its_lease_can_write_nothing(store: Store, clock: Clock) -> None:
    lane, (delivery,) = claimed(store, submitted("a1"))
    clock.now += 60
    taken = store.claim("bob", 60.0)
    assert taken is not None
    writes = [
        lambda: store.decide(lane, [delivery.id], [(delivery.id, accept("a1"))], [], 1.0),
        lambda: store.fail(lane, delivery.id, "late", park=True),
        lambda: store.extend(lane, 60.0),
        lambda: store.fix_calls(lane, [], []),
        lambda: store.mark_sent(lane, []),
        lambda: store.settle(lane, [], []),
    ]
    for write in writes:
        with pytest.raises(LaneLost, match="outlining"):
            write()
    assert store.decision("verdict:a1") is None
    assert store.decide(taken[0], [delivery.id], [(delivery.id, accept("a1"))], [], 1.0)[0].key == "verdict:a1"


def test_a_lease_that_ended_untaken_still_counts(store: Store, clock: Clock) -> None:
    lane, (delivery,) = claimed(store, submitted("a1"))
    clock.now += 600
    store.decide(lane, [delivery.id], [], [], 1.0)
    assert store.workload(1.0).pending == 0


def test_an_extended_lease_lasts_longer(store: Store, clock: Clock) -> None:
    lane, _ = claimed(store, submitted("a1"))
    store.extend(lane, 300.0)
    clock.now += 299
    assert store.claim("bob", 60.0) is None
    clock.now += 1
    assert store.claim("bob", 60.0) is not None


def test_a_lease_from_before_the_clock_was_set_back_does_not_block(store: Store, clock: Clock) -> None:
    claimed(store, submitted("a1"))
    clock.now -= 59
    assert store.claim("bob", 60.0) is None
    clock.now -= 3600
    assert store.claim("bob", 60.0) is not None


def test_one_lane_can_be_held_by_name(store: Store) -> None:
    lane = store.hold_lane("checking", "ann", 60.0)
    assert lane == Lane("checking", "ann", 1)
    assert store.hold_lane("checking", "bob", 60.0) is None
    assert store.hold_lane("checking", "ann", 60.0) == lane


def test_a_failed_delivery_waits_for_its_time_while_others_go_on(store: Store, clock: Clock) -> None:
    lane, deliveries = claimed(store, submitted("a1", 1.0), submitted("a2", 2.0))
    store.fail(lane, deliveries[0].id, "KeyError: 'image'", park=False, retry_at_machine=clock.now + 10)
    assert [each.event.assignment_id for each in drained(store)] == ["a2"]
    clock.now += 10
    taken = store.claim("ann", 60.0)
    assert taken is not None
    assert [(each.attempts, each.last_error) for each in taken[1]] == [(2, "KeyError: 'image'")]


def test_a_parked_delivery_rests_until_a_person_lets_it_go(store: Store) -> None:
    lane, (delivery,) = claimed(store, submitted("a1"))
    store.fail(lane, delivery.id, "half a character: \ud800", park=True)
    assert store.claim("ann", 60.0) is None
    store.unpark(delivery.id)
    taken = store.claim("ann", 60.0)
    assert taken is not None
    assert (taken[1][0].attempts, taken[1][0].last_error) == (1, "half a character: \\ud800")


def test_only_a_pending_delivery_fails_and_only_a_parked_one_is_let_go(store: Store) -> None:
    lane, (delivery,) = claimed(store, submitted("a1"))
    with pytest.raises(ValueError, match="not parked"):
        store.unpark(delivery.id)
    store.decide(lane, [delivery.id], [], [], 1.0)
    with pytest.raises(ValueError, match="not pending"):
        store.fail(lane, delivery.id, "late", park=False)


def test_a_claim_takes_no_more_than_its_limit(store: Store) -> None:
    arrive(store, [submitted(f"a{n}") for n in range(5)])
    taken = store.claim("ann", 60.0, limit=3)
    assert taken is not None
    assert [each.event.assignment_id for each in taken[1]] == ["a0", "a1", "a2"]


def test_eight_workers_never_share_a_lane_and_do_everything_once(store: Store) -> None:
    arrive(store, [submitted(f"{pool}-{n}", float(n), pool) for pool in ("p1", "p2", "p3") for n in range(20)])
    guard, working, shared, done = threading.Lock(), set[str](), list[str](), list[Delivery]()

    def work(owner: str) -> None:
        while store.workload(1.0).pending:
            taken = store.claim(owner, 60.0, limit=4)
            if taken is None:
                continue
            lane, deliveries = taken
            with guard:
                shared.extend({lane.pool_id} & working)
                working.add(lane.pool_id)
            store.decide(lane, [each.id for each in deliveries], [], [], 1.0)
            with guard:
                working.discard(lane.pool_id)
                done.extend(deliveries)
            store.release(lane)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, [f"worker-{n}" for n in range(8)]))
    assert shared == []
    assert sorted(each.event.uuid for each in done) == sorted({each.event.uuid for each in done})
    assert len(done) == 60
    assert {each.attempts for each in done} == {1}


def test_an_attempt_that_was_nobodys_fault_is_not_counted(store: Store, clock: Clock) -> None:
    lane, (first, second) = claimed(store, submitted("a1"), submitted("a2"))
    store.give_back(lane, [first.id])
    again = store.claim("ann", 60.0)
    assert again is not None
    assert [(each.id, each.attempts) for each in again[1]] == [(first.id, 1), (second.id, 2)]
    clock.now += 61
    assert store.claim("bob", 60.0) is not None
    with pytest.raises(LaneLost):
        store.give_back(lane, [first.id])
