from decimal import Decimal

import toloka.client as toloka
from simulated import Bench


def test_the_requester_has_a_name_a_company_and_money(bench):
    read = bench.client.get_requester()
    assert read.balance == 10_000
    assert read.public_name == {"EN": "Simulated requester"}
    assert read.company.superintendent_id == read.id
    owner = bench.client.get_pool(bench.outlining().id).owner
    assert (owner.id, owner.myself, owner.company_id) == (read.id, True, read.company.id)


def balance(bench: Bench) -> Decimal:
    return bench.client.get_requester().balance


def test_the_balance_falls_when_a_page_is_sent_in_stays_when_it_is_paid_and_rises_when_it_is_refused(bench):
    pool = bench.outlining(reward_per_assignment=0.1)
    bench.fill(pool, 2)
    bench.client.open_pool(pool.id)
    while not list(bench.client.get_assignments(pool_id=pool.id, status="ACTIVE")):
        bench.world.advance(bench.world.now + 5)
    assert balance(bench) == 10_000
    bench.run()
    assert balance(bench) == Decimal("9999.74")
    one, other = bench.client.get_assignments(pool_id=pool.id)
    bench.client.accept_assignment(one.id, "")
    assert balance(bench) == Decimal("9999.74")
    bench.client.reject_assignment(other.id, "")
    assert balance(bench) == Decimal("9999.87")
    bench.client.accept_assignment(other.id, "")
    assert balance(bench) == Decimal("9999.74")


def test_a_bonus_falls_from_the_balance_at_once(bench):
    user_id = min(bench.world.state.people)
    bonus = toloka.UserBonus(user_id=user_id, amount=Decimal(10), without_message=True)
    bench.client.create_user_bonus(bonus)
    assert balance(bench) == 9_987
