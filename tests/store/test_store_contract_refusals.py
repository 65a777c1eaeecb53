"""Refusals that wait, are taken back or are sent; what a run decided lately; control questions and their answers."""

from dataclasses import replace

import pytest
from store_examples import (
    Clock,
    accept,
    answer,
    ask,
    claimed,
    decided,
    keys,
    page,
    reject,
    submitted,
)

from store.contract import Store
from store.errors import LaneLost
from store.records import DecisionState, Lane, Lesson, NewDecision, Outcome, Route, Standing


def late(name: str, due_at: float = 90.0) -> NewDecision:
    return reject(name, buffer="refusals", due_at=due_at)


def recall(name: str, occasion: int = 0) -> NewDecision:
    return NewDecision(f"recall:{name}:{occasion}", "recall", "outlining", {}, assignment_id=name)


def hold(name: str, proposal: str = "", occasion: int = 4) -> NewDecision:
    payload = {"proposal": proposal}
    return NewDecision(f"hold:{name}:{occasion}", "hold", "outlining", payload, assignment_id=name)


def states(store: Store, kind: str) -> list[str]:
    return [str(each.state) for each in store.decisions(kind=kind)]


# recall


def test_a_recalled_refusal_is_never_sent_and_frees_its_key(store: Store) -> None:
    decided(store, late("x"), cause="a1")
    lane, written = decided(store, recall("x"), accept("x"), cause="a2")
    assert [(each.kind, each.state.value) for each in written] == [("recall", "planned"), ("accept", "planned")]
    assert store.decision("verdict:x") == written[1]
    assert states(store, "reject") == ["recalled"]
    assert store.buffered(lane, "refusals") == []
    assert keys(store.due(lane, 1e9)) == ["recall:x:0", "verdict:x"]
    assert store.tally()["reject:recalled"] == 1


def test_a_refusal_and_its_recall_may_be_decided_at_once(store: Store) -> None:
    lane, written = decided(store, late("x"), recall("x"), hold("x", "loose"))
    assert [each.kind for each in written] == ["reject", "recall", "hold"]
    assert (store.decision("verdict:x"), store.buffered(lane, "refusals")) == (None, [])


def test_a_page_may_be_refused_again_after_a_recall(store: Store) -> None:
    decided(store, late("x"), recall("x"), cause="a1")
    _, (again,) = decided(store, late("x"), cause="a2")
    assert (again.state, store.decision("verdict:x")) == (DecisionState.PLANNED, again)


@pytest.mark.parametrize("state", ["sent", "done", "failed", "conflict"])
def test_a_recall_that_comes_too_late_leaves_the_refusal_as_it_is(store: Store, state: str) -> None:
    lane, (refusal,) = decided(store, late("x"), cause="a1")
    store.fix_calls(lane, [], [refusal.id])
    store.mark_sent(lane, [refusal.id])
    store.settle(lane, [Outcome(refusal.id, DecisionState(state))], [])
    _, written = decided(store, recall("x"), accept("x"), cause="a2")
    assert [each.state.value for each in written] == ["planned", "superseded"]
    assert states(store, "reject") == [state]


def test_an_acceptance_cannot_be_recalled(store: Store) -> None:
    _, (paid,) = decided(store, accept("x"), cause="a1")
    decided(store, recall("x"), cause="a2")
    assert store.decision("verdict:x") == paid
    assert states(store, "accept") == ["planned"]


def test_only_that_pages_refusal_is_recalled(store: Store) -> None:
    lane, _ = decided(store, late("x"), late("y"), recall("x"))
    assert keys(store.buffered(lane, "refusals")) == ["verdict:y"]


# waiting


def test_a_refusal_can_be_told_to_wait_on(store: Store) -> None:
    lane, (first, second) = decided(store, late("x", 10.0), late("y", 20.0))
    store.postpone(lane, {first.id: 30.0})
    assert [(each.key, each.due_at) for each in store.buffered(lane, "refusals")] == [
        ("verdict:y", 20.0),
        ("verdict:x", 30.0),
    ]
    assert store.workload(15.0).next_due_at == 20.0
    assert second.due_at == 20.0


def test_what_does_not_wait_cannot_be_postponed(store: Store) -> None:
    lane, (sent, recalled, verdict) = decided(store, late("x"), late("y"), accept("z", due_at=5.0))
    store.fix_calls(lane, [], [sent.id])
    decided(store, recall("y"), cause="a2")
    store.postpone(lane, {each.id: 1e9 for each in (sent, recalled, verdict)})
    assert {each.due_at for each in store.decisions() if each.key.startswith("verdict")} == {None, 90.0, 5.0}


def test_only_who_holds_the_lane_may_postpone(store: Store, clock: Clock) -> None:
    lane, (refusal,) = decided(store, late("x"))
    clock.now += 61.0
    other = store.hold_lane("outlining", "bob", 60.0)
    assert other is not None
    with pytest.raises(LaneLost):
        store.postpone(lane, {refusal.id: 1e9})
    assert store.buffered(other, "refusals")[0].due_at == 90.0


# what a run decided lately


def by_run(store: Store, run: str, cause: str, *decisions: NewDecision, now: float = 5.0) -> Lane:
    """Have one delivery of another run decide all of these."""
    store.append([(b"{}", [submitted(cause)])])
    store.route(lambda event: [Route("segmentation", run, "have_it_checked")])
    taken = store.claim("ann", 60.0)
    assert taken is not None
    lane, (delivery,) = taken
    store.decide(lane, [delivery.id], [(delivery.id, each) for each in decisions], [], now)
    return lane


