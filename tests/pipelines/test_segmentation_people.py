"""What a person decides about a page is done: by values alone."""

from dataclasses import replace
from typing import Any

import pytest
from pages import OK, bad, context, outline, subject, verdict, voted

from handlers import Accept, Appeal, Learn, MoreVotes, Recall, Reject, Subject
from handlers.actions import Action
from handlers.pipelines import image_segmentation as pipeline
from handlers.record import Record
from store.records import Question

REFUSED = Record().after([Reject("page", "loose", late=9e9)])  # and not sent yet


def told(act: str, shown: Subject | None = None, record: Record | None = None, **more: Any) -> list[Action]:
    """What follows when Eve says so about a page of two outlines: one found right, one disputed."""
    disputed = subject(voted(outline(0), OK, OK, OK), voted(outline(1), OK, bad("loose"), OK))
    said = {"type": "PERSON_DECIDED", "act": act, "who": "eve", "why": "I looked"} | more
    ctx = context("PERSON_DECIDED", subject=shown or disputed, payload=said, record=record or Record())
    return list(pipeline.do_as_told(ctx))


def test_a_page_is_paid_in_the_persons_name():
    assert told("accept") == [Accept("page", "I looked", (), by="eve")]


def test_what_the_person_found_wrong_is_paid_and_asked_anew():
    (paid,) = told("accept", wrong=[2])
    assert paid == Accept("page", "I looked", ("task-1",), by="eve")
    made = subject(voted(outline(0), OK), voted(outline(1), OK), status="ACCEPTED")
    reviewed = replace(made, verdict=verdict("accept", anew=list(paid.anew), by="eve"))
    asked = list(pipeline.ask_anew(context("ASSIGNMENT_APPROVED", assignment=made.page, subject=reviewed)))
    assert [(each.key, each.unavailable_for) for each in asked] == [("page:task-1:2", ("ann",))]


def test_a_page_is_refused_at_once_with_the_persons_comment():
    (refused,) = told("reject", comment="Picture 2 is loose.", wrong=[2])
    assert refused == Reject("page", "Picture 2 is loose.", "I looked", late=None, by="eve")


def test_more_people_are_asked_about_every_question_whose_votes_are_in():
    waiting = voted(outline(2), OK, overlap=3)
    not_asked = replace(voted(outline(3)), question=Question(None, "page", "task-3", 0, 0, "key"))
    shown = subject(voted(outline(0), *[OK, bad("loose")] * 3, OK), voted(outline(1), OK, OK), waiting)
    assert told("ask-more", shown) == [
        MoreVotes("checking", "question-0", 8, "I looked", "page"),
        MoreVotes("checking", "question-1", 3, "I looked", "page"),
    ]
    assert told("ask-more", subject(replace(not_asked, question=None))) == []


def test_a_refusal_that_was_not_sent_is_recalled_before_the_page_is_paid():
    assert told("accept", record=REFUSED, wrong=[1]) == [
        Recall("page", "eve: I looked", 6),
        Accept("page", "I looked", ("task-0",), by="eve"),
    ]


def test_a_refusal_that_was_sent_is_taken_back_by_an_appeal():
    shown = subject(voted(outline(), *[bad("loose")] * 4), status="REJECTED", verdict=verdict("reject", comment="no"))
    sent = Record().after([Reject("page", "no")])
    assert told("accept", shown, sent) == [Appeal("page", by="eve", reason="I looked")]


def test_a_refusal_that_waits_already_is_not_decided_again():
    assert told("reject", record=REFUSED, comment="loose") == []


@pytest.mark.parametrize(("act", "record"), [("accept", None), ("reject", None), ("reject", REFUSED)])
def test_verifiers_learn_from_a_person_who_looked_at_every_task(act, record):
    (*_, learn) = told(act, record=record, comment="loose", wrong=[2], truth=True)
    assert isinstance(learn, Learn)
    assert {each.key: (each.known, each.agreed) for each in learn.lessons} == {
        "page:task-0:bob-0:person": (1.0, 1.0),
        "page:task-0:bob-1:person": (1.0, 1.0),
        "page:task-0:bob-2:person": (1.0, 1.0),
        "page:task-1:bob-0:person": (1.0, 0.0),
        "page:task-1:bob-1:person": (1.0, 1.0),
        "page:task-1:bob-2:person": (1.0, 0.0),
    }


def test_nothing_is_learnt_from_a_person_who_did_not_look_at_all_of_it():
    assert not any(isinstance(each, Learn) for each in told("accept", wrong=[2]))


def test_nothing_is_done_about_a_page_nobody_knows():
    ctx = context("PERSON_DECIDED", payload={"act": "accept", "who": "eve", "why": ""})
    assert list(pipeline.do_as_told(ctx)) == []
