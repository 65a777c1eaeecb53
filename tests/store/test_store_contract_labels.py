"""Answers on their way to labels: streamed by label, task and performer; known solutions; labels kept by method."""

from collections.abc import Mapping
from typing import Any

import pytest
from store_examples import Deployment, ask, decided, page

from store.contract import Store
from store.labels import TaskLabel
from store.records import Answer, Decision, DecisionState, Outcome, Page


def said(assignment_id: str, user_id: str, labels: Mapping[str, Any], **more: Any) -> Page:
    """A page on which a performer gave a label to each task."""
    answers = [
        Answer(assignment_id, task, at, {}, {"result": label}) for at, (task, label) in enumerate(labels.items())
    ]
    return page(assignment_id, *answers, user_id=user_id, **more)


def asked(store: Store, *payloads: Mapping[str, Any], lane: str = "outlining") -> list[Decision]:
    """Ask for tasks with these payloads; the n-th becomes the platform's task `q<n>`."""
    asks = [
        ask(f"item{n}", f"t{n}", key=f"ask:{lane}:item{n}:0", lane=lane, payload=payload)
        for n, payload in enumerate(payloads)
    ]
    _, written = decided(store, *asks)
    held = store.hold_lane(lane, "ann", 60.0)
    assert held is not None
    outcomes = [Outcome(each.id, DecisionState.DONE, {"task_id": f"q{n}"}) for n, each in enumerate(written)]
    store.settle(held, outcomes, [])
    return written


def test_answers_come_by_label_task_and_performer(store: Store) -> None:
    store.fold(
        [
            said("p2", "zoe", {"t2": "cat", "t1": "dog"}),
            said("p1", "bob", {"t2": "cat", "t10": "cat"}, status="ACCEPTED"),
            said("p3", "eve", {"t1": "ünder", "t2": "Dog"}),
            said("x1", "eve", {"t1": "cat"}, pool_id="elsewhere"),
        ]
    )
    assert list(store.labels_of("checking", "result")) == [
        ("t2", "eve", "Dog"),
        ("t10", "bob", "cat"),
        ("t2", "bob", "cat"),
        ("t2", "zoe", "cat"),
        ("t1", "zoe", "dog"),
        ("t1", "eve", "ünder"),
    ]
    assert list(store.labels_of("checking", "other")) == []
    assert list(store.labels_of("nowhere", "result")) == []


@pytest.mark.parametrize("status", ["ACTIVE", "REJECTED", "SKIPPED", "EXPIRED"])
def test_pages_that_are_not_handed_in_or_were_refused_say_nothing(store: Store, status: str) -> None:
    store.fold([said("p1", "bob", {"t1": "cat"}, status=status)])
    assert list(store.labels_of("checking", "result")) == []
    assert store.fields_of("checking") == []
    assert store.rewards_of("checking") == 0.0


def test_every_kind_of_value_is_a_label_and_none_is_none(store: Store) -> None:
    values = [True, False, 3, 0.5, ["a", 1], {"a": None}, "", None, "true"]
    store.fold([said("p1", "bob", {f"t{at}": value for at, value in enumerate(values)})])
    store.fold([page("p2", Answer("p2", "t8", 0, {}, None), Answer("p2", "t9", 1, {}, {"why": "x"}), user_id="eve")])
    labels = {task: label for task, _, label in store.labels_of("checking", "result")}
    texts = ["true", "false", "3", "0.5", '["a",1]', '{"a":null}', None, None, "true"]
    assert labels == {f"t{at}": text for at, text in enumerate(texts) if text is not None}
    assert store.fields_of("checking") == ["result", "why"]


def test_any_name_can_be_a_fields_and_half_a_character_breaks_nothing(store: Store) -> None:
    odd = 'a "quoted" $.name'
    store.fold([page("p1", Answer("p1", "t1", 0, {}, {odd: "half \ud83d", "result": "x"}))])
    assert list(store.labels_of("checking", odd)) == [("t1", "bob", "half \ufffd\ufffd\ufffd")]


def test_who_reads_answers_may_use_the_store_meanwhile_and_sees_them_as_they_were(deployment: Deployment) -> None:
    store, other = deployment.open(), deployment.open()
    store.fold([said(f"p{n:03}", f"user{n}", {"t1": "cat"}) for n in range(300)])
    answers = store.labels_of("checking", "result")
    first = next(answers)
    other.fold([said(f"p{n:03}", f"user{n}", {"t1": "dog"}) for n in range(300, 400)])
    assert first[1] == store.pages(["p000"])["p000"].user_id
    store.write_note("reading", "still")
    assert len(list(answers)) == 299
    assert len(list(store.labels_of("checking", "result"))) == 400


