"""Pages that wait for a person: which, in what order, with what to go by; and what a person may say about them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clerk import DAY, NOW, Office, carried_out, handed_in, waits
from ledger import OUTLINING, Ledger, accept, hold, more_votes, reject

from app.people import AlreadyDecided, BadAct, NoComment, UnknownPage, decide, held, prepare, record
from handlers.routing import Registry
from store.records import DecisionState, Event


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Office(tmp_path)
    yield ledger
    ledger.store.close()


def said(ledger: Ledger, act: str, assignment_id: str = "a1", **more: Any) -> Event:
    chosen = {"who": "ann", "why": "I looked", "now": NOW} | more
    return decide(ledger.store, ledger.running, assignment_id, act, **chosen)


def waiting(ledger: Ledger) -> list[str]:
    return [each.page.assignment_id for each in held(ledger.store, ledger.running)]


def kinds(ledger: Ledger) -> list[str]:
    return [each.kind for each in carried_out(ledger)]


def test_pages_wait_in_the_order_of_their_deadlines_then_of_their_ids(ledger: Ledger) -> None:
    for name, submitted in (("late", 30.0), ("b", 20.0), ("a", 20.0)):
        waits(ledger, name, submitted=submitted)
    assert waiting(ledger) == ["a", "b", "late"]


def test_a_held_page_says_what_the_votes_say_and_what_happens_by_itself(ledger: Ledger) -> None:
    waits(ledger, "a1", tasks=2, proposal="Picture 1: wrong.", submitted=5.0)
    (page,) = held(ledger.store, ledger.running)
    assert [(task.number, task.answer.input["item"]) for task in page.tasks] == [(1, "a1-1"), (2, "a1-2")]
    assert [(vote.verifier, vote.ok, vote.wrong) for vote in page.tasks[1].votes] == [
        ("bob", True, ""),
        ("cleo", False, "loose"),
        ("dan", True, ""),
    ]
    assert (page.proposal, page.reason) == ("Picture 1: wrong.", "they do not agree")
    assert page.deadline == 5.0 + 14 * DAY
    assert "platform pays" in page.automatic


def test_nothing_waits_that_was_decided_or_never_held_or_is_not_submitted(ledger: Ledger) -> None:
    handed_in(ledger, "asked")
    waits(ledger, "paid")
    ledger.record(accept("paid"))
    waits(ledger, "gone", status="ACCEPTED")
    assert waiting(ledger) == []


def test_a_page_does_not_wait_while_more_people_are_asked_and_waits_again_when_held_again(ledger: Ledger) -> None:
    waits(ledger, "a1")
    ledger.record(more_votes("a1-1"))
    assert waiting(ledger) == []
    ledger.record(hold("a1", 4))
    assert waiting(ledger) == ["a1"]


def test_a_verdict_that_the_platform_did_not_take_waits_for_a_person(ledger: Ledger) -> None:
    handed_in(ledger, "a1")
    ledger.record(accept("a1"), state=DecisionState.FAILED)
    (page,) = held(ledger.store, ledger.running)
    assert "did not take our accept" in page.reason


def test_an_accept_is_an_event_that_says_who_when_and_why_and_pays_in_the_persons_name(ledger: Ledger) -> None:
    waits(ledger, "a1", tasks=2)
    event = said(ledger, "accept", wrong=(2,), truth=True)
    assert (event.type, event.pool_id, event.assignment_id) == ("PERSON_DECIDED", OUTLINING, "a1")
    assert (event.event_time, event.source) == (NOW, "crowdhook")
    assert event.payload == {
        "type": "PERSON_DECIDED",
        "act": "accept",
        "who": "ann",
        "why": "I looked",
        "comment": "",
        "wrong": [2],
        "truth": True,
    }
    logged = ledger.store.events(type="PERSON_DECIDED").events
    assert [each.event.payload for each in logged] == [event.payload]
    (verdict,) = carried_out(ledger)
    assert (verdict.kind, verdict.payload) == ("accept", {"by": "ann", "anew": ["a1-2"]})
    assert waiting(ledger) == []


def test_verifiers_learn_from_a_person_who_looked_at_every_picture(ledger: Ledger) -> None:
    waits(ledger, "a1")
    said(ledger, "accept", truth=True)
    carried_out(ledger)
    known = ledger.store.standings(["bob", "cleo"])
    assert (known["bob"].known, known["bob"].agreed) == (1.0, 1.0)
    assert (known["cleo"].known, known["cleo"].agreed) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("proposal", "more", "comment"),
    [
        ("Picture 1: proposed.", {}, "Picture 1: proposed."),
        ("Picture 1: proposed.", {"comment": "In ann's words."}, "In ann's words."),
        (
            "Picture 1: proposed.",
            {"wrong": (2,)},
            "Picture 2: 1 of 3 people found the outline wrong (a box is not tight).",
        ),
        ("", {"wrong": (1,)}, "Picture 1: 1 of 3 people found the outline wrong (a box is not tight)."),
    ],
)
def test_a_refusal_tells_its_performer_why(ledger: Ledger, proposal: str, more: Any, comment: str) -> None:
    waits(ledger, "a1", tasks=2, proposal=proposal)
    said(ledger, "reject", **more)
    (verdict,) = carried_out(ledger)
    assert (verdict.kind, verdict.payload) == ("reject", {"by": "ann", "comment": comment})


def test_a_refusal_without_a_reason_is_not_taken(ledger: Ledger) -> None:
    waits(ledger, "a1", tasks=2)
    with pytest.raises(NoComment):
        said(ledger, "reject")
    handed_in(ledger, "nobody-voted")
    with pytest.raises(NoComment):
        said(ledger, "reject", "nobody-voted", wrong=(1,))
    with pytest.raises(BadAct, match="2049"):
        said(ledger, "reject", comment="x" * 2049)
    assert ledger.store.events(type="PERSON_DECIDED").events == ()


def test_asking_more_raises_each_question_and_the_page_waits_no_longer(ledger: Ledger) -> None:
    waits(ledger, "a1", tasks=2)
    said(ledger, "ask-more")
    assert [(each.kind, each.payload["overlap"]) for each in carried_out(ledger)] == [("votes", 4), ("votes", 4)]
    assert waiting(ledger) == []


def test_a_second_decision_is_refused_with_who_and_when_before_and_after_the_worker_came_to_it(ledger: Ledger) -> None:
    waits(ledger, "a1")
    said(ledger, "accept")
    with pytest.raises(AlreadyDecided, match=r"ann said accept on 1970-01-01 00:16 UTC.*not carried it out"):
        said(ledger, "reject", comment="no", who="bea")
    carried_out(ledger)
    with pytest.raises(AlreadyDecided, match="was accepted by ann on 1970-01-01 00:16 UTC"):
        said(ledger, "reject", comment="no", who="bea")
    ledger.page("a1", status="ACCEPTED", reviewed=NOW)
    with pytest.raises(AlreadyDecided, match="was accepted by ann"):
        said(ledger, "ask-more")


def test_what_the_rule_decided_is_said_to_be_the_rules(ledger: Ledger) -> None:
    waits(ledger, "a1")
    ledger.record(reject("a1"))
    with pytest.raises(AlreadyDecided, match="was refused by the rule on 1970-01-01 00:00 UTC"):
        said(ledger, "reject", comment="no")


@pytest.mark.parametrize(
    ("status", "reviewed", "told"),
    [
        ("ACCEPTED", NOW, "was accepted by somebody on the site on 1970-01-01 00:16 UTC"),
        ("REJECTED", NOW, "was refused by somebody on the site on 1970-01-01 00:16 UTC"),
        ("ACCEPTED", 15 * DAY, "was accepted by the platform, its review period being over, on 1970-01-16 00:00 UTC"),
    ],
)
def test_what_was_decided_elsewhere_is_said_to_be(ledger: Ledger, status: str, reviewed: float, told: str) -> None:
    waits(ledger, "a1", status=status, submitted=5.0, reviewed=reviewed)
    with pytest.raises(AlreadyDecided, match=told):
        said(ledger, "reject", comment="no")


def test_accepting_what_was_refused_is_an_appeal_and_only_one(ledger: Ledger) -> None:
    handed_in(ledger, "a1", status="REJECTED", reviewed=NOW)
    ledger.record(reject("a1"))
    said(ledger, "accept")
    (appeal,) = carried_out(ledger)
    assert (appeal.kind, appeal.payload["by"]) == ("appeal", "ann")
    with pytest.raises(AlreadyDecided, match="was accepted by ann"):
        said(ledger, "accept", who="bea")


def test_accepting_what_was_refused_but_not_sent_takes_it_back(ledger: Ledger) -> None:
    handed_in(ledger, "a1")
    late = replace(reject("a1"), due_at=NOW + 100, buffer="refusals")
    ledger.record(late, state=DecisionState.PLANNED)
    with pytest.raises(AlreadyDecided, match="not sent yet: accept takes it back"):
        said(ledger, "ask-more")
    said(ledger, "accept")
    assert kinds(ledger) == ["recall", "accept"]
    verdict = ledger.store.decision("verdict:a1")
    assert verdict is not None
    assert (verdict.kind, verdict.payload["by"]) == ("accept", "ann")


def test_what_cannot_be_decided_is_named(ledger: Ledger) -> None:
    handed_in(ledger, "expired", status="EXPIRED")
    waits(ledger, "a1", tasks=2)
    with pytest.raises(UnknownPage, match="nowhere is no page of outlines of the run test"):
        said(ledger, "accept", "nowhere")
    with pytest.raises(UnknownPage, match="bob-a1"):
        said(ledger, "accept", "bob-a1")
    with pytest.raises(UnknownPage, match=r"expired was not handed in \(it is EXPIRED\)"):
        said(ledger, "accept", "expired")
    with pytest.raises(BadAct, match="no picture 3, it has 2"):
        said(ledger, "accept", wrong=(1, 3))
    with pytest.raises(BadAct, match="asking on says nothing"):
        said(ledger, "ask-more", wrong=(1,))
    with pytest.raises(BadAct, match="'burn' is not one of accept, reject, ask-more"):
        said(ledger, "burn")


def test_of_two_people_at_the_same_moment_one_is_refused(ledger: Ledger) -> None:
    waits(ledger, "a1")
    chosen: dict[str, Any] = {"why": "", "now": NOW}
    entries = [prepare(ledger.store, ledger.running, "a1", "accept", who=who, **chosen) for who in ("ann", "bea")]
    record(ledger.store, entries[:1])
    with pytest.raises(AlreadyDecided, match="somebody decided at the same moment about a1"):
        record(ledger.store, entries[1:])
    assert [each.event.payload["who"] for each in ledger.store.events(type="PERSON_DECIDED").events] == ["ann"]


def test_an_act_that_the_worker_could_not_carry_out_may_be_said_again(ledger: Ledger) -> None:
    waits(ledger, "a1")
    said(ledger, "accept")
    ledger.store.route(Registry([ledger.running]).routes)
    taken = ledger.store.claim("test", 60.0)
    assert taken is not None
    lane, (delivery,) = taken
    with pytest.raises(AlreadyDecided, match="ann said accept"):
        said(ledger, "accept", who="bea")
    ledger.store.fail(lane, delivery.id, "no", park=True)
    assert said(ledger, "accept", who="bea").payload["who"] == "bea"
