"""Carrying out: what is due, bulk creations, what was sent, how it ended."""

import pytest
from store_examples import Clock, accept, ask, decided, keys, reject

from store.contract import Store
from store.records import Attempt, CallState, Decision, DecisionState, Lane, NewCall, NewDecision, Outcome


def test_what_is_due_comes_by_key_and_not_before_its_time(store: Store) -> None:
    lane, _ = decided(store, accept("b"), accept("a"), reject("late", due_at=90.0), ask("a1", buffer="checking"))
    assert keys(store.due(lane, 89.0)) == ["verdict:a", "verdict:b"]
    assert keys(store.due(lane, 90.0)) == ["verdict:a", "verdict:b", "verdict:late"]
    assert keys(store.due(lane, 90.0, kinds=["reject", "ask"])) == ["verdict:late"]
    assert store.due(lane, 90.0, kinds=[]) == []


def test_a_decision_is_carried_out_by_the_lane_it_names(store: Store) -> None:
    lane, _ = decided(store, accept("a", lane="checking"))
    other = store.hold_lane("checking", "ann", 60.0)
    assert other is not None
    assert (keys(store.due(lane, 1.0)), keys(store.due(other, 1.0))) == ([], ["verdict:a"])


def test_what_was_sent_stays_due_until_it_is_settled(store: Store, clock: Clock) -> None:
    lane, (verdict,) = decided(store, accept("a"))
    store.mark_sent(lane, [verdict.id])
    store.mark_sent(lane, [verdict.id])
    assert [(each.state, each.sends) for each in store.due(lane, 1.0)] == [(DecisionState.SENT, 2)]
    clock.now += 7
    store.settle(lane, [Outcome(verdict.id, DecisionState.DONE, {"status": "ACCEPTED"})], [])
    settled = store.decision("verdict:a")
    assert settled is not None
    assert (settled.state, settled.result, settled.settled_at_machine) == ("done", {"status": "ACCEPTED"}, clock.now)
    assert store.due(lane, 1.0) == []


@pytest.mark.parametrize("state", [DecisionState.PLANNED, DecisionState.SENT])
def test_a_decision_may_be_left_to_be_tried_again(store: Store, state: DecisionState) -> None:
    lane, (verdict,) = decided(store, accept("a"))
    store.mark_sent(lane, [verdict.id])
    store.settle(lane, [Outcome(verdict.id, state)], [Attempt(verdict.id, None, 1.0, "transient", 503)])
    (again,) = store.due(lane, 1.0)
    assert (again.state, again.settled_at_machine, again.sends) == (state, None, 1)


@pytest.mark.parametrize("state", ["done", "failed", "unknown", "conflict"])
def test_what_has_ended_is_due_no_more_but_keeps_its_key(store: Store, state: str) -> None:
    lane, (verdict,) = decided(store, accept("a"))
    store.settle(lane, [Outcome(verdict.id, DecisionState(state))], [])
    assert (store.due(lane, 1.0), store.lanes_due(1.0), store.workload(1.0).due) == ([], [], 0)
    live = store.decision("verdict:a")
    assert live is not None
    assert live.state == state


def test_the_buffer_is_in_order_of_time_and_key(store: Store) -> None:
    lane, _ = decided(
        store,
        ask("a1", "t3", buffer="checking", due_at=20.0),
        ask("a1", "t2", buffer="checking", due_at=10.0),
        ask("a1", "t1", buffer="checking", due_at=20.0),
        ask("a1", "t4"),
    )
    assert [each.task_id for each in store.buffered(lane, "checking")] == ["t2", "t1", "t3"]


def three_asks(store: Store) -> tuple[Lane, list[Decision]]:
    return decided(store, *(ask("a1", f"t{n}", buffer="checking", due_at=90.0) for n in (3, 2, 1)))


def test_a_call_takes_its_members_out_of_the_buffer_and_keeps_them(store: Store) -> None:
    lane, asks = three_asks(store)
    new = NewCall("op-1", "tasks", "checking", (asks[0].id, asks[1].id), generation=4)
    (call,) = store.fix_calls(lane, [new], release=[])
    assert (call.operation_id, call.kind, call.pool_id, call.state, call.sends, call.generation) == (
        "op-1",
        "tasks",
        "checking",
        CallState.PLANNED,
        0,
        4,
    )
    assert [(each.task_id, each.call_id, each.buffer) for each in call.members] == [
        ("t2", call.id, None),
        ("t3", call.id, None),
    ]
    assert [each.task_id for each in store.buffered(lane, "checking")] == ["t1"]
    assert store.open_calls(lane) == [call]
    assert store.due(lane, 100.0) == []


def test_a_released_decision_goes_out_at_once(store: Store) -> None:
    lane, asks = three_asks(store)
    assert store.fix_calls(lane, [], release=[asks[2].id]) == []
    assert [(each.task_id, each.due_at) for each in store.due(lane, 1.0)] == [("t1", None)]


def test_sending_a_call_sends_its_members(store: Store) -> None:
    lane, asks = three_asks(store)
    calls = store.fix_calls(lane, [NewCall("op-1", "tasks", "checking", tuple(each.id for each in asks))], [])
    store.mark_sent(lane, [], [calls[0].id])
    (call,) = store.open_calls(lane)
    assert (call.state, call.sends) == (CallState.SENT, 1)
    assert {(each.state, each.sends) for each in call.members} == {(DecisionState.SENT, 1)}
    assert store.due(lane, 1.0) == []


