"""What came out for an image follows from the ledger and from how its pages stand on the platform now."""

from collections.abc import Iterator
from dataclasses import replace
from math import log
from pathlib import Path

import pytest
from ledger import (
    BOX,
    OUTLINING,
    Ledger,
    accept,
    appeal,
    ask,
    hold,
    more_votes,
    outline,
    question,
    reject,
    vote,
)

from app.boxes import Box
from app.outcomes import image_results, refused_outlines
from app.results import CountedVote, ImageResult
from store.records import DecisionState, Lesson


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path)
    yield ledger
    ledger.store.close()


def results(ledger: Ledger) -> dict[str, ImageResult]:
    return {each.key: each for each in image_results(ledger.store, ledger.running)}


def only(ledger: Ledger) -> ImageResult:
    (result,) = results(ledger).values()
    return result


def stands(ledger: Ledger) -> tuple[str, str]:
    return only(ledger).status, only(ledger).reason


def one_page(ledger: Ledger, status: str = "SUBMITTED", **more: object) -> None:
    """One image, outlined once."""
    ledger.record(ask("cat", "t1"))
    ledger.page("a1", outline("cat", "t1", BOX), status=status, **more)


def test_an_image_that_nobody_answered_is_pending(ledger: Ledger) -> None:
    ledger.record(ask("cat", "t1"))
    ledger.page("a0", outline("cat", "t1", BOX), status="EXPIRED")
    assert stands(ledger) == ("pending", "asked, not yet answered")
    assert only(ledger).performer is None


def test_an_outline_of_a_page_that_we_accepted_is_the_verified_result(ledger: Ledger) -> None:
    one_page(ledger, "ACCEPTED")
    ledger.record(accept("a1"))
    result = only(ledger)
    assert (result.status, result.boxes, result.verified) == ("accepted", (BOX,), True)
    assert (result.performer, result.assignment_id, result.task_id) == ("p-a1", "a1", "t1")
    assert (result.verdict, result.verdict_reason) == ("accept", "they say right")


def test_an_outline_of_a_page_that_somebody_accepted_on_the_site_is_a_result_not_verified(ledger: Ledger) -> None:
    one_page(ledger, "ACCEPTED")
    result = only(ledger)
    assert (result.status, result.boxes, result.verified, result.verdict) == ("accepted", (BOX,), False, "")


def test_a_held_page_that_the_platform_paid_by_itself_is_a_result_not_verified(ledger: Ledger) -> None:
    one_page(ledger, "ACCEPTED")
    ledger.record(hold("a1"))
    result = only(ledger)
    assert (result.status, result.verified, result.verdict) == ("accepted", False, "hold")


def test_a_page_accepted_on_the_site_against_our_refusal_is_a_result_not_verified(ledger: Ledger) -> None:
    one_page(ledger, "ACCEPTED")
    ledger.record(reject("a1"), state=DecisionState.CONFLICT)
    assert (only(ledger).status, only(ledger).verified) == ("accepted", False)


def test_a_refusal_that_was_taken_back_is_a_verified_result(ledger: Ledger) -> None:
    one_page(ledger, "ACCEPTED")
    ledger.record(reject("a1"))
    ledger.record(appeal("a1"))
    result = only(ledger)
    assert (result.status, result.verified, result.verdict) == ("accepted", True, "appeal")


def test_nothing_here_is_a_result_without_boxes(ledger: Ledger) -> None:
    ledger.record(ask("cat", "t1"))
    ledger.page("a1", outline("cat", "t1"), status="ACCEPTED")
    ledger.record(accept("a1"))
    assert (only(ledger).status, only(ledger).boxes) == ("accepted", ())


def test_of_a_paid_page_the_outlines_that_are_not_right_are_no_results(ledger: Ledger) -> None:
    ledger.record(ask("cat", "t1"), ask("dog", "t2"))
    ledger.page("a1", outline("cat", "t1", BOX), outline("dog", "t2", BOX), status="ACCEPTED")
    ledger.record(accept("a1", "t2"))
    assert stands_of(ledger) == {"cat": ("accepted", (BOX,)), "dog": ("pending", ())}
    ledger.record(ask("dog", "t3", round=2))
    assert results(ledger)["dog"].reason == "asked, not yet answered"
    other = Box(0.1, 0.1, 0.2, 0.2)
    ledger.page("a2", outline("dog", "t3", other, round=2), status="ACCEPTED")
    ledger.record(accept("a2"))
    assert stands_of(ledger)["dog"] == ("accepted", (other,))


