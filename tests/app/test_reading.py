"""Where a page is in its life, told from what the platform shows and what the ledger says."""

from dataclasses import replace
from pathlib import Path

import pytest
from ledger import OUTLINING, Ledger, accept, appeal, hold, more_votes, outline, question, reject

from app.reading import PageState, read
from store.records import DecisionState, NewDecision

PROPOSAL = replace(hold("a1"), payload={"proposal": "Picture 1: a box is not tight."})
RECALL = NewDecision("recall:a1:0", "recall", OUTLINING, {}, assignment_id="a1")


def state(ledger: Ledger, status: str = "SUBMITTED") -> PageState:
    ledger.page("a1", outline("x.jpg", "t1"), status=status)
    (dossier,) = read(ledger.store, ledger.running).outlining
    return dossier.state


@pytest.mark.parametrize(
    ("decided", "status", "expected"),
    [
        ([], "SUBMITTED", PageState.SUBMITTED),
        ([question("a1", "t1")], "SUBMITTED", PageState.IN_VERIFICATION),
        ([question("a1", "t1"), hold("a1")], "SUBMITTED", PageState.HELD),
        ([question("a1", "t1"), hold("a1"), more_votes("t1")], "SUBMITTED", PageState.IN_VERIFICATION),
        ([question("a1", "t1"), more_votes("t1"), hold("a1")], "SUBMITTED", PageState.HELD),
        ([question("a1", "t1"), hold("a1"), accept("a1")], "SUBMITTED", PageState.DECIDED),
        ([accept("a1")], "ACCEPTED", PageState.ACCEPTED),
        ([reject("a1")], "REJECTED", PageState.REFUSED),
        ([reject("a1"), appeal("a1")], "ACCEPTED", PageState.ACCEPTED),
        ([question("a1", "t1")], "ACCEPTED", PageState.ELSEWHERE),
        ([hold("a1")], "REJECTED", PageState.ELSEWHERE),
        ([reject("a1")], "ACCEPTED", PageState.ELSEWHERE),
    ],
)
def test_a_page_stands_where_its_last_decision_or_the_platform_put_it(
    tmp_path: Path, decided: list[NewDecision], status: str, expected: PageState
) -> None:
    ledger = Ledger(tmp_path)
    for each in decided:
        ledger.record(each)
    assert state(ledger, status) is expected


def test_a_verdict_that_the_platform_did_not_take_waits_for_a_person(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(question("a1", "t1"))
    ledger.record(accept("a1"), state=DecisionState.FAILED)
    assert state(ledger) is PageState.HELD


def test_a_verdict_that_came_second_does_not_count(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(accept("a1"))
    ledger.record(reject("a1"))
    assert state(ledger, "ACCEPTED") is PageState.ACCEPTED


def test_a_refusal_that_was_recalled_is_no_verdict_any_more(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(replace(reject("a1"), buffer="refusals"), state=DecisionState.PLANNED)
    assert state(ledger) is PageState.DECIDED
    ledger.record(RECALL, PROPOSAL)
    assert state(ledger) is PageState.HELD


def test_a_proposed_refusal_is_a_hold_with_a_comment(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(PROPOSAL)
    ledger.record(hold("a2"))
    for name in ("a1", "a2"):
        ledger.page(name, outline("x.jpg", f"t-{name}"))
    assert [each.proposal for each in read(ledger.store, ledger.running).outlining] == [True, False]


def test_pages_that_nobody_handed_in_and_other_runs_are_left_out(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(hold("a1"))
    ledger.page("a1", outline("x.jpg", "t1"), status="EXPIRED")
    assert read(ledger.store, ledger.running).outlining == ()
    assert [each.kind for each in read(ledger.store, ledger.running).decisions] == ["hold"]
    assert read(ledger.store, replace(ledger.running, run="another")).decisions == ()
