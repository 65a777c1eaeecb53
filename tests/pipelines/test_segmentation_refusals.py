"""Refusals are proposed, sent late, or taken back by the breaker; votes that cannot be believed are withdrawn."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from pages import BOX, OK, bad, context, outline, page, subject, voted

from handlers import Accept, Asked, Hold, Learn, MoreVotes, Recall, Reject, Subject
from handlers.actions import Action
from handlers.pipelines import image_segmentation as pipeline
from handlers.record import Record
from store.records import Standing

KNOWN = tuple(
    {"key": f"{at}.png", "image": f"https://pictures.example/{at}.png", "shapes": [BOX][: at % 2]} for at in range(6)
)
ALWAYS_YES = Standing("eve", bad=5, bad_right=0)
DAY = 86400.0


def settled(*subjects: Subject, record: Record | None = None, **chosen: Any) -> list[Action]:
    """What follows from the votes; `chosen` are settings."""
    shown = context("ASSIGNMENT_SUBMITTED", chosen=chosen, subjects=subjects, record=record or Record())
    return [each for each in pipeline.settle(shown) if not isinstance(each, Learn)]


def named(name: str, *asked: Asked) -> Subject:
    made = subject(*asked)
    return replace(made, page=replace(made.page, assignment_id=name))


def found_wrong(name: str) -> Subject:
    return named(name, voted(outline(), *[bad("loose")] * 4))


def found_right(name: str) -> Subject:
    return named(name, voted(outline(), OK, OK, OK))


def of(kind: type[Action], actions: Iterable[Action]) -> list[Any]:
    return [each for each in actions if isinstance(each, kind)]


# refusals


@pytest.mark.parametrize("chosen", [{}, {"refuse": "earned"}, {"refuse": "proposed"}])
def test_a_refusal_is_proposed_until_it_is_earned(chosen):
    comment = "Picture 1: 4 of 4 people found the outline wrong (a box is not tight)."
    assert settled(found_wrong("page"), **chosen) == [Hold("page", 4, "task 1: 0 OK, 4 BAD, chance 0.004", comment)]


def test_nothing_is_learnt_from_a_proposal_before_a_person_saw_it():
    shown = context("ASSIGNMENT_SUBMITTED", subjects=(found_wrong("page"),))
    assert [type(each) for each in pipeline.settle(shown)] == [Hold]


def test_a_refusal_goes_live_by_a_gate():
    earned = Record().after(Accept(f"paid-{at}") for at in range(200))
    (refusal,) = settled(found_wrong("page"), record=earned)
    assert isinstance(refusal, Reject)
    assert [type(each) for each in settled(found_wrong("page"), record=earned, refuse="proposed")] == [Hold]


def test_a_refusal_waits_and_is_sent_before_the_platform_would_pay():
    (refusal,) = settled(found_wrong("page"), refuse="always", review_days=3)
    assert refusal.late == 2.0 + 3 * DAY - 6 * 3600.0  # the page was submitted at 2.0


def test_an_unguarded_rule_refuses_at_once_whatever_the_record_says():
    tripped = Record().after(Hold(f"other-{at}", 4, "4 BAD", "loose") for at in range(20))
    (refusal,) = settled(found_wrong("page"), record=tripped, refuse=pipeline.UNGUARDED)
    assert (type(refusal), refusal.late) == (Reject, None)


def test_what_was_proposed_is_left_to_a_person_whatever_the_rule_may_do_since():
    proposed = Record().after([Hold("page", 4, "4 BAD", "loose")])
    (again,) = settled(found_wrong("page"), record=proposed, refuse="always")
    assert (type(again), again.occasion) == (Hold, 4)
    assert again.proposal


def test_what_was_proposed_is_paid_when_more_votes_say_so():
    proposed = Record().after([Hold("page", 4, "4 BAD", "loose")])
    assert [type(each) for each in settled(found_right("page"), record=proposed)] == [Accept]


# the breaker


def test_the_eleventh_refusal_trips_the_breaker_and_takes_the_others_back():
    """As a rule with OK and BAD swapped would meet eleven good pages: none of them is refused in the end."""
    pages = [found_wrong(f"page-{at:02}") for at in range(11)]
    actions = settled(*pages, refuse="always")
    assert [each.assignment_id for each in of(Reject, actions)] == [f"page-{at:02}" for at in range(10)]
    recalled = actions[actions.index(of(Recall, actions)[0]) :]
    assert [(type(each), each.assignment_id) for each in recalled] == [
        (kind, f"page-{at:02}") for at in range(10) for kind in (Recall, Hold)
    ] + [(Hold, "page-10")]
    comments = {each.comment for each in of(Reject, actions)}
    assert {each.proposal for each in of(Hold, actions)} == comments


def test_what_follows_a_tripped_breaker_is_proposed():
    tripped = Record().after(settled(*(found_wrong(f"page-{at}") for at in range(11)), refuse="always"))
    assert tripped.unsent == ()
    assert [type(each) for each in settled(found_wrong("next"), record=tripped, refuse="always")] == [Hold]
    assert [type(each) for each in settled(found_right("good"), record=tripped, refuse="always")] == [Accept]


def test_ten_of_twenty_do_not_trip_it():
    mixed = [each for at in range(10) for each in (found_wrong(f"bad-{at}"), found_right(f"good-{at}"))]
    actions = settled(*mixed, refuse="always")
    assert (len(of(Reject, actions)), len(of(Accept, actions)), of(Recall, actions)) == (10, 10, [])


def test_a_refusal_that_was_sent_is_not_recalled():
    sent = [Reject(f"sent-{at}", "loose") for at in range(9)]
    record = Record().after([*sent, Reject("waits", "loose", late=9e9)])
    actions = settled(found_wrong("page"), record=record, refuse="always")
    assert [each.assignment_id for each in of(Recall, actions)] == ["waits"]
    assert [each.assignment_id for each in of(Hold, actions)] == ["waits", "page"]


# verifiers below the bar


def distrusted(*votes: Any, others: int, overlap: int) -> Asked:
    """Votes of somebody who always says yes, then of others."""
    asked = voted(outline(), *votes, overlap=overlap)
    given = [replace(vote, standing=ALWAYS_YES) for vote in asked.votes[: len(votes) - others]]
    return replace(asked, votes=(*given, *asked.votes[len(given) :]))


def test_a_vote_that_cannot_be_believed_is_withdrawn_and_one_more_is_asked_for():
    (more,) = settled(subject(distrusted(OK, OK, OK, others=2, overlap=3)))
    assert more == MoreVotes("checking", "question-0", 4, "task 1: 2 OK, 0 BAD, chance 0.941", "page")


def test_it_is_not_counted_when_the_others_are_sure():
    (paid,) = settled(subject(distrusted(OK, OK, OK, OK, others=3, overlap=4)))
    assert paid == Accept("page", "task 1: 3 OK, 0 BAD, chance 0.985")
    (refused,) = settled(subject(distrusted(OK, *[bad("loose")] * 4, others=4, overlap=5)))
    assert refused.proposal == "Picture 1: 4 of 4 people found the outline wrong (a box is not tight)."


def test_it_is_not_waited_for_and_the_others_are():
    assert settled(subject(distrusted(OK, OK, others=1, overlap=3))) == []
    (more,) = settled(subject(distrusted(OK, OK, OK, others=1, overlap=3)))
    assert isinstance(more, MoreVotes)


def test_when_nobody_can_be_believed_more_people_are_asked():
    asked = voted(outline(), OK, OK, OK, standing=ALWAYS_YES)
    (more,) = settled(subject(asked))
    assert more == MoreVotes("checking", "question-0", 4, "task 1: 0 OK, 0 BAD, chance 0.500", "page")


# control questions


def asked_about(tasks: int = 20, **chosen: Any) -> list[Any]:
    work = page(*map(outline, range(tasks)))
    return list(pipeline.have_it_checked(context("ASSIGNMENT_SUBMITTED", chosen=chosen, assignment=work)))


def test_control_questions_are_asked_among_the_others_and_look_like_them():
    asked = asked_about(controls=0.5, known=KNOWN)
    controls = [each for each in asked if each.control is not None]
    assert len(asked) - len(controls) == 20
    assert 12 <= len(controls) <= 20
    for control in controls:
        assert set(control.input) == set(asked[0].input)
        assert (control.pool, control.overlap, control.generation) == ("checking", asked[0].overlap, 0)
        assert {name: control.input[name] for name in ("assignment_id", "task_id")} == control.control.subject
        assert "control" not in str(control.input)
        assert control.input["nothing"] == (control.input["selection"] == [])


def test_no_control_questions_where_none_can_or_shall_be_made():
    assert len(asked_about(controls=0.5)) == 20
    assert len(asked_about(controls=0.0, known=KNOWN)) == 20


def answered(*said: str, truths: dict[str, bool]) -> list[Action]:
    """What follows when bob answers the control questions task-0, task-1, …, and no others."""
    answers = tuple(
        replace(
            outline(at, output={"verdict": verdict}),
            subject_assignment_id=f"control:{at}",
            subject_task_id=f"truth-{at}",
        )
        for at, verdict in enumerate(said)
    )
    work = replace(page(*answers, status="ACCEPTED"), user_id="bob")
    return list(pipeline.settle(context("ASSIGNMENT_SUBMITTED", assignment=work, truths=truths)))


def test_an_answer_to_a_control_question_teaches_in_full_and_settles_nothing():
    truths = {f"truth-{at}": at < 2 for at in range(4)}
    (learn,) = answered("OK", "BAD", "OK", "BAD", truths=truths)
    assert isinstance(learn, Learn)
    assert [(each.user_id, each.known, each.agreed, each.truth) for each in learn.lessons] == [
        ("bob", 1.0, 1.0, True),
        ("bob", 1.0, 0.0, True),
        ("bob", 1.0, 0.0, False),
        ("bob", 1.0, 1.0, False),
    ]
    assert learn.lessons[0].key == "control:0:truth-0:bob"


def test_answers_whose_truth_is_unknown_teach_nothing():
    (learn,) = answered("OK", "OK", truths={"truth-1": True})
    assert isinstance(learn, Learn)
    assert [each.key for each in learn.lessons] == ["control:1:truth-1:bob"]
    assert answered("OK", truths={}) == []
