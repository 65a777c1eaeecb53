from decimal import Decimal

import pytest
import toloka.client as toloka
from simulated import START, Bench, serving, world
from toloka.client.exceptions import IncorrectActionsApiError

from simulator.records.hands import Act, Hands


def money(bench: Bench) -> list[tuple[str, float]]:
    return [(line["what"], line["amount"]) for line in bench.world.history() if line["kind"] == "MONEY"]


def test_a_reviewed_page_is_reserved_then_charged_or_released_and_charged_when_taken_back(bench):
    pool = bench.outlining(reward_per_assignment=0.1)
    bench.fill(pool, 2)
    bench.client.open_pool(pool.id)
    bench.run(2)
    one, other = bench.client.get_assignments(pool_id=pool.id)
    assert (bench.world.spent_by_pool(), money(bench)) == ({}, [("blocked", 0.13)] * 2)
    bench.client.accept_assignment(one.id, "")
    bench.client.reject_assignment(other.id, "")
    assert bench.world.spent_by_pool() == {pool.id: 0.13}
    bench.client.accept_assignment(other.id, "")
    assert bench.client.get_requester().balance == Decimal("9999.74")
    assert sorted(money(bench)) == sorted([("blocked", 0.13)] * 2 + [("charged", 0.13)] * 2 + [("released", 0.13)])


def test_automatic_acceptance_is_charged_at_once():
    with serving(world(fee=0.0)) as bench:
        pool = bench.checking()
        bench.fill(pool, 10, overlap=3)
        bench.client.open_pool(pool.id)
        bench.run()
        assert bench.world.spent_by_pool() == {pool.id: pytest.approx(0.03)}
        assert money(bench) == [("charged", 0.01)] * 3


def test_a_new_price_counts_for_pages_taken_afterwards(bench):
    pool = bench.outlining(auto_accept_solutions=True)
    bench.fill(pool, 1)
    bench.client.open_pool(pool.id)
    bench.run()
    pool.reward_per_assignment = 0.05
    bench.client.update_pool(pool.id, pool)
    bench.fill(pool, 1)
    bench.client.open_pool(pool.id)
    bench.run()
    rewards = sorted(page.reward for page in bench.client.get_assignments(pool_id=pool.id))
    assert rewards == [Decimal("0.01"), Decimal("0.05")]


def test_no_more_is_begun_than_the_balance_pays_for():
    with serving(world(balance=0.1)) as bench:
        pool = bench.outlining(auto_accept_solutions=False)
        bench.fill(pool, 2)
        bench.client.open_pool(pool.id)
        bench.fill(pool, 60)
        most = 0
        while (moment := bench.world.next_event_at()) is not None:
            bench.world.advance(moment)
            pages = list(bench.client.get_assignments(pool_id=pool.id, status=["ACTIVE", "SUBMITTED"]))
            most = max(most, len(pages))
        assert most == 7
        for page in bench.client.get_assignments(pool_id=pool.id):
            bench.client.accept_assignment(page.id, "")
        assert bench.client.get_requester().balance == Decimal("0.009")


def test_a_refusal_is_not_taken_back_without_money():
    with serving(world(balance=0.02, hands=Hands((Act(43_200, "money", amount=-1.0),)))) as bench:
        pool = bench.outlining()
        bench.fill(pool, 1)
        bench.client.open_pool(pool.id)
        bench.run(6)
        page = next(iter(bench.client.get_assignments(pool_id=pool.id)))
        bench.client.reject_assignment(page.id, "no")
        bench.run(7)
        assert bench.client.get_requester().balance == 0
        with pytest.raises(IncorrectActionsApiError) as caught:
            bench.client.accept_assignment(page.id, "yes")
        assert caught.value.code == "NOT_ENOUGH_BALANCE"
        assert bench.client.get_assignment(page.id).status.value == "REJECTED"


def test_money_taken_away_leaves_what_is_reserved_and_closes_pools_until_there_is_more():
    hands = Hands((Act(100, "money", amount=float("-inf")), Act(20_000, "money", amount=1.0)))
    with serving(world(hands=hands)) as bench:
        pool = bench.outlining(auto_close_after_complete_delay_seconds=300)
        bench.fill(pool, 200)
        bench.client.open_pool(pool.id)
        bench.world.advance(START + 19_999)
        begun = list(bench.client.get_assignments(pool_id=pool.id))
        assert 0 < len(begun) < 200
        assert bench.client.get_pool(pool.id).last_close_reason == toloka.Pool.CloseReason.NOT_ENOUGH_BALANCE
        assert bench.client.get_requester().balance == 0
        with pytest.raises(IncorrectActionsApiError):
            bench.client.open_pool(pool.id)
        for page in begun:
            bench.client.reject_assignment(page.id, "no")
        bench.world.advance(START + 20_000)
        assert bench.client.get_requester().balance == pytest.approx(Decimal("0.013") * len(begun) + 1)
        changes = [line["amount"] for line in bench.world.history() if line["kind"] == "BALANCE"]
        assert changes == [pytest.approx(0.013 * len(begun) - 10_000), 1.0]
