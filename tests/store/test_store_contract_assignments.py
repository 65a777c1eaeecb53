"""One assignment's story, and the lists of assignments by what was decided."""

from dataclasses import replace

import pytest
from store_examples import accept, answer, arrive, ask, claimed, decided, keys, page, pool_closed, reject, submitted

from store.assignments import Decided
from store.contract import Store
from store.records import Attempt, DecisionState, NewCall, NewDecision, Outcome


def hold(assignment_id: str, occasion: int = 0, proposal: str = "") -> NewDecision:
    key = f"hold:{assignment_id}:{occasion}"
    return NewDecision(key, "hold", "outlining", {"proposal": proposal}, assignment_id, reason="in between")


def appeal(assignment_id: str) -> NewDecision:
    return NewDecision(f"appeal:{assignment_id}:0", "appeal", "outlining", {"by": "ann"}, assignment_id)


def recall(assignment_id: str) -> NewDecision:
    return NewDecision(f"recall:{assignment_id}:0", "recall", "outlining", {}, assignment_id)


def listed(store: Store, what: Decided) -> list[str | None]:
    return [each.decision.assignment_id for each in store.assignments(what).assignments]


def test_an_event_is_found_by_its_uuid_and_by_no_other_name(store: Store) -> None:
    arrive(store, [submitted("a1"), submitted("a2")])
    assert [store.seq_of(uuid) for uuid in ("uuid-a1", "uuid-a2", "a1", "uuid", "")] == [1, 2, None, None, None]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [4, 3, 1]),
        ({"before": 4}, [3, 1]),
        ({"type": "ASSIGNMENT_APPROVED"}, [3]),
        ({"state": "routed"}, [4, 3, 1]),
        ({"state": "new"}, []),
        ({"state": "parked"}, [1]),
        ({"pool_id": "checking"}, [4]),
    ],
)
def test_the_log_is_filtered_by_assignment_beside_all_else(
    store: Store, wanted: dict[str, str], expected: list[int]
) -> None:
    approved = replace(submitted("a1"), uuid="u", key="k", type="ASSIGNMENT_APPROVED", event_time=9.0)
    moved = replace(approved, uuid="v", key="l", type="ODD", pool_id="checking")
    lane, deliveries = claimed(store, submitted("a1"), submitted("a2"), approved, moved, pool_closed("u1", at=99.0))
    store.fail(lane, deliveries[0].id, "broken", park=True)
    store.fail(lane, deliveries[1].id, "broken", park=True)
    found = store.events(assignment_id="a1", **wanted)
    assert [logged.seq for logged in found.events] == expected
    assert found.total == 5


def test_the_file_of_an_assignment_holds_all_that_is_known_of_it(store: Store) -> None:
    lane, (first, second, held, other) = decided(store, ask("a1", "t1"), ask("a1", "t2"), hold("a1"), accept("a2"))
    (call,) = store.fix_calls(lane, [NewCall("op-1", "tasks", "outlining", (first.id, second.id))], [])
    tries = [
        Attempt(None, call.id, 2.0, "quota", 429, "", "r1", "slower"),
        Attempt(None, call.id, 3.0, "", 202),
        Attempt(held.id, None, 4.0, ""),
        Attempt(other.id, None, 5.0, "conflict", 409),
    ]
    store.settle(lane, [Outcome(first.id, DecisionState.DONE, {"task_id": "q1"})], tries)
    approved = replace(submitted("a1"), uuid="later", key="later", type="ASSIGNMENT_APPROVED", event_time=9.0)
    raised = NewDecision("votes:q1:3", "votes", "checking", {"task_id": "q1", "overlap": 3}, "a1", "q1")
    nameless = NewDecision("votes:q1:4", "votes", "checking", {"task_id": "q1", "overlap": 4}, task_id="q1")
    elsewhere = NewDecision("votes:q9:3", "votes", "checking", {"task_id": "q9", "overlap": 3}, task_id="q9")
    lane, deliveries = claimed(store, approved)
    store.decide(
        lane, [deliveries[0].id], [(deliveries[0].id, each) for each in (raised, nameless, elsewhere)], [], 6.0
    )
    shown = page("a1", answer("a1", "t1"), answer("a1", "t2", 1), pool_id="outlining")
    vote, unfinished = page("v1", answer("v1", "q1", about="a1")), page("v2", answer("v2", "q1", about="a1"))
    store.fold([shown, vote, replace(unfinished, status="ACTIVE", submitted=None)])
    file = store.assignment_file("a1")
    assert file is not None
    assert (file.assignment_id, file.page) == ("a1", shown)
    assert [logged.event.uuid for logged in file.events] == ["uuid-a1", "later"]
    assert keys(file.decisions) == [first.key, second.key, held.key, raised.key, nameless.key]
    assert list(file.attempts) == tries[:3]
    assert [(voting.assignment_id, given.task_id) for voting, given in file.votes] == [("v1", "q1")]


