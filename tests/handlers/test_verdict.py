"""The pay policy by values alone: vote patterns at the bars, pages of every size, and what is learned of verifiers."""

from math import isclose
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.verdict import (
    BadPolicy,
    EmptyPage,
    Learned,
    Outcome,
    Policy,
    TaskState,
    TaskVotes,
    Vote,
    chance_of_at_least,
    judge,
    learn,
)

POLICY = Policy(sure=0.9, strict_sure=0.95)  # round bars: two and three strangers reach them


def votes(pattern: str, accuracy: float = 0.8) -> tuple[Vote, ...]:
    """Votes of strangers: "+" for OK, "-" for BAD."""
    return tuple(Vote(f"v{i}", sign == "+", "" if sign == "+" else "loose", accuracy) for i, sign in enumerate(pattern))


def page(*patterns: str, wanted: int | None = None) -> list[TaskVotes]:
    """A page whose votes are all in, unless `wanted` says that more are out; "++/3" is a task with two of three in."""
    tasks = []
    for i, pattern in enumerate(patterns):
        signs, _, asked = pattern.partition("/")
        tasks.append(TaskVotes(f"t{i}", int(asked or wanted or len(signs)), votes(signs)))
    return tasks


def outcome(*patterns: str, policy: Policy = POLICY) -> Outcome:
    return judge(page(*patterns), policy).outcome


# -- one task a page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("+++", Outcome.PAY),
        ("++-", Outcome.MORE),
        ("+--", Outcome.MORE),
        ("---", Outcome.MORE),
        ("++++", Outcome.PAY),
        ("++-+", Outcome.MORE),
        ("----", Outcome.REFUSE),
        ("---+-", Outcome.MORE),
        ("---+--", Outcome.REFUSE),
        ("++-+-++", Outcome.PAY),
        ("++-+-+-", Outcome.HOLD),
        ("--+-+--", Outcome.HOLD),
        ("+-", Outcome.MORE),
        ("++--", Outcome.MORE),
        ("+-+-+-", Outcome.MORE),
        ("", Outcome.MORE),
    ],
)
def test_a_page_of_one_task_follows_its_votes(pattern: str, expected: Outcome) -> None:
    assert outcome(pattern) == expected


def test_the_numbers_behind_the_verdict_are_given() -> None:
    verdict = judge(page("---+"), POLICY)
    (view,) = verdict.tasks
    assert (view.task_id, view.state, view.ok_votes, view.bad_votes) == ("t0", TaskState.OPEN, 1, 3)
    assert isclose(view.chance, 1 / 17)
    assert isclose(verdict.chance_of_enough, 1 / 17)
    assert verdict.more == ("t0",)


def test_a_question_whose_votes_are_not_all_in_waits_however_they_agree() -> None:
    assert outcome("++/3") == Outcome.WAIT
    assert outcome("----/5") == Outcome.WAIT
    assert judge(page("/3"), POLICY).more == ()


def test_more_votes_than_were_asked_for_count_too() -> None:
    assert outcome("+++/2") == Outcome.PAY


def test_only_the_first_vote_of_a_verifier_counts() -> None:
    twice = (*votes("++"), Vote("v1", False), Vote("v1", True), Vote("v0", True))
    verdict = judge([TaskVotes("t", 3, twice)], POLICY)
    assert verdict.outcome == Outcome.WAIT
    assert (verdict.tasks[0].ok_votes, verdict.tasks[0].bad_votes) == (2, 0)


def test_a_page_without_tasks_is_an_error() -> None:
    with pytest.raises(EmptyPage):
        judge([], POLICY)


def test_a_vote_worth_a_coin_weighs_nothing_and_nobody_weighs_more_than_a_stranger() -> None:
    coins = [TaskVotes("t", 3, votes("+++", accuracy=0.5))]
    assert judge(coins, POLICY).tasks[0].chance == 0.5
    experts = [TaskVotes("t", 2, votes("++", accuracy=0.999))]
    assert isclose(judge(experts, POLICY).tasks[0].chance, judge(page("++"), POLICY).tasks[0].chance)


