"""The rules that the shipped policy is compared with do what their names say."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from recorded import page

from app.replay import Ending, Replayed, shipped
from app.replay_votes import RecordedPage, RecordedVote
from app.rival_policies import RULES, Skills, confidence, first_task, majority, majority_of_first, platform
from handlers.verdict import Policy, TaskState

POLICY = Policy()


def votes(*words: str) -> list[RecordedVote]:
    return [RecordedVote(word[:-1], word[-1] == "+", line) for line, word in enumerate(words, 2)]


def skilled(**right_of_ten: int) -> Skills:
    """Let verifiers give ten answers each, so many of which two others gave too."""
    skills = Skills()
    for name, right in right_of_ten.items():
        for at in range(10):
            skills.take(votes(f"{name}{'+' if at < right else '-'}", "x+", "y+"))
    return skills


def test_the_shipped_policy_is_the_first_of_the_rules() -> None:
    assert next(iter(RULES.values())) is shipped
    assert len(RULES) == 5


@pytest.mark.parametrize(
    ("words", "ending"),
    [("+ + - - +", Ending.PAID), ("+ - -", Ending.REFUSED), ("+ - - +", Ending.HELD), ("-", Ending.REFUSED)],
)
def test_the_majority_of_all_votes_leaves_a_tie_to_a_person(words: str, ending: Ending) -> None:
    assert majority([page(words)], POLICY) == [Replayed("p", ending, len(words.split()))]


@pytest.mark.parametrize(
    ("right", "ending"),
    [(5, Ending.PAID), (4, Ending.PAID), (3, Ending.HELD), (2, Ending.REFUSED), (0, Ending.REFUSED)],
)
def test_tasks_decide_a_page_by_the_policys_shares(right: int, ending: Ending) -> None:
    tasks = ["+"] * right + ["-"] * (5 - right)
    assert majority([page(*tasks)], POLICY)[0].ending is ending


def test_an_open_task_counts_neither_for_pay_nor_for_refusal() -> None:
    assert majority([page("+", "+", "+", "+ -", "-")], POLICY)[0].ending is Ending.HELD
    assert majority([page("+", "+", "-", "-", "+ -")], POLICY)[0].ending is Ending.HELD


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("+ + + - - - -", Replayed("p", Ending.PAID, 5)),
        ("- - + + - + +", Replayed("p", Ending.REFUSED, 5)),
        ("+ + +", Replayed("p", Ending.PAID, 3)),
        ("+ +", Replayed("p", Ending.HELD, 2, short=True)),
    ],
)
def test_the_majority_of_five_takes_five(words: str, expected: Replayed) -> None:
    assert majority_of_first([page(words)], POLICY) == [expected]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("+ + + + + + +", Replayed("p", Ending.PAID, 5)),
        ("+ - + - - + +", Replayed("p", Ending.REFUSED, 5)),
        ("+ + + +", Replayed("p", Ending.HELD, 4, short=True)),
        ("+", Replayed("p", Ending.HELD, 1, short=True)),
    ],
)
def test_the_platform_buys_five_votes_of_strangers_however_many_agree(words: str, expected: Replayed) -> None:
    assert platform([page(words)], POLICY) == [expected]


def test_the_platform_buys_two_votes_of_verifiers_who_agreed_with_others_three_times() -> None:
    pages = [page("a+ b+ c+ d+ e+", name=str(at)) for at in range(4)]
    assert [each.votes for each in platform(pages, POLICY)] == [5, 5, 5, 2]


@pytest.mark.parametrize(
    ("words", "state", "chance"),
    [
        (("seven+", "nine+"), TaskState.OK, 0.63 / 0.66),
        (("seven+", "nine-"), TaskState.BAD, 0.27 / 0.34),
        (("seven+", "nine-", "stranger+"), TaskState.OK, 0.07 / 0.34),
        (("stranger+", "other-"), TaskState.OPEN, 0.5),
        (("stranger+", "other+"), TaskState.OK, 0.5),
    ],
)
def test_the_platforms_confidence_is_the_formula_of_its_guide(
    words: Sequence[str], state: TaskState, chance: float
) -> None:
    found, sure = confidence(votes(*words), skilled(seven=7, nine=9))
    assert found is state
    assert sure == pytest.approx(chance)


def test_a_skill_is_the_share_right_of_the_last_ten_answers_from_the_third_on() -> None:
    skills = skilled(ann=0)
    assert skills.accuracy("ann") == 0.01
    for _ in range(5):
        skills.take(votes("ann+", "x+", "y+"))
    assert skills.accuracy("ann") == 0.5
    fresh = Skills()
    for expected in (0.5, 0.5, 0.99):
        fresh.take(votes("ann+", "bob+"))
        assert fresh.accuracy("ann") == expected


def test_answers_that_nobody_else_gave_are_wrong_only_where_two_agree_on_another() -> None:
    skills = skilled(ann=10)
    skills.take(votes("ann+", "bob-"))
    assert skills.accuracy("ann") == 0.99
    skills.take(votes("ann+", "bob+", "carl+", "dora-", "eve-"))
    skills.take(votes("ann+", "bob-", "carl-"))
    assert skills.accuracy("ann") == 0.9


def test_the_first_task_to_be_decided_decides_the_page() -> None:
    good, bad = "+ + + + +", "- - - - -"
    assert first_task([page(good, bad, bad, bad, bad)], POLICY) == [Replayed("p", Ending.PAID, 25)]
    assert first_task([page(bad, good, good, good, good)], POLICY)[0].ending is Ending.REFUSED
    listed = page(good, bad)
    assert first_task([reversed_in_time(listed)], POLICY)[0].ending is Ending.REFUSED


def test_where_no_task_is_decided_the_page_is_held() -> None:
    assert first_task([page("+ +", "-")], POLICY) == [Replayed("p", Ending.HELD, 3, short=True)]


def reversed_in_time(recorded: RecordedPage) -> RecordedPage:
    """Let the votes on the last listed task arrive first."""
    tasks = tuple(
        replace(task, votes=tuple(replace(vote, line=vote.line - 100 * at) for vote in task.votes))
        for at, task in enumerate(recorded.tasks)
    )
    return replace(recorded, tasks=tasks)