def test_a_call_that_is_done_is_open_no_more(store: Store) -> None:
    lane, asks = three_asks(store)
    (call,) = store.fix_calls(lane, [NewCall("op-1", "tasks", "checking", (asks[0].id,))], [])
    outcome = Outcome(asks[0].id, DecisionState.DONE, {"task_id": "q-1"})
    store.settle(lane, [outcome], [Attempt(None, call.id, 1.0, "")], {call.id: CallState.DONE})
    assert (store.open_calls(lane), store.workload(1.0).calls) == ([], 0)


def test_the_members_of_a_failed_call_can_go_out_with_another(store: Store) -> None:
    lane, asks = three_asks(store)
    (failed,) = store.fix_calls(lane, [NewCall("op-1", "tasks", "checking", (asks[0].id, asks[1].id))], [])
    store.mark_sent(lane, [], [failed.id])
    store.settle(lane, [Outcome(asks[0].id, DecisionState.PLANNED)], [], {failed.id: CallState.FAILED})
    assert [(each.task_id, each.state.value) for each in store.due(lane, 1.0)] == [("t2", "sent"), ("t3", "planned")]
    assert store.lanes_due(1.0) == ["outlining"]
    new = NewCall("op-2", "tasks", "checking", (asks[0].id, asks[1].id), generation=1)
    (call,) = store.fix_calls(lane, [new], [])
    assert [each.call_id for each in call.members] == [call.id, call.id]


def test_a_decision_is_in_one_call_and_an_operation_id_is_used_once(store: Store) -> None:
    lane, asks = three_asks(store)
    store.fix_calls(lane, [NewCall("op-1", "tasks", "checking", (asks[0].id,))], [])
    with pytest.raises(ValueError, match="in another call"):
        store.fix_calls(lane, [NewCall("op-2", "tasks", "checking", (asks[1].id, asks[0].id))], [])
    with pytest.raises(ValueError, match="op-1 was used before"):
        store.fix_calls(lane, [NewCall("op-1", "tasks", "checking", (asks[1].id,))], [])
    assert len(store.open_calls(lane)) == 1
    assert len(store.buffered(lane, "checking")) == 2


def test_only_what_is_open_in_the_lane_is_sent_released_and_settled(store: Store) -> None:
    lane, (verdict,) = decided(store, accept("a"))
    other = store.hold_lane("checking", "ann", 60.0)
    assert other is not None
    for refused in (
        lambda: store.mark_sent(other, [verdict.id]),
        lambda: store.mark_sent(lane, [], [99]),
        lambda: store.fix_calls(lane, [], [99]),
        lambda: store.settle(other, [Outcome(verdict.id, DecisionState.DONE)], []),
        lambda: store.settle(lane, [Outcome(verdict.id, DecisionState.DONE)], [], {99: CallState.DONE}),
    ):
        with pytest.raises(ValueError, match="lane"):
            refused()
    assert [each.state for each in store.due(lane, 1.0)] == [DecisionState.PLANNED]


def test_thousands_of_decisions_go_into_one_call(store: Store) -> None:
    lane, asks = decided(store, *(ask("a1", f"t{n:04}", buffer="checking") for n in range(3000)))
    new = NewCall("op-1", "tasks", "checking", tuple(each.id for each in asks))
    (call,) = store.fix_calls(lane, [new], [])
    store.mark_sent(lane, [], [call.id])
    assert len(store.open_calls(lane)[0].members) == 3000


@pytest.mark.parametrize(
    ("decision", "lanes"),
    [
        (accept("a"), ["outlining"]),
        (accept("a", due_at=10.0), ["outlining"]),
        (accept("a", due_at=10.5), []),
        (ask("a1", buffer="checking", due_at=99.0, lane="checking"), ["checking"]),
    ],
)
def test_the_lanes_that_have_something_due(store: Store, decision: NewDecision, lanes: list[str]) -> None:
    decided(store, decision)
    assert store.lanes_due(10.0) == lanes


def test_sent_decisions_and_open_calls_make_a_lane_due(store: Store) -> None:
    lane, written = decided(store, accept("a", due_at=90.0), ask("a1"))
    (call,) = store.fix_calls(lane, [NewCall("op-1", "tasks", "checking", (written[1].id,))], [])
    assert store.lanes_due(1.0) == ["outlining"]
    store.settle(lane, [Outcome(written[1].id, DecisionState.DONE)], [], {call.id: CallState.DONE})
    assert store.lanes_due(1.0) == []
    store.mark_sent(lane, [written[0].id])
    assert store.lanes_due(1.0) == ["outlining"]


def test_attempts_only_grow(store: Store) -> None:
    lane, (verdict,) = decided(store, accept("a"))
    tries = [
        Attempt(verdict.id, None, 1.0, "transient", 503, "", "r1", "half \ud800"),
        Attempt(verdict.id, None, 2.0, "", 200),
    ]
    for each in tries:
        store.settle(lane, [], [each])
    file = store.event_file(1)
    assert file is not None
    assert [(each.at_machine, each.status, each.message) for each in file.attempts] == [
        (1.0, 503, "half \\ud800"),
        (2.0, 200, ""),
    ]
