from decimal import Decimal

import pytest
from simulated import Bench, serving, world


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