def test_a_runs_newest_decisions_come_oldest_first(store: Store) -> None:
    by_run(store, "main", "a1", accept("a"), hold("b"), ask("c"))
    by_run(store, "other", "a2", accept("d"))
    by_run(store, "main", "a3", reject("e"), recall("f"), accept("g"))
    kinds = ("accept", "reject", "hold")
    assert [each.assignment_id for each in store.recent("segmentation", "main", kinds, 10)] == ["a", "b", "e", "g"]
    assert [each.assignment_id for each in store.recent("segmentation", "main", kinds, 2)] == ["e", "g"]
    assert [each.assignment_id for each in store.recent("segmentation", "main", ["ask"], 10)] == ["c"]
    assert store.recent("segmentation", "unheard-of", kinds, 10) == []
    assert store.recent("other", "main", kinds, 10) == []


def test_superseded_decisions_are_not_among_them_and_recalled_ones_are(store: Store) -> None:
    by_run(store, "main", "a1", late("a"), accept("a"), recall("a"), accept("a"))
    lately = store.recent("segmentation", "main", ("accept", "reject", "recall"), 10)
    assert [(each.kind, each.state.value) for each in lately] == [
        ("reject", "recalled"),
        ("recall", "planned"),
        ("accept", "planned"),
    ]


def test_the_verdicts_after_one_are_counted_proposed_ones_too(store: Store) -> None:
    by_run(store, "main", "a1", accept("before"), late("x"))
    (refusal,) = store.decisions(kind="reject")
    assert store.verdicts_after(refusal) == (0, None)
    by_run(store, "other", "a2", accept("elsewhere"), now=6.0)
    by_run(store, "main", "a3", hold("held"), ask("y"), recall("z"), now=7.0)
    assert store.verdicts_after(refusal) == (0, None)
    by_run(store, "main", "a4", accept("paid"), hold("proposed", "loose"), now=8.0)
    by_run(store, "main", "a5", reject("refused"), now=9.0)
    assert store.verdicts_after(refusal) == (3, 9.0)
    by_run(store, "main", "a6", accept("refused"), now=10.0)  # contrary: superseded
    assert store.verdicts_after(refusal) == (3, 9.0)


# control questions


@pytest.mark.parametrize("truth", [True, False])
def test_a_control_question_keeps_its_truth(store: Store, truth: bool) -> None:
    payload = {"overlap": 2, "generation": 0, "truth": truth}
    decided(store, ask("control:1", "t1", payload=payload), ask("a1", "t2"))
    assert [(each.subject_task_id, each.truth) for each in store.questions_about(["control:1", "a1"])] == [
        ("t2", None),
        ("t1", truth),
    ]


def taught(store: Store, cause: str, *lessons: Lesson) -> None:
    lane, (delivery,) = claimed(store, submitted(cause))
    store.decide(lane, [delivery.id], [], lessons, 1.0)


def test_answers_to_control_questions_are_counted_apart(store: Store) -> None:
    taught(
        store,
        "a1",
        Lesson("p1:bob", "bob", 0.5, 0.5),
        Lesson("c1:bob", "bob", 1.0, 1.0, True),
        Lesson("c2:bob", "bob", 1.0, 0.0, True),
        Lesson("c3:bob", "bob", 1.0, 0.0, False),
        Lesson("c4:bob", "bob", 1.0, 1.0, False),
        Lesson("c5:bob", "bob", 1.0, 0.0, False),
        Lesson("p1:eve", "eve", 0.25, 0.0),
    )
    bob = Standing("bob", 5.5, 2.5, good=2, good_right=1, bad=3, bad_right=1)
    assert store.standings(["bob", "eve"]) == {"bob": bob, "eve": Standing("eve", 0.25, 0.0)}
    taught(store, "a2", Lesson("c1:bob", "bob", 1.0, 0.0, True))  # told again: the first stays
    assert store.standings(["bob"])["bob"] == bob


def test_the_verifiers_of_a_pool_are_those_who_answered_there(store: Store) -> None:
    shown = [
        page("v1", answer("v1", "q1"), user_id="eve"),
        page("v2", answer("v2", "q1"), user_id="bob"),
        page("v3", answer("v3", "q2"), user_id="bob"),
        page("w1", user_id="unknown"),
        page("x1", user_id="ann", pool_id="outlining"),
    ]
    store.fold(shown)
    taught(store, "a1", *(Lesson(f"c1:{name}", name, 1.0, 1.0, True) for name in ("ann", "bob", "eve")))
    known = Standing("bob", 1.0, 1.0, good=1, good_right=1)
    assert store.verifiers("checking") == [known, replace(known, user_id="eve")]
    assert store.verifiers("outlining") == [replace(known, user_id="ann")]
    assert store.verifiers("unheard-of") == []


def test_a_question_is_open_until_it_and_its_raises_are_carried_out(store: Store) -> None:
    lane, (asked,) = decided(store, ask("a1"), cause="a1")
    (question,) = store.questions_about(["a1"])
    assert question.open
    store.settle(lane, [Outcome(asked.id, DecisionState.DONE, {"task_id": "q1"})], [])
    assert [each.open for each in store.questions_about(["a1"])] == [False]
    raised = NewDecision("votes:q1:3", "votes", "outlining", {"overlap": 3}, task_id="q1")
    _, (votes,) = decided(store, raised, cause="a2")
    assert [(each.overlap, each.open) for each in store.questions_about(["a1"])] == [(3, True)]
    store.settle(lane, [Outcome(votes.id, DecisionState.DONE)], [])
    assert [(each.overlap, each.open) for each in store.questions_about(["a1"])] == [(3, False)]