def stands_of(ledger: Ledger) -> dict[str, tuple[str, tuple[Box, ...]]]:
    return {key: (each.status, each.boxes) for key, each in results(ledger).items()}


def test_a_refused_outline_is_no_result_and_asked_anew_until_the_rounds_are_used_up(ledger: Ledger) -> None:
    one_page(ledger, "REJECTED")
    ledger.record(reject("a1"))
    assert stands(ledger) == ("pending", "to be asked anew")
    assert only(ledger).boxes == ()
    ledger.record(ask("cat", "t2", round=2))
    ledger.page("a2", outline("cat", "t2", BOX, round=2), status="REJECTED")
    ledger.record(reject("a2"))
    assert stands(ledger) == ("unresolved", "not right after 2 rounds")
    assert (only(ledger).rounds, only(ledger).assignment_id, only(ledger).outline) == (2, "a2", (BOX,))


def test_a_held_page_waits_with_its_reason_and_shows_what_was_drawn(ledger: Ledger) -> None:
    one_page(ledger)
    assert stands(ledger) == ("pending", "in verification")
    ledger.record(hold("a1"))
    assert stands(ledger) == ("held", "they do not agree")
    assert (only(ledger).boxes, only(ledger).outline) == ((), (BOX,))


def test_a_held_page_that_more_votes_were_asked_for_is_in_verification_until_it_is_held_again(ledger: Ledger) -> None:
    one_page(ledger)
    ledger.record(question("a1", "t1"))
    ledger.record(hold("a1", 3))
    ledger.record(more_votes("t1"))
    assert stands(ledger) == ("pending", "in verification")
    ledger.record(hold("a1", 4))
    assert stands(ledger)[0] == "held"


def test_a_decided_page_waits_for_its_verdict_to_be_sent(ledger: Ledger) -> None:
    one_page(ledger)
    ledger.record(hold("a1"))
    ledger.record(reject("a1"), state=DecisionState.PLANNED)
    assert stands(ledger) == ("pending", "decided, not yet sent")


def test_a_verdict_that_the_platform_did_not_take_leaves_the_page_to_a_person(ledger: Ledger) -> None:
    one_page(ledger)
    ledger.record(accept("a1"), state=DecisionState.FAILED)
    assert stands(ledger) == ("held", "the platform did not take our accept")


def test_a_contrary_verdict_that_came_later_changes_nothing(ledger: Ledger) -> None:
    ledger.record(ask("cat", "t1"), ask("dog", "t2"))
    ledger.page("a1", outline("cat", "t1", BOX), outline("dog", "t2", BOX), status="ACCEPTED")
    ledger.record(accept("a1", "t2"))
    ledger.record(reject("a1"))
    assert len(ledger.store.decisions(kind="reject", state="superseded")) == 1
    assert stands_of(ledger) == {"cat": ("accepted", (BOX,)), "dog": ("pending", ())}
    assert results(ledger)["cat"].verified


def test_the_votes_on_the_last_outline_are_weighed_by_what_is_known_of_the_verifiers_now(ledger: Ledger) -> None:
    one_page(ledger)
    wrong_before = Lesson("a0:t0:coin", "coin", known=30.0, agreed=0.0)
    ledger.record(question("a1", "t1"), lessons=[wrong_before])
    ledger.votes("v1", vote("a1", "t1"), user_id="stranger")
    ledger.votes("v2", vote("a1", "t1", "loose"), user_id="coin")
    stranger, coin = only(ledger).votes
    assert stranger == CountedVote("stranger", True, "", pytest.approx(log(0.8 / 0.2)))  # type: ignore[arg-type]
    assert coin == CountedVote("coin", False, "loose", pytest.approx(0.0))  # type: ignore[arg-type]


def test_the_vote_of_a_verifier_who_is_not_believed_weighs_nothing(ledger: Ledger) -> None:
    one_page(ledger)
    known = [Lesson(f"control:{at}:yes", "yes", known=1.0, agreed=0.0, truth=False) for at in range(8)]
    ledger.record(question("a1", "t1"), lessons=known)
    ledger.record(lessons=[Lesson(f"a0:{at}:yes", "yes", known=1.0, agreed=1.0) for at in range(40)])
    ledger.votes("v1", vote("a1", "t1"), user_id="yes")
    assert [each.weight for each in only(ledger).votes] == [0.0]


