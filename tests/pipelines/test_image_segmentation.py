from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pages import BOX, OK, bad, closed, context, outline, page, subject, verdict, voted

from handlers import Accept, Ask, Asked, Hold, Learn, MoreVotes, Publish, Reject, Subject
from handlers.actions import Action
from handlers.pipelines import image_segmentation as pipeline
from store.records import Standing

NOW = 1_700_000_000.0


def settled(*subjects: Subject, **chosen: Any) -> list[Action]:
    return list(pipeline.settle(context("ASSIGNMENT_SUBMITTED", chosen=chosen, subjects=subjects)))


def one(actions: list[Action]) -> Action:
    """The only action besides what is learnt."""
    (only,) = [each for each in actions if not isinstance(each, Learn)]
    return only


# ask


def test_every_image_is_asked_for_once():
    items = [
        {"key": "a", "url": "https://pictures.example/a.png"},
        {"key": "b", "url": "https://pictures.example/b.png"},
    ]
    asked = list(pipeline.ask_for_outlines(context("ITEMS_ADDED", payload={"items": items})))
    assert [(each.pool, each.key) for each in asked] == [("outlining", "a:0"), ("outlining", "b:0")]
    assert asked[0].input == {"image": items[0]["url"], "item": "a", "round": 1}
    assert (asked[0].overlap, asked[0].about, asked[0].unavailable_for) == (1, None, ())


def test_every_outline_is_shown_to_others_than_its_author():
    work = page(outline(0), outline(1), outline(2))
    asked = list(pipeline.have_it_checked(context("ASSIGNMENT_SUBMITTED", assignment=work)))
    assert [(each.pool, each.key, each.unavailable_for) for each in asked] == [
        ("checking", f"page:task-{at}:0", ("ann",)) for at in range(3)
    ]
    assert asked[1].input == {
        "image": "1.png",
        "selection": [BOX],
        "nothing": False,
        "assignment_id": "page",
        "task_id": "task-1",
    }


@pytest.mark.parametrize(("tasks", "votes"), [(1, 3), (2, 3), (3, 2), (5, 2)])
def test_where_one_task_can_turn_the_page_more_votes_are_asked_for_at_first(tasks, votes):
    work = page(*map(outline, range(tasks)))
    asked = list(pipeline.have_it_checked(context("ASSIGNMENT_SUBMITTED", assignment=work)))
    assert [each.overlap for each in asked] == [votes] * tasks


@pytest.mark.parametrize(
    ("output", "selection", "nothing"),
    [
        ({"nothing": True}, [], True),
        ({"result": [], "nothing": True}, [], True),
        ({"result": [BOX], "nothing": True}, [BOX], False),
        ({"result": [BOX]}, [BOX], False),
        ({}, [], False),
    ],
)
def test_that_there_is_nothing_is_shown_as_such(output, selection, nothing):
    work = page(outline(output=output))
    (asked,) = pipeline.have_it_checked(context("ASSIGNMENT_SUBMITTED", assignment=work))
    assert (asked.input["selection"], asked.input["nothing"]) == (selection, nothing)


@pytest.mark.parametrize("status", ["ACCEPTED", "REJECTED"])
def test_nothing_is_asked_about_a_page_that_was_reviewed_on_the_site(status):
    assert list(pipeline.have_it_checked(context("ASSIGNMENT_SUBMITTED", assignment=page(status=status)))) == []


# settle


def test_three_who_say_it_is_right_pay_the_page():
    actions = settled(subject(voted(outline(), OK, OK, OK)))
    assert one(actions) == Accept("page", "task 1: 3 OK, 0 BAD, chance 0.985", ())


def test_three_who_say_it_is_wrong_are_not_enough_to_refuse():
    actions = settled(subject(voted(outline(), *[bad("loose")] * 3)))
    assert one(actions) == MoreVotes("checking", "question-0", 4, "task 1: 0 OK, 3 BAD, chance 0.015", "page")


def test_four_who_say_it_is_wrong_refuse_and_say_why():
    votes = [bad("loose"), bad("missed"), bad("loose"), bad("missed")]
    refusal = one(settled(subject(voted(outline(), *votes)), refuse="always"))
    assert refusal == Reject(
        "page",
        "Picture 1: 4 of 4 people found the outline wrong (an object was missed, a box is not tight).",
        "task 1: 0 OK, 4 BAD, chance 0.004",
        late=2.0 + 14 * 86400 - 6 * 3600,
    )


def test_a_refusal_names_each_picture_and_only_what_those_said_who_found_it_wrong():
    wrong = [voted(outline(at), *[bad("other")] * 4) for at in (0, 1, 3, 4)]
    right = voted(outline(2), OK, OK, OK, OK)
    refusal = one(settled(subject(*wrong[:2], right, *wrong[2:]), refuse="always"))
    assert isinstance(refusal, Reject)
    assert [line.split(":")[0] for line in refusal.comment.splitlines()] == [f"Picture {at}" for at in (1, 2, 4, 5)]
    assert "4 of 4 people found the outline wrong (something else is wrong)." in refusal.comment


