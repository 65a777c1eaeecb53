"""Votes counted: per question, on full pages, and against what was decided in the end."""

from pathlib import Path

from ledger import CHECKING, Ledger, accept, outline, question, reject, vote

from app.reading import Reading, read
from app.voting import agreement, fill, questions
from store.records import NewDecision


def control(name: str, truth: bool) -> NewDecision:
    payload = {"input": {}, "overlap": 2, "unavailable_for": [], "generation": 0, "truth": truth}
    subject = {"assignment_id": f"control:{name}", "task_id": name}
    return NewDecision(f"ask:{CHECKING}:q-{name}", "ask", CHECKING, payload, **subject)


def reading(ledger: Ledger) -> Reading:
    return read(ledger.store, ledger.running)


def agreed(ledger: Ledger) -> list[tuple[str, int, int]]:
    together, each = agreement(reading(ledger))
    return [(one.user_id, one.agreed, one.votes) for one in (together, *each)]


def test_control_questions_are_counted_apart_and_against_their_truth(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(question("a1", "t1"), control("good", True), control("bad", False))
    said = (vote("a1", "t1"), vote("control:good", "good"), vote("control:bad", "bad"))
    ledger.votes("v1", *said, user_id="always yes")
    ledger.votes("v2", vote("a1", "t1", "loose"), vote("control:bad", "bad", "missed"), user_id="careful")
    ordinary, controls = questions(reading(ledger))
    assert (ordinary.asked, ordinary.votes, ordinary.per_question, ordinary.right) == (1, 2, 2.0, None)
    assert (controls.asked, controls.votes, controls.per_question, controls.right) == (2, 3, 1.5, 2)


def test_without_questions_nothing_can_be_said_per_question(tmp_path: Path) -> None:
    ordinary, controls = questions(reading(Ledger(tmp_path)))
    assert (ordinary.per_question, controls.per_question) == (None, None)


def test_pages_are_as_full_as_they_have_tasks_for_their_places(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert fill(reading(ledger).checking, 10) is None
    ledger.votes("v1", *(vote(f"a{i}", f"t{i}") for i in range(10)), user_id="bob")
    ledger.votes("v2", *(vote(f"a{i}", f"t{i}") for i in range(5)), user_id="eve")
    assert fill(reading(ledger).checking, 10) == 0.75


def test_votes_on_a_paid_page_agree_when_they_call_its_results_right_and_the_others_wrong(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.page("a1", outline("x.jpg", "t1"), outline("y.jpg", "t2"), status="ACCEPTED")
    ledger.record(accept("a1", "t2"))
    ledger.votes("v1", vote("a1", "t1"), vote("a1", "t2"), user_id="always yes")
    ledger.votes("v2", vote("a1", "t1"), vote("a1", "t2", "missed"), user_id="careful")
    assert agreed(ledger) == [("", 3, 4), ("always yes", 1, 2), ("careful", 2, 2)]


def test_the_only_outline_of_a_refused_page_is_wrong(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.page("a1", outline("x.jpg", "t1"), status="REJECTED")
    ledger.record(reject("a1"))
    ledger.votes("v1", vote("a1", "t1"), user_id="yes")
    ledger.votes("v2", vote("a1", "t1", "loose"), user_id="no")
    assert agreed(ledger) == [("", 1, 2), ("yes", 0, 1), ("no", 1, 1)]


def test_on_a_longer_refused_page_most_votes_say_what_an_outline_is_and_a_tie_says_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.page("a1", *(outline(f"{i}.jpg", f"t{i}") for i in (1, 2, 3)), status="REJECTED")
    ledger.record(reject("a1"))
    ledger.votes("v1", vote("a1", "t1"), vote("a1", "t2", "loose"), vote("a1", "t3"), user_id="ann")
    ledger.votes("v2", vote("a1", "t1"), vote("a1", "t2", "loose"), vote("a1", "t3", "loose"), user_id="bob")
    ledger.votes("v3", vote("a1", "t1", "loose"), user_id="eve")
    assert agreed(ledger) == [("", 4, 5), ("eve", 0, 1), ("ann", 2, 2), ("bob", 2, 2)]


def test_votes_on_what_is_not_decided_or_was_decided_elsewhere_count_for_nobody(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.page("a1", outline("x.jpg", "t1"))
    ledger.page("a2", outline("y.jpg", "t2"), status="ACCEPTED")
    ledger.votes("v1", vote("a1", "t1"), vote("a2", "t2"), vote("control:1", "c"), user_id="ann")
    together, each = agreement(reading(ledger))
    assert (together.votes, together.share, each) == (0, None, [])