def test_reading_may_stop_anywhere(store: Store) -> None:
    store.fold([said(f"p{n:03}", f"user{n}", {"t1": "cat"}) for n in range(300)])
    answers = store.labels_of("checking", "result")
    next(answers)
    answers.close()
    store.fold([said("p000", "user0", {"t1": "dog"})])
    assert [label for _, _, label in store.labels_of("checking", "result")].count("dog") == 1


def test_tasks_come_with_their_keys_and_input_in_the_order_of_asking(store: Store) -> None:
    shown = {"input": {"image": "a.jpg", "item": "ä"}, "overlap": 2, "generation": 0}
    asked(store, shown, shown | {"input": {}})
    assert list(store.tasks_of("outlining")) == [
        ("q0", "item0:0", {"image": "a.jpg", "item": "ä"}),
        ("q1", "item1:0", {}),
    ]
    assert list(store.tasks_of("elsewhere")) == []


def test_known_solutions_are_those_of_tasks_that_were_created(store: Store) -> None:
    control = {"input": {}, "overlap": None, "generation": 0, "solution": {"result": "cat", "sure": True}}
    training = control | {"solution": {"result": "dog"}, "hint": "Look at the ears."}
    plain = {"input": {}, "overlap": 3, "generation": 0}
    written = asked(store, control, plain, training, plain | {"solution": None})
    assert store.solutions_of("outlining") == {"q0": {"result": "cat", "sure": True}, "q2": {"result": "dog"}}
    assert store.solutions_of("checking") == {}
    lane = store.hold_lane("outlining", "ann", 60.0)
    assert lane is not None
    store.settle(lane, [Outcome(written[0].id, DecisionState.FAILED)], [])
    assert list(store.solutions_of("outlining")) == ["q2"]
    assert "q0" not in [task for task, _, _ in store.tasks_of("outlining")]


def test_a_task_that_waits_in_the_buffer_has_no_solution_yet(store: Store) -> None:
    decided(store, ask("item", payload={"overlap": None, "generation": 0, "input": {}, "solution": {"result": "x"}}))
    assert store.solutions_of("outlining") == {}
    assert list(store.tasks_of("outlining")) == []


def test_rewards_are_of_pages_that_cost_something(store: Store) -> None:
    store.fold([page("p1", reward=0.1), page("p2", reward=0.3, status="ACCEPTED"), page("x", pool_id="other")])
    store.fold([page("p3", reward=5.0, status="REJECTED")])
    assert store.rewards_of("checking") == pytest.approx(0.4)


def test_labels_of_a_method_are_replaced_whole_and_only_they(store: Store) -> None:
    first = [TaskLabel("t2", "cat", 0.75), TaskLabel("t1", "dog", 0.5, undecided=True), TaskLabel("t3", "cat", 1.0)]
    store.write_labels("main", "DawidSkene", first)
    store.write_labels("main", "KOS", [TaskLabel("t1", "dog", None)])
    store.write_labels("other", "DawidSkene", first[:1])
    assert store.labels("main") == {
        "DawidSkene": sorted(first, key=lambda each: each.task_id),
        "KOS": [TaskLabel("t1", "dog", None)],
    }
    store.write_labels("main", "DawidSkene", [TaskLabel("t9", "emu", 0.25)])
    assert store.labels("main")["DawidSkene"] == [TaskLabel("t9", "emu", 0.25)]
    assert store.labels("other") == {"DawidSkene": first[:1]}
    store.write_labels("main", "KOS", [])
    assert list(store.labels("main")) == ["DawidSkene"]


def test_labels_that_cannot_be_written_leave_the_former_ones(store: Store) -> None:
    store.write_labels("main", "MajorityVote", [TaskLabel("t1", "cat", 1.0)])
    twice = [TaskLabel("t1", "dog", 1.0), TaskLabel("t1", "emu", 1.0)]
    with pytest.raises(Exception, match="UNIQUE"):
        store.write_labels("main", "MajorityVote", twice)
    assert store.labels("main") == {"MajorityVote": [TaskLabel("t1", "cat", 1.0)]}