def test_a_refusal_without_reasons_says_so_much_as_is_known():
    refusal = one(settled(subject(voted(outline(), *[{"verdict": "BAD"}] * 4)), refuse="always"))
    assert isinstance(refusal, Reject)
    assert refusal.comment == "Picture 1: 4 of 4 people found the outline wrong."


def test_a_refusals_comment_is_no_longer_than_the_platform_takes():
    votes = [bad(why) for why in ("missed", "loose", "object", "other")]
    refusal = one(settled(subject(*(voted(outline(at), *votes) for at in range(60))), refuse="always"))
    assert isinstance(refusal, Reject)
    assert 1900 < len(refusal.comment) <= 2048


@pytest.mark.parametrize("votes", [4, 5, 6])
def test_a_tie_asks_for_more(votes):
    actions = settled(subject(voted(outline(), *_split(votes))))
    assert isinstance(one(actions), MoreVotes)
    assert one(actions).overlap == votes + 1


def test_at_the_most_votes_a_tie_is_held_and_never_refused():
    held = one(settled(subject(voted(outline(), *_split(7)))))
    assert held == Hold("page", 7, "task 1: 4 OK, 3 BAD, chance 0.800")
    even = one(settled(subject(voted(outline(), *_split(6))), policy={"max_votes": 6}))
    assert even == Hold("page", 6, "task 1: 3 OK, 3 BAD, chance 0.500")


def _split(votes: int) -> Iterator[Any]:
    """As even as it gets, OK first."""
    return (OK if at % 2 == 0 else bad("loose") for at in range(votes))


@pytest.mark.parametrize("votes", [(), (OK,), (OK, OK), (bad("loose"), bad("loose"))])
def test_votes_that_are_still_out_decide_nothing(votes):
    assert settled(subject(voted(outline(), *votes, overlap=3))) == []


def test_a_question_that_is_not_there_yet_decides_nothing():
    assert settled(subject(Asked(outline(), None, ()))) == []


@pytest.mark.parametrize("votes", [[OK] * 3, [bad("loose")] * 4])
def test_a_decided_page_stays_decided(votes):
    asked = voted(outline(), *votes)
    assert settled(subject(asked, verdict=verdict("reject", comment="no"))) == []
    assert settled(subject(asked, status="ACCEPTED")) == []
    assert settled(subject(asked, status="REJECTED")) == []


def test_every_page_that_a_verification_page_spoke_about_is_looked_at():
    first, second = subject(voted(outline(), OK, OK, OK)), subject(voted(outline(), *[bad("loose")] * 4))
    second = replace(second, page=replace(second.page, assignment_id="other"))
    actions = [each for each in settled(first, second, refuse="always") if not isinstance(each, Learn)]
    assert [(type(each), each.assignment_id) for each in actions] == [(Accept, "page"), (Reject, "other")]


def test_a_page_is_decided_from_the_votes_on_all_its_tasks():
    asked = [voted(outline(at), OK, OK, OK) for at in range(3)] + [voted(outline(3), OK, OK, bad("loose"))]
    assert not isinstance(one(settled(subject(*asked))), Accept)
    more = one(settled(subject(*asked)))
    assert isinstance(more, MoreVotes)
    assert more.task_id == "question-3"


def test_verifiers_of_whom_better_is_known_count_no_more_than_strangers():
    praised = Standing("bob", known=100.0, agreed=100.0)
    actions = settled(subject(voted(outline(), OK, OK, OK, standing=praised)))
    assert one(actions) == Accept("page", "task 1: 3 OK, 0 BAD, chance 0.985", ())


def test_verifiers_who_are_no_better_than_a_coin_count_nothing():
    coin = Standing("bob", known=100.0, agreed=40.0)
    assert isinstance(one(settled(subject(voted(outline(), OK, OK, OK, standing=coin)))), MoreVotes)


def test_each_verifier_is_compared_with_the_others():
    actions = settled(subject(voted(outline(), OK, OK, OK, OK, OK, bad("loose"))))
    (learn,) = [each for each in actions if isinstance(each, Learn)]
    lessons = {each.user_id: each for each in learn.lessons}
    assert set(lessons) == {f"bob-{at}" for at in range(6)}
    assert lessons["bob-5"].agreed == 0.0
    assert lessons["bob-5"].known > lessons["bob-0"].known == lessons["bob-0"].agreed > 0.9
    assert lessons["bob-0"].key == "page:task-0:bob-0"


def test_nothing_is_learnt_before_a_page_is_decided():
    asked = subject(voted(outline(), *[bad("loose")] * 3))
    assert not any(isinstance(each, Learn) for each in settled(asked))


