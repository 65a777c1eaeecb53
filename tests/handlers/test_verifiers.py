"""Who is below the bar: found soon when he always says the same, and practically never when he is honest."""

from collections import defaultdict
from math import comb

import pytest

from handlers.verifiers import below_bar, chance_of_wrong
from store.records import Standing


@pytest.mark.parametrize(("asked", "below"), [(0, False), (4, False), (5, True), (20, True)])
def test_always_yes_is_below_the_bar_after_five_bad_outlines(asked, below):
    assert below_bar(Standing("bob", good=asked, good_right=asked, bad=asked, bad_right=0)) == below


@pytest.mark.parametrize(("asked", "below"), [(0, False), (4, False), (5, True), (20, True)])
def test_always_no_is_below_the_bar_after_five_good_outlines(asked, below):
    assert below_bar(Standing("bob", good=asked, good_right=0, bad=asked, bad_right=asked)) == below


def test_a_coin_is_below_the_bar_in_time():
    assert not below_bar(Standing("bob", good=10, good_right=5, bad=10, bad_right=5))
    assert below_bar(Standing("bob", good=20, good_right=10, bad=20, bad_right=10))


def test_what_others_said_puts_nobody_below_the_bar():
    assert not below_bar(Standing("bob", known=50.0, agreed=0.0))


def test_the_chance_to_be_wrong_so_often():
    assert chance_of_wrong(0, 0) == 1.0
    assert chance_of_wrong(5, 5) == pytest.approx(0.25**5)
    assert chance_of_wrong(4, 2) == pytest.approx(1 - 0.75**4 - 4 * 0.25 * 0.75**3)


def found(accuracy_good: float, accuracy_bad: float, answers: int) -> float:
    """The exact chance that somebody was below the bar at any time within so many answers, half of them about bad ones.

    The bar is looked at after each answer, so the chances of all ways that were never below it are carried on.
    """
    ways = {(0, 0, 0, 0): 1.0}  # good, right of them, bad, right of them
    for _ in range(answers):
        after: dict[tuple[int, int, int, int], float] = defaultdict(float)
        for (good, good_right, bad, bad_right), chance in ways.items():
            for right in (0, 1):
                on_good = accuracy_good if right else 1 - accuracy_good
                on_bad = accuracy_bad if right else 1 - accuracy_bad
                after[good + 1, good_right + right, bad, bad_right] += 0.5 * chance * on_good
                after[good, good_right, bad + 1, bad_right + right] += 0.5 * chance * on_bad
        ways = {
            seen: chance for seen, chance in after.items() if chance and not below_bar(Standing("bob", 0, 0, *seen))
        }
    return 1 - sum(ways.values())


def test_the_honest_are_practically_never_below_the_bar():
    chances = {answers: found(0.9, 0.9, answers) for answers in (20, 40)}
    print("\nright in 90 %, ever below the bar:", {n: f"{100 * chance:.3f} %" for n, chance in chances.items()})
    assert chances[20] < 0.0001
    assert chances[40] < 0.0001


def test_always_yes_and_always_no_are_found_within_20_answers():
    within = 1 - sum(comb(20, bad) for bad in range(5)) / 2**20  # at least five of the 20 are of the telling kind
    assert found(1.0, 0.0, 20) == pytest.approx(within)
    assert found(0.0, 1.0, 20) == pytest.approx(within)
    assert within > 0.99