def test_an_image_costs_its_share_of_paid_pages_and_of_the_pages_that_voted_on_it(ledger: Ledger) -> None:
    ledger.record(ask("cat", "t1"), ask("dog", "t2"))
    ledger.page("a1", outline("cat", "t1", BOX), outline("dog", "t2", BOX), status="ACCEPTED", reward=0.10)
    ledger.record(accept("a1", "t2"))
    ledger.record(ask("dog", "t3", round=2))
    ledger.page("a2", outline("dog", "t3", BOX, round=2), status="REJECTED", reward=0.10)
    ledger.votes("v1", vote("a1", "t1"), vote("a1", "t2", "loose"), user_id="x", reward=0.02)
    ledger.votes("v2", vote("a2", "t3", "loose"), vote("elsewhere", "t9"), user_id="y", reward=0.03)
    costs = {key: each.cost for key, each in results(ledger).items()}
    assert costs == {"cat": pytest.approx(0.05 + 0.01), "dog": pytest.approx(0.05 + 0.01 + 0.015)}
    with_fee = image_results(ledger.store, ledger.running, fee=0.3)
    assert with_fee[0].cost == pytest.approx(0.06 * 1.3)


def test_an_image_names_the_events_that_its_decisions_hang_on_and_no_others(ledger: Ledger) -> None:
    asked = ledger.record(ask("cat", "t1"))
    ledger.record(ask("dog", "t2"))
    ledger.page("a1", outline("cat", "t1", BOX), status="REJECTED")
    ledger.page("a2", outline("dog", "t2", BOX))
    questioned = ledger.record(question("a1", "t1"))
    ledger.record(question("a2", "t2"))
    on = [ledger.record(each) for each in (hold("a1"), more_votes("t1"), reject("a1"), ask("cat", "t3", round=2))]
    assert results(ledger)["cat"].events == (asked, questioned, *on)


def test_refused_outlines_are_listed_with_what_the_performer_was_told(ledger: Ledger) -> None:
    ledger.record(ask("cat", "t1"), ask("dog", "t2"))
    ledger.page("a1", outline("cat", "t1", BOX), outline("dog", "t2"), status="REJECTED", comment="as the site shows")
    ledger.page("a2", outline("cat", "t3", BOX, round=2), status="REJECTED", comment="by hand, on the site")
    ledger.page("a3", outline("cat", "t4", BOX, round=3), status="ACCEPTED")
    ledger.votes("v1", vote("a1", "t1", "loose"), user_id="x")
    ledger.record(reject("a1", "Picture 1: not tight."))
    refused = refused_outlines(ledger.store, ledger.running, {"cat": (640, 480)})
    assert [(each.key, each.assignment_id, each.picture, each.pictures, each.comment) for each in refused] == [
        ("cat", "a1", 1, 2, "Picture 1: not tight."),
        ("dog", "a1", 2, 2, "Picture 1: not tight."),
        ("cat", "a2", 1, 1, "by hand, on the site"),
    ]
    assert [len(each.votes) for each in refused] == [1, 0, 0]
    assert [each.width for each in refused] == [640, None, 640]
    assert [each.boxes for each in refused] == [(BOX,), (), (BOX,)]


def test_a_refusal_names_the_person_who_decided_it(ledger: Ledger) -> None:
    one_page(ledger, "REJECTED")
    decision = reject("a1")
    ledger.record(replace(decision, payload={**decision.payload, "by": "ann"}))
    assert [each.by for each in refused_outlines(ledger.store, ledger.running)] == ["ann"]


def test_pages_of_another_run_are_left_alone(ledger: Ledger) -> None:
    one_page(ledger, "ACCEPTED")
    other = ledger.running.pool_ids | {"outlining": f"not {OUTLINING}"}
    elsewhere = type(ledger.running)(ledger.running.pipeline, "other", ledger.running.settings, other)
    assert image_results(ledger.store, elsewhere) == []
    assert refused_outlines(ledger.store, elsewhere) == []
