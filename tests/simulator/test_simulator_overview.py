from collections import Counter
from decimal import Decimal

import pytest
import toloka.client as toloka

from simulator.page.overview import Overview, PoolLine, overview


def line_of(view: Overview, pool: toloka.Pool) -> PoolLine:
    return next(line for project in view.projects for line in project.pools if line.id == pool.id)


def test_pools_tell_how_far_they_are(bench):
    pool = bench.outlining(reward_per_assignment=0.1)
    bench.fill(pool, 3)
    before = line_of(overview(bench.world.state), pool)
    assert (before.status, before.close_reason, before.wanted, before.done) == ("CLOSED", None, 3, 0)
    bench.client.open_pool(pool.id)
    bench.run(2)
    accepted, rejected, _ = bench.client.get_assignments(pool_id=pool.id)
    bench.client.accept_assignment(accepted.id, "")
    bench.client.reject_assignment(rejected.id, "")
    after = line_of(overview(bench.world.state), pool)
    assert (after.status, after.close_reason, after.done) == ("CLOSED", "COMPLETED", 3)
    assert after.pages == Counter(ACCEPTED=1, REJECTED=1, SUBMITTED=1)
    assert (after.price, after.spent) == (0.1, 0.13)


def test_money_is_told_with_what_is_blocked(bench):
    pool = bench.outlining(reward_per_assignment=0.1)
    bench.fill(pool, 2)
    bench.client.open_pool(pool.id)
    bench.run(2)
    one, _ = bench.client.get_assignments(pool_id=pool.id)
    bench.client.accept_assignment(one.id, "")
    purse = overview(bench.world.state).purse
    assert (purse.balance, purse.blocked, purse.in_work, purse.free, purse.spent) == (9999.74, 0.13, 0, 9999.74, 0.13)
    assert Decimal(str(purse.balance)) == bench.client.get_requester().balance


def test_people_are_those_who_took_part_with_their_skills_and_bans(bench):
    pool = bench.outlining(reward_per_assignment=0.1, auto_accept_solutions=True)
    bench.fill(pool, 3)
    bench.client.open_pool(pool.id)
    bench.run(2)
    seen = {page.user_id for page in bench.client.get_assignments(pool_id=pool.id)}
    known = sorted(seen)[0]
    skill = bench.client.create_skill(name="outlines")
    bench.client.set_user_skill(skill_id=skill.id, user_id=known, value=Decimal(70))
    bench.client.set_user_restriction(
        toloka.user_restriction.AllProjectsUserRestriction(user_id=known, private_comment="")
    )
    bench.client.create_user_bonus(toloka.UserBonus(user_id=known, amount=Decimal(1), without_message=True))
    view = overview(bench.world.state)
    assert {line.id for line in view.people} == seen
    assert view.inhabitants == 60
    person = next(line for line in view.people if line.id == known)
    assert (person.skills, person.bans) == ((("outlines", 70.0),), 1)
    assert sum(line.earned for line in view.people) == pytest.approx(1.3)
    assert view.purse.spent == pytest.approx(1.69)


def test_what_happened_last_comes_first(bench):
    bench.outlining()
    kinds = [line["kind"] for line in overview(bench.world.state).recent]
    assert kinds == ["POOL_CREATED", "PROJECT_CREATED"]