# ask anew


def anew(shown: Subject, **chosen: Any) -> list[Ask]:
    return list(pipeline.ask_anew(context("ASSIGNMENT_REJECTED", chosen=chosen, assignment=shown.page, subject=shown)))


def test_a_refused_page_is_asked_anew_without_those_who_outlined_it():
    shown = subject(voted(outline(0, kept_from=["eve"])), voted(outline(1)), status="REJECTED")
    first, second = anew(shown)
    assert (first.pool, first.key, first.generation) == ("outlining", "page:task-0:2", 2)
    assert first.input == {"image": "0.png", "item": "item-0", "round": 2}
    assert (first.unavailable_for, second.unavailable_for) == (("ann", "eve"), ("ann",))


def test_a_page_that_a_person_refused_is_asked_anew_as_well():
    shown = subject(voted(outline()), status="REJECTED", verdict=verdict("accept", anew=[]))
    assert [each.generation for each in anew(shown)] == [2]


def test_after_the_last_round_nothing_is_asked():
    last = subject(voted(outline(round=5)), status="REJECTED")
    assert anew(last) == []
    assert [each.input["round"] for each in anew(last, max_rounds=6)] == [6]
    before_last = subject(voted(outline(round=4)), status="REJECTED")
    assert [each.input["round"] for each in anew(before_last)] == [5]


def test_a_page_that_was_accepted_by_hand_is_good_as_it_is():
    assert anew(subject(voted(outline(), *[bad("loose")] * 3), status="ACCEPTED")) == []
    mistaken = verdict("reject", comment="no")
    assert anew(subject(voted(outline()), status="ACCEPTED", verdict=mistaken)) == []


def test_of_a_paid_page_only_what_was_not_right_is_asked_anew():
    right = [voted(outline(at), OK, OK, OK) for at in range(4)]
    wrong = voted(outline(4, kept_from=["eve"]), *[bad("loose")] * 2)
    paid = one(settled(subject(*right, wrong)))
    assert paid == Accept("page", paid.reason, ("task-4",))
    shown = subject(*right, wrong, status="ACCEPTED", verdict=verdict("accept", anew=list(paid.anew)))
    (asked,) = anew(shown)
    assert (asked.key, asked.input["image"], asked.unavailable_for) == ("page:task-4:2", "4.png", ("ann", "eve"))


def test_nothing_is_asked_anew_of_a_page_nobody_knows():
    assert list(pipeline.ask_anew(context("ASSIGNMENT_REJECTED"))) == []


# questions that nobody will answer


def test_a_page_whose_question_the_platform_refuses_is_left_to_a_person():
    lost = context("ASK_FAILED", subject=subject(voted(outline(), OK, overlap=3)), payload={"error": "too long"})
    assert list(pipeline.hold_what_cannot_be_asked(lost)) == [Hold("page", 1, "not asked: too long")]
    decided = context("ASK_FAILED", subject=subject(voted(outline()), status="ACCEPTED"), payload={"error": "x"})
    assert list(pipeline.hold_what_cannot_be_asked(decided)) == []
    assert list(pipeline.hold_what_cannot_be_asked(context("ASK_FAILED", payload={"error": "x"}))) == []


def abandoned(shown: Subject, **pool: Any) -> list[Action]:
    return list(pipeline.hold_what_nobody_answers(context("POOL_CLOSED", pool=closed(**pool), unfinished=(shown,))))


def test_a_page_whose_question_was_withdrawn_is_left_to_a_person_when_the_pool_is_done():
    withdrawn = subject(voted(outline(0), OK, OK, OK), voted(outline(1), OK, overlap=3))
    assert abandoned(withdrawn) == [Hold("page", 4, "a question was withdrawn on the site")]
    assert abandoned(withdrawn, status="OPEN") == []
    assert abandoned(subject(voted(outline(0), OK, OK, OK))) == []


def test_a_question_that_is_still_to_be_asked_is_not_withdrawn():
    waits = voted(outline(), OK, overlap=3)
    assert waits.question is not None
    assert abandoned(subject(replace(waits, question=replace(waits.question, open=True)))) == []
    assert abandoned(subject(Asked(outline(), None, ()))) == []


# publish


def test_results_are_published_once_for_each_time_the_pool_closed():
    assert list(pipeline.publish_results(context("POOL_CLOSED", pool=closed()))) == [Publish("outlining", "7.0")]
    assert list(pipeline.publish_results(context("POOL_CLOSED", pool=closed(started=9.0)))) == [
        Publish("outlining", "9.0")
    ]


def test_a_pool_that_is_open_again_is_not_published():
    assert list(pipeline.publish_results(context("POOL_CLOSED", pool=closed("OPEN")))) == []
    assert list(pipeline.publish_results(context("POOL_CLOSED"))) == []