# -- pages of several tasks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "need", "floor_ok", "strict", "first"),
    [
        (1, 1, 0, True, 3),
        (2, 2, 1, True, 3),
        (3, 3, 1, False, 2),
        (4, 4, 2, False, 2),
        (5, 4, 2, False, 2),
        (10, 8, 5, False, 2),
    ],
)
def test_what_a_page_of_each_size_needs(n: int, need: int, floor_ok: int, strict: bool, first: int) -> None:
    assert (POLICY.need(n), POLICY.floor_ok(n), POLICY.strict(n), POLICY.votes_first(n)) == (
        need,
        floor_ok,
        strict,
        first,
    )


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["+++", "+++"], Outcome.PAY),
        (["+++", "----"], Outcome.REFUSE),
        (["----", "++-"], Outcome.REFUSE),
        (["+++", "++-"], Outcome.MORE),
        (["++", "++", "++"], Outcome.PAY),
        (["++", "++", "+-"], Outcome.MORE),
        (["++", "--", "--"], Outcome.REFUSE),
        (["++", "++", "--"], Outcome.HOLD),
        (["++"] * 4 + ["--"], Outcome.PAY),
        (["++"] * 4 + ["+-"], Outcome.PAY),
        (["++"] * 3 + ["--"] * 2, Outcome.HOLD),
        (["++"] * 2 + ["--"] * 3, Outcome.REFUSE),
        (["++"] * 8 + ["--", "+-"], Outcome.PAY),
        (["++"] * 7 + ["--"] * 3, Outcome.HOLD),
        (["++"] * 7 + ["--"] * 2 + ["+-"], Outcome.MORE),
        (["++"] * 5 + ["--"] * 5, Outcome.REFUSE),
        (["++"] * 6 + ["--"] * 3 + ["+-"], Outcome.HOLD),
    ],
)
def test_a_page_of_several_tasks_follows_all_of_them(patterns: list[str], expected: Outcome) -> None:
    assert outcome(*patterns) == expected


def test_more_is_asked_only_about_open_tasks() -> None:
    assert judge(page("++", "+-", "++", "-+", "++"), POLICY).more == ("t1", "t3")


def test_open_tasks_that_cannot_change_the_verdict_do_not_hold_the_page() -> None:
    verdict = judge(page(*["++"] * 8, "+-", "+-"), POLICY)
    assert (verdict.outcome, verdict.more) == (Outcome.PAY, ())


def test_votes_still_out_are_not_waited_for_when_the_others_decide() -> None:
    assert outcome(*["++"] * 8, "/2", "+/2") == Outcome.PAY
    assert outcome("++", "--", "--", "--", "/2") == Outcome.REFUSE
    assert outcome(*["++"] * 6, *["--"] * 3, "/2") == Outcome.HOLD


def test_votes_still_out_are_waited_for_while_they_can_turn_the_page() -> None:
    assert outcome(*["++"] * 7, "--", "--", "/2") == Outcome.WAIT
    assert outcome("++", "--", "/2") == Outcome.WAIT
    assert outcome("++", "+-", "+/2") == Outcome.WAIT
    assert outcome("--", "--", "/2") == Outcome.REFUSE


def test_a_few_bad_tasks_that_may_be_right_after_all_are_asked_about_again() -> None:
    """Enough tasks are BAD; only the chance that the page deserves pay after all stands in the way."""
    bars = {"accept_at": 0.6, "reject_at": 0.5, "sure": 0.9, "strict_sure": 0.95}
    policy = Policy(**bars)  # of ten tasks 6 make pay, 5 allow refusal: strict
    bad = page(*["+++"] * 5, *["----"] * 5)
    assert policy.strict(10)
    verdict = judge(bad, policy)
    assert verdict.chance_of_enough > policy.refuse_chance
    assert verdict.outcome == Outcome.HOLD  # none of them has a chance above 1 %
    loose = Policy(**bars, strict_unsure=0.1)
    verdict = judge(page(*["+++"] * 5, *["--"] * 4, "----"), loose)
    assert verdict.outcome == Outcome.MORE
    assert verdict.more == ("t5", "t6", "t7", "t8")


def test_tasks_with_all_their_votes_are_not_asked_about_and_may_leave_nothing_but_hold() -> None:
    assert outcome("++", "++", "+-+-+-+") == Outcome.HOLD
    assert judge(page("++", "+-", "+-+-+-+"), POLICY).outcome == Outcome.HOLD  # neither pay nor refusal can be reached
    some = judge(page(*["++"] * 3, "+-", "+-+-+-+"), POLICY)
    assert (some.outcome, some.more) == (Outcome.MORE, ("t3",))


def test_a_person_may_ask_for_votes_beyond_the_usual_most() -> None:
    assert outcome("++-+-+-/9") == Outcome.WAIT
    assert outcome("++-+-+-++/9") == Outcome.PAY


def test_chance_of_at_least_counts_the_ways() -> None:
    assert isclose(chance_of_at_least(1, [0.5, 0.5]), 0.75)
    assert isclose(chance_of_at_least(2, [0.9, 0.8, 0.1]), 0.9 * 0.8 + 0.9 * 0.2 * 0.1 + 0.1 * 0.8 * 0.1)
    assert chance_of_at_least(0, [0.2]) == 1
    assert chance_of_at_least(2, [1.0]) == 0


# -- learning ----------------------------------------------------------------------------------------------------


def test_a_verifier_is_compared_with_the_others_and_not_with_himself() -> None:
    lessons = learn(page("+++-"), POLICY)
    others_ok = {lesson.user_id: lesson for lesson in lessons}
    assert isclose(others_ok["v0"].known, 2 * 0.8 - 1)  # the others: two OK, one BAD
    assert others_ok["v0"].agreed == others_ok["v0"].known
    assert isclose(others_ok["v3"].known, 2 * 64 / 65 - 1)  # the others: three OK
    assert others_ok["v3"].agreed == 0


