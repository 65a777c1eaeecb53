"""What was folded from the platform's answers, and what the database itself is."""

from dataclasses import replace
from decimal import Decimal

import pytest
from store_examples import Deployment, answer, ask, decided, page

from store.contract import Store
from store.errors import ForeignDatabase
from store.records import Answer, Binding, Decision, DecisionState, NewDecision, Outcome, Question


def test_pages_are_read_as_they_were_folded(store: Store) -> None:
    full = page(
        "v1",
        Answer(
            "v1", "q1", 0, {"image": "höhe.jpg", "at": Decimal("0.5")}, {"verdict": "OK"}, ("bob", "eve"), "a1", "t1"
        ),
        Answer("v1", "q2", 1, {}, None),
        reviewed=9.5,
        comment="half: \ud800",
    )
    store.fold([full])
    (read,) = store.pages(["v1"]).values()
    assert read.answers[0].input == {"image": "höhe.jpg", "at": 0.5}
    assert replace(read, answers=()) == replace(full, answers=(), comment="half: \\ud800")
    assert read.answers[1] == full.answers[1]
    assert read.answers[0].unavailable_for == ("bob", "eve")


def test_a_page_is_kept_as_it_was_last_shown(store: Store) -> None:
    store.fold([page("v1", answer("v1", "q1"), answer("v1", "q2", 1))])
    now = page("v1", answer("v1", "q1", about="a1"), status="ACCEPTED")
    store.fold([now])
    assert store.pages(["v1", "v2"]) == {"v1": now}


def test_a_performer_cannot_break_the_store_with_half_a_character(store: Store) -> None:
    odd = page("v1", replace(answer("v1", "q1"), output={"why": "\ud83d \x00 \udfff"}))
    store.fold([odd])
    assert store.pages(["v1"]) == {"v1": odd}


def test_pages_of_a_pool_come_by_id_and_status(store: Store) -> None:
    store.fold([page("v2"), page("v1", status="ACCEPTED"), page("x1", pool_id="outlining")])
    assert [each.assignment_id for each in store.pages_of("checking")] == ["v1", "v2"]
    assert [each.assignment_id for each in store.pages_of("checking", "ACCEPTED")] == ["v1"]
    assert store.pages_of("unheard-of") == []


def test_any_number_of_pages_can_be_asked_for(store: Store) -> None:
    names = [f"v{n:04}" for n in range(2500)]
    store.fold([page(name, answer(name, "q")) for name in names])
    assert list(store.pages(names)) == names


def test_votes_come_by_time_page_and_task_with_their_pages(store: Store) -> None:
    late = page("v1", answer("v1", "q1", about="a1"), submitted=9.0)
    early = page("v3", answer("v3", "q2", 0, about="a1"), answer("v3", "q1", 1, about="a2"), submitted=2.0)
    early_too = page("v2", answer("v2", "q3", 0, about="b"), answer("v2", "q1", 1, about="a2"), submitted=2.0)
    store.fold([late, early, early_too, page("v4", answer("v4", "plain"))])
    votes = [(found.assignment_id, vote.task_id) for found, vote in store.votes_about(["a1", "a2"])]
    assert votes == [("v2", "q1"), ("v3", "q1"), ("v3", "q2"), ("v1", "q1")]
    assert store.votes_about(["a1"])[0] == (early, early.answers[0])
    assert store.votes_about([]) == []


@pytest.mark.parametrize(
    ("status", "counts"),
    [("SUBMITTED", 1), ("ACCEPTED", 1), ("ACTIVE", 0), ("REJECTED", 0), ("SKIPPED", 0), ("EXPIRED", 0)],
)
def test_only_submitted_and_accepted_pages_vote(store: Store, status: str, counts: int) -> None:
    store.fold([page("v1", answer("v1", "q1", about="a1"), status=status)])
    assert len(store.votes_about(["a1"])) == counts


def more_votes(task_id: str, overlap: int) -> NewDecision:
    return NewDecision(f"votes:{task_id}:{overlap}", "votes", "outlining", {"overlap": overlap}, task_id=task_id)


def asked_twice(store: Store, *further: NewDecision) -> list[Decision]:
    """Ask about a1's t1 (created as task q1) and t2 (still in the buffer), and decide more."""
    lane, written = decided(store, ask("a1", "t1"), ask("a1", "t2", buffer="checking"), ask("b", "t9"), *further)
    store.settle(lane, [Outcome(written[0].id, DecisionState.DONE, {"task_id": "q1"})], [])
    return written


