"""What a run may buy, from what a person said and from what it cost so far."""

import pytest

from store.spending import DAY, Allowance, Purse, RunControl, RunState, allowance, midnight

NOW = 10 * DAY + 100.0
PURSE = Purse(paid=2.0, paid_today=0.5, reserved=0.25, open=0.75)


def control(**said: object) -> RunControl:
    return RunControl(**({"pipeline": "p", "run": "r", "state": RunState.STARTED} | said))


def test_what_is_in_flight_counts_as_committed() -> None:
    assert (PURSE.in_flight, PURSE.committed) == (1.0, 3.0)


@pytest.mark.parametrize("state", [RunState.READY, RunState.PAUSED, RunState.STOPPED])
def test_nothing_is_bought_without_a_persons_word(state: RunState) -> None:
    may = allowance(control(state=state, cap=100.0), PURSE, 0.01, NOW)
    assert (may, may.barred) == (Allowance(0, state), True)


def test_without_a_cap_there_is_no_limit() -> None:
    assert allowance(control(), PURSE, 0.01, NOW) == Allowance(None)


def test_the_cap_is_what_paid_and_asked_for_may_reach() -> None:
    assert allowance(control(cap=3.5), PURSE, 0.1, NOW) == Allowance(5, "cap", 3.5)
    assert allowance(control(cap=3.5, fee=0.25), PURSE, 0.1, NOW) == Allowance(4, "cap", 3.5)
    assert allowance(control(cap=3.0), PURSE, 0.1, NOW) == Allowance(0, "cap", 3.0)
    assert allowance(control(cap=1.0), PURSE, 0.1, NOW) == Allowance(0, "cap", 1.0)
    assert not allowance(control(cap=3.0), PURSE, 0.1, NOW).barred


def test_the_cap_is_reached_exactly_although_floats_are_not_exact() -> None:
    spent = Purse(paid=0.1 + 0.2, paid_today=0.0, reserved=0.0, open=0.0)
    assert allowance(control(cap=0.4), spent, 0.1, NOW).places == 1


def test_a_day_has_a_cap_of_its_own_until_midnight() -> None:
    may = allowance(control(daily_cap=2.0), PURSE, 0.1, NOW)
    assert may == Allowance(5, "daily cap", 2.0, 11 * DAY)
    assert allowance(control(cap=50.0, daily_cap=2.0), PURSE, 0.1, NOW).why == "daily cap"
    assert allowance(control(cap=3.2, daily_cap=2.0), PURSE, 0.1, NOW) == Allowance(2, "cap", 3.2)


def test_where_nothing_is_paid_nothing_is_capped() -> None:
    assert allowance(control(cap=0.0), PURSE, 0.0, NOW) == Allowance(None)


def test_midnight_is_the_next_one() -> None:
    assert (midnight(0.0), midnight(DAY - 1), midnight(NOW)) == (DAY, DAY, 11 * DAY)