def test_an_assignment_that_only_one_thing_tells_of_has_a_file(store: Store) -> None:
    decided(store, ask("control:7"), cause="told")
    store.fold([page("shown"), page("v1", answer("v1", "q1", about="asked about"))])
    known = {name: store.assignment_file(name) for name in ("told", "shown", "control:7", "asked about")}
    assert all(known.values())
    assert store.assignment_file("unheard of") is None
    assert [name for name, file in known.items() if file and file.page] == ["shown"]


def test_an_assignment_stands_by_its_last_decision_that_was_not_taken_back(store: Store) -> None:
    def standing() -> str | None:
        file = store.assignment_file("a1")
        return file.standing.key if file and file.standing else None

    lane, deliveries = claimed(store, *[submitted("a1" if n == 0 else f"b{n}") for n in range(6)])
    steps = (ask("a1"), hold("a1"), reject("a1"), accept("a1"), recall("a1"), hold("a1", 1))
    stood = []
    for delivery, step in zip(deliveries, steps, strict=True):
        store.decide(lane, [delivery.id], [(delivery.id, step)], [], 5.0)
        stood.append(standing())
    assert stood == [None, "hold:a1:0", "verdict:a1", "verdict:a1", "hold:a1:0", "hold:a1:1"]


def test_assignments_are_listed_by_what_was_decided_the_last_first(store: Store) -> None:
    steps = (accept("paid"), reject("refused"), hold("held"), hold("proposed", proposal="loose"), ask("asked"))
    decided(store, *steps, hold("paid later"), accept("paid later"), reject("taken back"), appeal("taken back"))
    assert {what.value: listed(store, what) for what in Decided} == {
        "accepted": ["taken back", "paid later", "paid"],
        "refused": ["refused"],
        "held": ["proposed", "held"],
        "proposed": ["proposed"],
    }


def test_a_superseded_or_recalled_decision_lists_nothing(store: Store) -> None:
    decided(store, reject("a1"), accept("a1"), reject("a2"), recall("a2"))
    assert [listed(store, what) for what in Decided] == [[], ["a1"], [], []]


def test_what_was_reviewed_on_the_site_is_not_held_any_more(store: Store) -> None:
    decided(store, hold("a1"), hold("a2"), hold("a3", proposal="loose"))
    store.fold([page("a1"), page("a2", status="ACCEPTED"), page("a3", status="REJECTED")])
    assert (listed(store, Decided.HELD), listed(store, Decided.PROPOSED)) == (["a1"], [])


def test_a_listed_assignment_comes_with_its_page_if_it_is_known(store: Store) -> None:
    decided(store, accept("a1"), accept("a2"))
    shown = page("a2", answer("a2", "t1"))
    store.fold([shown])
    assert [each.page for each in store.assignments(Decided.ACCEPTED).assignments] == [shown, None]


def test_the_list_goes_on_from_page_to_page_without_gap_or_overlap(store: Store) -> None:
    verdicts = [each for n in range(7) for each in (reject(f"a{n}"), appeal(f"a{n}"), accept(f"b{n}"))]
    decided(store, *verdicts)
    seen, before = [], None
    while True:
        found = store.assignments(Decided.ACCEPTED, before=before, limit=4)
        seen.append([each.decision.assignment_id for each in found.assignments])
        before = found.next_before
        if before is None:
            break
    assert [len(each) for each in seen] == [4, 4, 4, 2]
    assert [each for few in seen for each in few] == [f"{letter}{n}" for n in range(6, -1, -1) for letter in "ba"]
    assert store.assignments(Decided.ACCEPTED, limit=14).next_before is None
