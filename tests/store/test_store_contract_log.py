"""The log: what arrives is kept once, and can be looked through."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
from store_examples import Clock, Deployment, accept, arrive, ask, claimed, decided, pool_closed, reject, submitted

from store.contract import Store
from store.records import Attempt, CallState, DecisionState, Event, EventState, NewCall, Outcome, Workload


def test_every_event_of_every_request_is_answered_for(store: Store) -> None:
    answers = store.append([(b"one", [submitted("a1"), submitted("a2")]), (b"two", []), (b"three", [submitted("a3")])])
    assert answers == [[True, True], [], [True]]
    assert store.events().total == 3


def test_a_uuid_is_stored_once_within_and_across_requests(store: Store) -> None:
    event = pool_closed("u1")
    assert store.append([(b"", [event, event]), (b"", [event])]) == [[True, False], [False]]
    assert store.append([(b"", [event])]) == [[False]]
    assert store.events().total == 1


def test_a_natural_key_is_stored_once_whoever_tells_it(store: Store) -> None:
    told = submitted("a1")
    found = replace(told, uuid="found-by-looking", source="reconciler")
    assert store.append([(b"", [told]), (b"", [found])]) == [[True], [False]]
    assert store.events().events[0].event.source == "webhook"


def test_events_without_a_natural_key_may_repeat(store: Store) -> None:
    assert store.append([(b"", [pool_closed("u1"), pool_closed("u2")])]) == [[True, True]]


def test_the_same_requests_from_four_threads_at_once_are_stored_once(store: Store) -> None:
    requests = [[submitted(f"a{n}"), pool_closed(f"u{n}")] for n in range(25)]

    def send_all(_: int) -> int:
        return sum(sum(store.append([(b"{}", request)])[0]) for request in requests)

    with ThreadPoolExecutor(4) as threads:
        new = list(threads.map(send_all, range(4)))
    assert sum(new) == 50
    assert store.events().total == 50


def test_an_event_is_read_as_it_was_written(store: Store, clock: Clock) -> None:
    clock.now = 77.5
    event = Event(
        uuid="u1",
        type="UNHEARD_OF",
        pool_id="7",
        event_time=12.25,
        assignment_id="a1",
        task_id="t1",
        source="crowdhook",
        state=EventState.IGNORED,
        reason="unknown type",
        payload={"b": [1, None], "a": "höhe ☃ \x00 \ud800"},
    )
    store.append([(b"\xff raw \x00", [event])])
    file = store.event_file(1)
    assert file is not None
    assert (file.event.event, file.event.received_at, file.body) == (event, 77.5, b"\xff raw \x00")


def test_decimals_become_numbers_and_other_objects_are_refused(store: Store) -> None:
    store.append([(b"", [replace(pool_closed("u1"), payload={"whole": Decimal("2.0"), "part": Decimal("0.05")})])])
    assert store.events().events[0].event.payload == {"whole": 2, "part": 0.05}
    with pytest.raises(TypeError, match="object is not JSON"):
        store.append([(b"", [pool_closed("u2"), replace(pool_closed("u3"), payload={"odd": object()})])])
    assert store.events().total == 1


def test_the_events_of_one_request_share_its_body(store: Store) -> None:
    store.append(
        [(b"both", [pool_closed("u1"), pool_closed("u2")]), (b"again", [pool_closed("u2"), pool_closed("u3")])]
    )
    bodies = [file.body for seq in (1, 2, 3) if (file := store.event_file(seq)) is not None]
    assert bodies == [b"both", b"both", b"again"]


def test_pages_of_the_log_go_from_new_to_old_without_gap_or_overlap(store: Store) -> None:
    store.append([(b"", [pool_closed(f"u{n}") for n in range(7)])])
    seen, before = [], None
    while True:
        page = store.events(before=before, limit=3)
        seen += [logged.seq for logged in page.events]
        before = page.next_before
        if before is None:
            break
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert [logged.seq for logged in store.events(limit=7).events] == seen


def test_a_last_page_that_is_exactly_full_says_that_nothing_follows(store: Store) -> None:
    store.append([(b"", [pool_closed(f"u{n}") for n in range(4)])])
    assert store.events(before=3, limit=2).next_before is None
    assert store.events(limit=2).next_before == 3


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"type": "POOL_CLOSED"}, [4, 2]),
        ({"pool_id": "outlining"}, [5, 2, 1]),
        ({"type": "POOL_CLOSED", "pool_id": "outlining"}, [2]),
        ({"state": "new"}, [4, 3, 2, 1]),
        ({"state": "dead"}, [5]),
        ({"state": "dead", "pool_id": "checking"}, []),
        ({"state": "routed"}, []),
        ({"state": "parked"}, []),
        ({"type": "NEVER_SEEN"}, []),
        ({"pool_id": "checking", "before": 4}, [3]),
    ],
)
def test_the_log_is_filtered_by_type_pool_and_state(store: Store, wanted: dict[str, str], expected: list[int]) -> None:
    dead = replace(submitted("a9"), state=EventState.DEAD, reason="no time")
    events = [submitted("a1"), pool_closed("u1"), submitted("a2", pool_id="checking")]
    store.append([(b"", [*events, pool_closed("u2", pool_id="checking"), dead])])
    page = store.events(**wanted)
    assert [logged.seq for logged in page.events] == expected
    assert page.total == 5


def test_events_with_a_parked_delivery_are_found_and_counted(store: Store) -> None:
    lane, deliveries = claimed(store, submitted("a1", 1.0), submitted("a2", 2.0))
    store.fail(lane, deliveries[1].id, "KeyError: 'image'", park=True)
    found = store.events(state="parked").events
    assert [(logged.event.assignment_id, logged.deliveries, logged.parked) for logged in found] == [("a2", 1, 1)]
    assert [(logged.deliveries, logged.parked) for logged in store.events().events] == [(1, 1), (1, 0)]


def test_the_filters_offer_what_occurs(store: Store) -> None:
    assert store.filters() == ([], [])
    store.append([(b"", [submitted("a1"), pool_closed("u1", pool_id="checking"), submitted("a2")])])
    assert store.filters() == (["ASSIGNMENT_SUBMITTED", "POOL_CLOSED"], ["checking", "outlining"])


def test_the_file_of_an_event_holds_all_that_hangs_on_it(store: Store) -> None:
    lane, (verdict, first, second) = decided(store, accept("a1"), ask("a1", "t1"), ask("a1", "t2"))
    (call,) = store.fix_calls(lane, [NewCall("op-1", "tasks", "checking", (first.id, second.id))], [])
    tries = [
        Attempt(verdict.id, None, 1.0, "transient", 503, "", "r1", "later"),
        Attempt(None, call.id, 2.0, "", 202, "", "r2", ""),
    ]
    store.settle(lane, [Outcome(verdict.id, DecisionState.DONE)], tries, {call.id: CallState.SENT})
    file = store.event_file(1)
    assert file is not None
    assert [delivery.handler for delivery in file.deliveries] == ["have_it_checked"]
    assert [decision.id for decision in file.decisions] == [verdict.id, first.id, second.id]
    assert [(each.operation_id, len(each.members)) for each in file.calls] == [("op-1", 2)]
    assert list(file.attempts) == tries


def test_there_is_no_file_of_an_event_that_never_was(store: Store) -> None:
    assert store.event_file(1) is None


def test_the_version_changes_when_another_wrote(deployment: Deployment) -> None:
    here, there = deployment.open(), deployment.open()
    before = here.version()
    assert here.version() == before
    there.append([(b"", [pool_closed("u1")])])
    assert here.version() != before


def test_an_empty_store_has_nothing_to_do(store: Store) -> None:
    assert store.workload(1.0) == Workload(0, 0, 0, 0, None, 0, 0)


def test_the_workload_counts_events_deliveries_and_what_is_parked(store: Store) -> None:
    lane, deliveries = claimed(store, submitted("a1", 1.0), submitted("a2", 2.0), submitted("a3", 3.0))
    store.fail(lane, deliveries[0].id, "broken", park=True)
    store.append([(b"", [pool_closed("u1"), replace(pool_closed("u2"), state=EventState.IGNORED)])])
    assert store.workload(1.0) == Workload(unrouted=1, pending=2, due=0, calls=0, next_due_at=None, waiting=0, parked=1)


def test_the_workload_tells_what_is_due_from_what_waits(store: Store) -> None:
    lane, written = decided(
        store,
        accept("now"),
        reject("late", due_at=90.0),
        ask("a1", "t1", buffer="checking", due_at=50.0),
        ask("a1", "t2", buffer="checking"),
        ask("a1", "t3"),
        ask("a1", "t4"),
    )
    store.fix_calls(lane, [NewCall("op-1", "tasks", "checking", (written[4].id,))], [])
    store.mark_sent(lane, [written[5].id])
    at_10, at_50, at_90 = (store.workload(now) for now in (10.0, 50.0, 90.0))
    assert (at_10.due, at_10.waiting, at_10.next_due_at, at_10.calls) == (3, 2, 50.0, 1)
    assert (at_50.due, at_50.waiting, at_50.next_due_at) == (4, 1, 90.0)
    assert (at_90.due, at_90.waiting, at_90.next_due_at) == (5, 0, None)


def test_a_routed_log_says_so(store: Store) -> None:
    arrive(store, [submitted("a1")])
    assert [logged.event.state for logged in store.events().events] == [EventState.ROUTED]


def test_every_uuid_is_listed_with_its_place_in_the_log(store: Store) -> None:
    store.append([(b"", [pool_closed("u2"), pool_closed("u1"), pool_closed("u2")])])
    assert store.uuids() == [(1, "u2"), (2, "u1")]
