"""Money: caps, prices, what a run cost and can still cost, and what may leave a buffer within that."""

import pytest
from store_examples import Clock, answer, ask, decided, keys, page

from store.contract import Store
from store.errors import MayNotSpend
from store.records import Binding, Decision, DecisionState, Lane, NewCall, Outcome
from store.spending import DAY, Allowance, RunControl, RunState

NOW = 5 * DAY + 50.0
FEE = 0.5


def run(store: Store, **said: object) -> None:
    """Set a run up whose outlining pool pays 10 cents a page, and whose checking pool pays 20."""
    store.write_run(RunControl(**({"pipeline": "p", "run": "r", "state": RunState.STARTED, "fee": FEE} | said)))
    for role, reward in (("outlining", 0.1), ("checking", 0.2)):
        store.bind(Binding("p", "r", f"pool:{role}", role))
        store.write_price(role, reward)


def three_asks(store: Store) -> tuple[Lane, list[Decision]]:
    asks = (ask("a1", f"t{n}", buffer="outlining", due_at=90.0, places=2, payload={"overlap": 2}) for n in (1, 2, 3))
    return decided(store, *asks)


def test_a_word_about_a_run_is_kept_and_the_last_one_stays(store: Store) -> None:
    assert store.run_control("p", "r") is None
    run(store, cap=5.0)
    run(store, state=RunState.PAUSED, cap=7.0, daily_cap=1.0)
    assert store.run_control("p", "r") == RunControl("p", "r", RunState.PAUSED, 7.0, 1.0, FEE)
    assert store.run_control("p", "other") is None


def test_a_purse_tells_paid_and_reserved_and_today(store: Store) -> None:
    run(store)
    store.fold(
        [
            page("old", answer("old", "t1"), pool_id="checking", reward=0.2, status="ACCEPTED", reviewed=NOW - DAY),
            page("new", answer("new", "t1"), pool_id="checking", reward=0.2, status="ACCEPTED", reviewed=NOW - 20.0),
            page("wait", answer("wait", "t1"), pool_id="outlining", reward=0.1, status="SUBMITTED"),
            page("no", answer("no", "t1"), pool_id="outlining", reward=0.1, status="REJECTED", reviewed=NOW),
            page("foreign", answer("foreign", "t1"), pool_id="elsewhere", reward=9.0, status="ACCEPTED", reviewed=NOW),
        ]
    )
    purse = store.purse("p", "r", NOW)
    assert [purse.paid, purse.paid_today, purse.reserved] == pytest.approx([0.6, 0.3, 0.15])
    assert purse.open == 0.0


def test_answers_that_were_asked_for_are_in_flight_until_they_come(store: Store) -> None:
    run(store)
    lane, (first, second, third) = three_asks(store)
    assert store.purse("p", "r", NOW).open == 0.0
    store.fix_calls(lane, [NewCall("op", "tasks", "outlining", (first.id, second.id))], [])
    assert store.purse("p", "r", NOW).open == pytest.approx(4 * 0.15)
    (call,) = store.open_calls(lane)
    store.mark_sent(lane, [], [call.id])
    outcomes = [Outcome(first.id, DecisionState.DONE, {"task_id": "x"}), Outcome(second.id, DecisionState.FAILED)]
    store.settle(lane, outcomes, [])
    assert store.purse("p", "r", NOW).open == pytest.approx(2 * 0.15)
    store.fold([page("a", answer("a", "x"), pool_id="outlining", reward=0.1, status="SUBMITTED")])
    purse = store.purse("p", "r", NOW)
    assert [purse.open, purse.reserved, purse.committed] == pytest.approx([0.15, 0.15, 0.3])
    assert keys(store.buffered(lane, "outlining")) == [third.key]


@pytest.mark.parametrize("status", ["ACTIVE", "SKIPPED", "EXPIRED"])
def test_a_page_that_is_not_handed_in_answers_nothing(store: Store, status: str) -> None:
    run(store)
    lane, asks = three_asks(store)
    store.fix_calls(lane, [], [each.id for each in asks])
    store.fold([page("a", answer("a", "x"), pool_id="outlining", reward=0.1, status=status, submitted=None)])
    assert store.purse("p", "r", NOW).committed == pytest.approx(6 * 0.15)


def test_an_allowance_is_what_the_cap_leaves_in_the_pools_own_price(store: Store) -> None:
    run(store, cap=0.65)
    assert store.allowance("outlining", NOW) == Allowance(4, "cap", 0.65)
    assert store.allowance("checking", NOW) == Allowance(2, "cap", 0.65)
    assert store.allowance("nobody's", NOW) == Allowance(None)


def test_nothing_leaves_the_buffer_above_the_cap(store: Store) -> None:
    run(store, cap=0.65)
    lane, asks = three_asks(store)
    with pytest.raises(MayNotSpend, match="cap"):
        store.fix_calls(lane, [], [each.id for each in asks], buying_at=NOW)
    assert len(store.buffered(lane, "outlining")) == 3
    store.fix_calls(lane, [NewCall("op", "tasks", "outlining", (asks[0].id,))], [asks[1].id], buying_at=NOW)
    assert keys(store.buffered(lane, "outlining")) == [asks[2].key]
    with pytest.raises(MayNotSpend):
        store.fix_calls(lane, [], [asks[2].id], buying_at=NOW)


@pytest.mark.parametrize("state", ["ready", "paused", "stopped"])
def test_nothing_at_all_is_bought_in_a_run_that_is_not_started(store: Store, state: str) -> None:
    run(store, state=RunState(state))
    lane, asks = three_asks(store)
    with pytest.raises(MayNotSpend, match=state):
        store.fix_calls(lane, [], [asks[0].id], buying_at=NOW)
    store.fix_calls(lane, [], [asks[0].id])
    assert len(store.buffered(lane, "outlining")) == 2


def test_two_workers_cannot_spend_the_same_money(store: Store, clock: Clock) -> None:
    run(store, cap=0.65)
    lane, asks = three_asks(store)
    left = store.allowance("outlining", NOW).places
    assert left == 4
    store.fold([page("c", answer("c", "t"), pool_id="checking", reward=0.2, status="ACCEPTED", reviewed=NOW)])
    with pytest.raises(MayNotSpend):
        store.fix_calls(lane, [], [asks[0].id, asks[1].id], buying_at=NOW)


def test_tomorrow_the_daily_cap_is_new(store: Store) -> None:
    run(store, daily_cap=0.3)
    store.fold([page("c", answer("c", "t"), pool_id="checking", reward=0.2, status="ACCEPTED", reviewed=NOW)])
    assert store.allowance("checking", NOW) == Allowance(0, "daily cap", 0.3, 6 * DAY)
    assert store.allowance("checking", 6 * DAY).places == 1


def test_what_waits_for_money_may_be_left_out_of_the_workload(store: Store) -> None:
    three_asks(store)
    assert store.workload(90.0).due == 3
    assert (store.workload(90.0, ["outlining"]).due, store.workload(10.0, ["outlining"]).next_due_at) == (0, None)


def test_a_part_of_the_buffer_may_be_read(store: Store) -> None:
    asks = [ask("a1", f"t{n}", buffer="outlining", due_at=90.0, places=2) for n in (1, 2, 3)]
    free = ask("a1", "t4", buffer="outlining", due_at=90.0, places=0)
    lane, written = decided(store, *asks, free)
    assert keys(store.buffered(lane, "outlining", 2)) == [written[at].key for at in (0, 1, 3)]
    assert store.buffered(lane, "elsewhere") == []
