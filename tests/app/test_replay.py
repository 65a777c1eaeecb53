"""Recorded votes through the shipped policy: only those that it asks for, and verifiers are learnt of on the way."""

import pytest
from recorded import page

from app.replay import Ending, Replayed, shipped
from handlers.verdict import Policy

POLICY = Policy(sure=0.9, strict_sure=0.95)  # round bars: two and three strangers reach them


@pytest.mark.parametrize(
    ("votes", "ending", "taken", "short"),
    [
        ("+ + + - - - -", Ending.PAID, 3, False),
        ("+ + - + + - -", Ending.PAID, 5, False),
        ("- - - - + + +", Ending.REFUSED, 4, False),
        ("+ - + - + - +", Ending.HELD, 7, False),
        ("- - -", Ending.HELD, 3, True),
        ("+ +", Ending.HELD, 2, True),
    ],
)
def test_a_page_of_one_takes_three_votes_and_then_one_by_one(
    votes: str, ending: Ending, taken: int, short: bool
) -> None:
    assert shipped([page(votes)], POLICY) == [Replayed("p", ending, taken, short)]


def test_a_page_of_five_asks_on_only_where_it_helps() -> None:
    sure, torn = "+ + + + + + +", "+ - - - - - -"
    assert shipped([page(sure, sure, sure, sure, torn)], POLICY) == [Replayed("p", Ending.PAID, 10)]
    all_right = Policy(accept_at=1.0, sure=0.9)
    assert shipped([page(sure, sure, sure, torn, sure)], all_right) == [Replayed("p", Ending.HELD, 12)]


def test_a_page_is_held_when_one_tasks_record_ends_before_the_verdict() -> None:
    sure = "+ + +"
    assert shipped([page(sure, sure, sure, "+ -", "+ -")], POLICY) == [Replayed("p", Ending.HELD, 10, short=True)]
    assert shipped([page(sure, sure, sure, sure, "+")], POLICY) == [Replayed("p", Ending.PAID, 9)]


def test_who_contradicts_the_others_on_decided_pages_soon_counts_less() -> None:
    before = [page("liar- a+ b+ c+ d+", name=f"before {at}") for at in range(30)]
    last = page("liar- a+ b+ c+ d+", name="last")
    alone, *_ = shipped([last], POLICY)
    taught = shipped([*before, last], POLICY)[-1]
    assert (alone.ending, alone.votes) == (Ending.PAID, 5)
    assert (taught.ending, taught.votes) == (Ending.PAID, 4)


def test_held_pages_teach_nothing() -> None:
    torn = [page("liar- a+ b- c+ d- e+ f-", name=f"torn {at}") for at in range(30)]
    last = page("liar- a+ b+ c+ d+", name="last")
    assert [each.ending for each in shipped(torn, POLICY)] == [Ending.HELD] * 30
    assert shipped([*torn, last], POLICY)[-1] == shipped([last], POLICY)[0]
