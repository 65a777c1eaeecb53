"""The ledger: decided once, contrary decisions kept but never carried out, lessons counted once."""

from dataclasses import replace
from decimal import Decimal

import pytest
from store_examples import Clock, accept, ask, claimed, decided, keys, reject, submitted

from store.contract import Store
from store.records import Decision, DecisionState, DeliveryState, Lesson, Outcome, Standing


def test_a_decision_is_kept_with_all_that_led_to_it(store: Store, clock: Clock) -> None:
    _, written = decided(store, ask("a1", buffer="checking", due_at=90.0, reason="half: \ud800"))
    assert written == [
        Decision(
            id=written[0].id,
            key="ask:checking:a1:t1:0",
            kind="ask",
            lane="outlining",
            payload={"overlap": 2, "generation": 0},
            state=DecisionState.PLANNED,
            assignment_id="a1",
            task_id="t1",
            due_at=90.0,
            buffer="checking",
            reason="half: \\ud800",
            event_seq=1,
            handler="have_it_checked",
            pipeline="segmentation",
            run="main",
            call_id=None,
            sends=0,
            decided_at=5.0,
            decided_at_machine=clock.now,
            settled_at_machine=None,
            result={},
        )
    ]
    assert store.decision("ask:checking:a1:t1:0") == written[0]


def test_deciding_finishes_the_deliveries(store: Store) -> None:
    decided(store, accept("a1"))
    file = store.event_file(1)
    assert file is not None
    assert [each.state for each in file.deliveries] == [DeliveryState.DONE]
    assert store.claim("ann", 60.0) is None


def test_the_same_decision_is_not_written_again(store: Store) -> None:
    _, first = decided(store, accept("x", payload={"a": 1, "b": 2}), cause="a1")
    _, again = decided(store, accept("x", payload={"b": Decimal(2), "a": 1}, reason="said otherwise"), cause="a2")
    assert (len(first), again) == (1, [])
    assert len(store.decisions()) == 1


def test_a_contrary_decision_is_kept_as_superseded(store: Store) -> None:
    _, first = decided(store, accept("x"), cause="a1")
    lane, contrary = decided(store, reject("x"), cause="a2")
    assert [(each.kind, each.state) for each in contrary] == [("reject", DecisionState.SUPERSEDED)]
    assert store.decision("verdict:x") == first[0]
    assert keys(store.due(lane, 10.0)) == ["verdict:x"]


def test_the_first_of_two_decisions_of_one_handler_counts(store: Store) -> None:
    _, written = decided(store, accept("x"), accept("x"), reject("x"))
    assert [(each.kind, each.state.value) for each in written] == [("accept", "planned"), ("reject", "superseded")]


def test_a_superseded_decision_frees_its_key(store: Store) -> None:
    lane, (refusal,) = decided(store, reject("x", due_at=90.0), cause="a1")
    store.settle(lane, [Outcome(refusal.id, DecisionState.SUPERSEDED)], [])
    _, written = decided(store, accept("x"), cause="a2")
    assert store.decision("verdict:x") == written[0]


def test_deliveries_already_done_cannot_decide_again(store: Store) -> None:
    lane, (delivery,) = claimed(store, submitted("a1"))
    store.decide(lane, [delivery.id], [], [], 1.0)
    with pytest.raises(ValueError, match="not pending"):
        store.decide(lane, [delivery.id], [(delivery.id, accept("a1"))], [], 1.0)
    assert store.decisions() == []


def test_deliveries_of_another_lane_cannot_decide_here(store: Store) -> None:
    _, (delivery,) = claimed(store, submitted("a1"))
    other = store.hold_lane("checking", "ann", 60.0)
    assert other is not None
    with pytest.raises(ValueError, match="not pending in lane checking"):
        store.decide(other, [delivery.id], [], [], 1.0)


def test_a_decision_must_name_a_delivery_that_is_decided(store: Store) -> None:
    lane, (first, second) = claimed(store, submitted("a1"), submitted("a2"))
    with pytest.raises(ValueError, match="not among those decided"):
        store.decide(lane, [first.id], [(first.id, accept("a1")), (second.id, accept("a2"))], [], 1.0)
    assert (store.decisions(), store.workload(1.0).pending) == ([], 2)


def test_decisions_are_found_by_kind_and_state(store: Store) -> None:
    decided(store, ask("a1"), accept("x"), reject("x"))
    assert keys(store.decisions()) == ["ask:checking:a1:t1:0", "verdict:x", "verdict:x"]
    assert [each.kind for each in store.decisions(state="superseded")] == ["reject"]
    assert keys(store.decisions(kind="ask")) == ["ask:checking:a1:t1:0"]
    assert store.decisions(kind="ask", state="done") == []
    assert store.decision("verdict:unheard-of") is None


def test_a_lesson_is_learned_once_and_standings_are_their_sums(store: Store) -> None:
    lesson = Lesson("p1:t1:bob", "bob", known=0.75, agreed=0.75)
    lane, deliveries = claimed(store, submitted("a1"), submitted("a2"))
    store.decide(lane, [deliveries[0].id], [], [lesson, Lesson("p1:t1:eve", "eve", 0.5, 0.0)], 1.0)
    store.decide(lane, [deliveries[1].id], [], [replace(lesson, agreed=0.0), Lesson("p2:t1:bob", "bob", 0.5, 0.0)], 1.0)
    assert store.standings(["bob", "eve", "stranger"]) == {
        "bob": Standing("bob", 1.25, 0.75),
        "eve": Standing("eve", 0.5, 0.0),
    }


def test_standings_do_not_depend_on_the_order_of_lessons(store: Store) -> None:
    lane, deliveries = claimed(store, submitted("a1"), submitted("a2"))
    weights = [0.1 * n for n in range(1, 30)]
    for delivery, user, order in zip(deliveries, ("bob", "eve"), (weights, weights[::-1]), strict=True):
        lessons = [Lesson(f"page:{weight:.1f}:{user}", user, weight, weight / 3) for weight in order]
        store.decide(lane, [delivery.id], [], lessons, 1.0)
    standings = store.standings(["bob", "eve"])
    assert replace(standings["eve"], user_id="bob") == standings["bob"]