def test_questions_are_known_from_the_ledger(store: Store) -> None:
    asked_twice(store)
    assert store.questions_about(["a1", "never-asked"]) == [
        Question("q1", "a1", "t1", 0, 2, "ask:checking:a1:t1:0"),
        Question(None, "a1", "t2", 0, 2, "ask:checking:a1:t2:0", open=True),
    ]


def test_a_question_wants_the_most_votes_that_were_decided(store: Store) -> None:
    asked_twice(store, more_votes("q1", 4), more_votes("q1", 3), more_votes("elsewhere", 7))
    assert [each.overlap for each in store.questions_about(["a1"])] == [4, 2]


def test_raises_that_failed_or_were_superseded_do_not_count(store: Store) -> None:
    contrary = replace(more_votes("q1", 3), payload={"overlap": 9})
    written = asked_twice(store, more_votes("q1", 3), contrary, more_votes("q1", 5))
    lane = store.hold_lane("outlining", "ann", 60.0)
    assert lane is not None
    store.settle(lane, [Outcome(written[-1].id, DecisionState.FAILED)], [])
    assert store.questions_about(["a1"])[0].overlap == 3


def test_questions_that_failed_were_never_asked(store: Store) -> None:
    lane, written = decided(store, ask("a1", "t1"), ask("a1", "t2"))
    store.settle(lane, [Outcome(written[0].id, DecisionState.FAILED)], [])
    assert [each.subject_task_id for each in store.questions_about(["a1"])] == ["t2"]


def test_watermarks_move_together_and_only_theirs(store: Store) -> None:
    assert store.watermark("p1", "submitted") is None
    store.write_watermarks({("p1", "submitted"): 5.0, ("p1", "accepted"): 6.0})
    store.write_watermarks({("p1", "submitted"): 7.5, ("p2", "submitted"): 1.0})
    assert [store.watermark(*each) for each in (("p1", "submitted"), ("p1", "accepted"), ("p2", "submitted"))] == [
        7.5,
        6.0,
        1.0,
    ]


def test_a_database_belongs_to_one_account_and_environment(deployment: Deployment) -> None:
    deployment.open().claim_identity("acme", "PRODUCTION")
    other = deployment.open()
    other.claim_identity("acme", "PRODUCTION")
    for account_id, environment in (("acme", "SANDBOX"), ("rival", "PRODUCTION")):
        with pytest.raises(ForeignDatabase, match="PRODUCTION, account acme"):
            other.claim_identity(account_id, environment)


def test_roles_are_bound_per_pipeline_and_run_and_can_be_bound_anew(store: Store) -> None:
    bindings = [
        Binding("p", "main", "pool:a", "1"),
        Binding("p", "second", "pool:a", "2"),
        Binding("q", "main", "x", "3"),
    ]
    for each in reversed(bindings):
        store.bind(each)
    assert store.bindings() == bindings
    assert store.bindings("p") == bindings[:2]
    assert store.bindings("p", "second") == bindings[1:2]
    store.bind(replace(bindings[0], object_id="9"))
    assert store.bindings("p", "main") == [replace(bindings[0], object_id="9")]


def test_the_last_note_of_a_name_stays(deployment: Deployment) -> None:
    writer, reader = deployment.open(), deployment.open()
    writer.write_note("handler", "Show every outline.")
    writer.write_note("handler", "Show each outline.")
    writer.write_note("worker", "alive")
    assert reader.notes() == {"handler": "Show each outline.", "worker": "alive"}


def test_decisions_and_answers_are_tallied(store: Store) -> None:
    decided(store, ask("a1", "t1"), ask("a1", "t2"), ask("a1", "t2", payload={"overlap": 9}))
    voting = page("v1", answer("v1", "q1"), answer("v1", "q2", 1))
    store.fold([voting, page("v2", answer("v2", "q1"), status="ACTIVE")])
    store.fold([page("a1", answer("a1", "t1"), status="REJECTED", pool_id="outlining")])
    assert store.tally() == {"ask:planned": 2, "ask:superseded": 1, "checking": 2, "outlining": 1}
    assert store.tally()["hold:planned"] == 0