def test_where_the_others_say_nothing_nothing_is_learned() -> None:
    assert learn(page("+"), POLICY) == []
    assert [lesson.user_id for lesson in learn(page("++-"), POLICY)] == ["v2"]


def test_a_known_truth_takes_the_place_of_the_others() -> None:
    assert learn(page("+-", "+"), POLICY, {"t0": False}) == [
        Learned("t0", "v0", 1.0, 0.0),
        Learned("t0", "v1", 1.0, 1.0),
    ]


def test_accuracy_starts_at_a_stranger_falls_to_a_coin_and_never_exceeds_a_stranger() -> None:
    assert POLICY.accuracy(0, 0) == 0.8
    assert POLICY.accuracy(40, 40) == 0.8
    assert isclose(POLICY.accuracy(10, 4), 0.6)
    assert POLICY.accuracy(100, 10) == 0.5
    assert POLICY.weight(POLICY.accuracy(100, 10)) == 0


# -- settings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"accept_at": 0.5, "reject_at": 0.5}, "reject_at"),
        ({"reject_at": -0.1}, "reject_at"),
        ({"accept_at": 1.2}, "accept_at"),
        ({"unsure": 0.6}, "unsure"),
        ({"sure": 0.4}, "sure"),
        ({"strict_unsure": 0.2}, "strict_unsure"),
        ({"strict_sure": 0.8}, "strict_sure"),
        ({"refuse_chance": 0.0}, "refuse_chance"),
        ({"first_votes": 8}, "first_votes"),
        ({"strict_first_votes": 0}, "strict_first_votes"),
        ({"least": 0.9}, "least"),
        ({"stranger": 1.0}, "stranger"),
        ({"stranger_weight": 0.0}, "stranger_weight"),
    ],
)
def test_contradictory_settings_are_refused_by_name(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(BadPolicy, match=named):
        Policy(**settings)


@given(n=st.integers(1, 200), accept=st.floats(0.01, 1), gap=st.floats(0.01, 1))
def test_pay_and_refusal_never_ask_for_the_same_number(n: int, accept: float, gap: float) -> None:
    if accept - gap < 0:
        return
    policy = Policy(accept_at=accept, reject_at=(accept - gap))
    assert policy.floor_ok(n) < policy.need(n)


# -- properties --------------------------------------------------------------------------------------------------

accuracies = st.sampled_from([0.5, 0.6, 0.71, 0.8])
ballots = st.lists(st.tuples(st.booleans(), accuracies), max_size=7)


def tasks_from(ballot_boxes: list[list[tuple[bool, float]]]) -> list[TaskVotes]:
    return [
        TaskVotes(f"t{i}", len(box), tuple(Vote(f"v{j}", ok, accuracy=q) for j, (ok, q) in enumerate(box)))
        for i, box in enumerate(ballot_boxes)
    ]


@given(boxes=st.lists(ballots, min_size=1, max_size=6), where=st.integers(0, 5), accuracy=accuracies)
def test_one_more_ok_never_turns_pay_into_refusal_nor_makes_a_refusal(
    boxes: list[list[tuple[bool, float]]], where: int, accuracy: float
) -> None:
    before = judge(tasks_from(boxes), POLICY).outcome
    boxes[where % len(boxes)].append((True, accuracy))
    after = judge(tasks_from(boxes), POLICY).outcome
    assert not (before == Outcome.PAY and after != Outcome.PAY)
    assert not (before != Outcome.REFUSE and after == Outcome.REFUSE)


@given(data=st.data(), boxes=st.lists(ballots, min_size=1, max_size=4))
def test_the_order_of_votes_does_not_matter(data: st.DataObject, boxes: list[list[tuple[bool, float]]]) -> None:
    tasks = tasks_from(boxes)
    shuffled = [TaskVotes(t.task_id, t.wanted, tuple(data.draw(st.permutations(t.votes)))) for t in tasks]
    assert judge(tasks, POLICY) == judge(shuffled, POLICY)
    assert sorted(learn(tasks, POLICY), key=str) == sorted(learn(shuffled, POLICY), key=str)


@given(boxes=st.lists(st.lists(accuracies, max_size=4), min_size=1, max_size=6))
def test_a_page_of_ties_is_never_refused_nor_paid(boxes: list[list[float]]) -> None:
    tied = tasks_from([[(ok, q) for q in box for ok in (True, False)] for box in boxes])
    assert judge(tied, POLICY).outcome in (Outcome.MORE, Outcome.HOLD)


@given(boxes=st.lists(ballots, min_size=1, max_size=6))
def test_a_page_with_all_votes_in_never_waits_and_more_names_tasks_with_room(
    boxes: list[list[tuple[bool, float]]],
) -> None:
    tasks = tasks_from(boxes)
    verdict = judge(tasks, POLICY)
    assert verdict.outcome != Outcome.WAIT
    assert bool(verdict.more) == (verdict.outcome == Outcome.MORE)
    assert all(len(task.votes) < POLICY.max_votes for task in tasks if task.task_id in verdict.more)
