"""Numbers for those who measure from outside: right whatever repeats, moves or fails, and cheap to ask for."""

from dataclasses import replace

from store_examples import Clock, Deployment, accept, arrive, claimed, decided, pool_closed, reject, submitted

from store.contract import Store
from store.counts import Counts, DecisionCount, EventCount
from store.records import Attempt, DecisionState, EventState, Outcome


def test_an_empty_database_counts_nothing(store: Store) -> None:
    assert store.counts() == Counts((), (), None)


def test_events_are_counted_by_pool_type_and_source_and_duplicates_are_not(store: Store, clock: Clock) -> None:
    told = submitted("a1")
    store.append([(b"", [told, submitted("a2"), pool_closed("u1", pool_id="checking")]), (b"", [told])])
    clock.now += 60.0
    found = replace(submitted("a3"), source="reconciler")
    store.append([(b"", [found, replace(told, uuid="another", source="reconciler")]), (b"", [pool_closed("u1")])])
    assert store.counts().events == (
        EventCount("checking", "POOL_CLOSED", "webhook", 1, 1_000_000.0),
        EventCount("outlining", "ASSIGNMENT_SUBMITTED", "reconciler", 1, 1_000_060.0),
        EventCount("outlining", "ASSIGNMENT_SUBMITTED", "webhook", 2, 1_000_000.0),
    )


def test_a_decision_is_counted_where_it_stands_now(store: Store) -> None:
    lane, (first, second, _) = decided(store, accept("a1"), accept("a2"), reject("a1"))
    assert store.counts().decisions == (
        DecisionCount("accept", "planned", 2),
        DecisionCount("reject", "superseded", 1),
    )
    store.mark_sent(lane, [first.id, second.id])
    store.settle(lane, [Outcome(first.id, DecisionState.DONE), Outcome(second.id, DecisionState.CONFLICT)], [])
    assert store.counts().decisions == (
        DecisionCount("accept", "conflict", 1),
        DecisionCount("accept", "done", 1),
        DecisionCount("reject", "superseded", 1),
    )


def test_work_waits_from_when_the_oldest_came_until_it_is_handled(store: Store, clock: Clock) -> None:
    lane, deliveries = claimed(store, submitted("a1", at=5.0))
    clock.now += 10.0
    store.append([(b"", [submitted("a2", at=1.0, pool_id="checking")])])
    assert store.counts().waiting_since == 1_000_000.0
    store.decide(lane, [deliveries[0].id], [], [], 5.0)
    assert store.counts().waiting_since == 1_000_010.0
    store.route(lambda event: [])
    assert store.counts().waiting_since is None


def test_failed_are_parked_and_dead_events_and_those_whose_decisions_went_astray(store: Store) -> None:
    for number, state in enumerate(("conflict", "failed", "unknown", "done", "planned")):
        lane, (decision,) = decided(store, accept(f"a{number}"), cause=f"a{number}")
        store.settle(lane, [Outcome(decision.id, DecisionState(state))], [Attempt(decision.id, None, 1.0, "conflict")])
    lane, (delivery,) = claimed(store, submitted("parked"))
    store.fail(lane, delivery.id, "KeyError: 'x'", park=True)
    store.append([(b"", [replace(pool_closed("dead"), state=EventState.DEAD, pool_id="checking")])])
    arrive(store, [submitted("fine")])
    assert [each.seq for each in store.events(state="failed").events] == [7, 6, 3, 2, 1]
    assert [each.seq for each in store.events(state="failed", pool_id="checking").events] == [7]
    assert [each.seq for each in store.events(state="failed", type="POOL_CLOSED").events] == [7]
    assert [each.seq for each in store.events(state="failed", limit=2, before=7).events] == [6, 3]


def test_a_worker_at_work_is_seen_and_wakes_nobody(deployment: Deployment) -> None:
    worker, looker = deployment.open(), deployment.open()
    assert looker.beaten_at() is None
    before = looker.version()
    worker.beat()
    assert looker.beaten_at() == deployment.clock.now
    deployment.clock.now += 5.0
    worker.beat()
    assert looker.beaten_at() == deployment.clock.now
    assert looker.version() == before


def test_a_database_grows(store: Store) -> None:
    before = store.size()
    store.append([(b"x" * 100_000, [pool_closed("u1")])])
    after = store.size()
    assert after.database >= before.database > 0
    assert after.database + after.write_ahead >= before.database + 100_000
