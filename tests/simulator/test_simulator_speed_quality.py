"""Of those whom a pool's filter admits only the best come in: a share of them, or so many at a time."""

from decimal import Decimal
from typing import Any

import httpx
import pytest
import toloka.client as toloka
from ruled import pages_of, rules, work
from simulated import Bench, serving, world
from toloka.client import actions, collectors, conditions
from toloka.client.filter import Skill
from toloka.client.pool.speed_quality_balance_config import BestConcurrentUsersByQuality, TopPercentageByQuality

from simulator.crowd.performers import Crowd

MIXED = Crowd(performers=40, skip=0.0, expire=0.0, cheater=0.5, likes=1.0)
GOOD = {person.id for person in MIXED.people() if person.kind == "careful"}


def done(bench: Bench, balance: Any, count: int = 120, **settings: Any) -> tuple[toloka.Pool, set[str]]:
    """A pool with this balance, of which one task a page is wanted of three people each; and who came."""
    pool = bench.outlining(speed_quality_balance=balance, **settings)
    bench.fill(pool, count, overlap=3)
    work(bench, pool)
    return pool, {page.user_id for page in pages_of(bench, pool)}


def test_the_best_share_are_the_careful_ones():
    with serving(world(MIXED)) as bench:
        assert 12 < len(GOOD) < 28
        share = 10 * (10 * len(GOOD) // 40)
        pool, came = done(bench, TopPercentageByQuality(percent=share))
        assert came <= GOOD
        assert len(came) == -(-40 * share // 100)
        assert bench.client.get_pool(pool.id).speed_quality_balance == pool.speed_quality_balance
        _, everybody = done(bench, TopPercentageByQuality(percent=100))
        assert everybody > came


def test_the_share_is_of_those_who_pass_the_filter():
    """Where only cheaters have the skill, half of them come."""
    with serving(world(MIXED)) as bench:
        skill = bench.client.create_skill(name="cheats")
        bad = {person.id for person in MIXED.people()} - GOOD
        for user_id in bad:
            bench.client.set_user_skill(skill_id=skill.id, user_id=user_id, value=Decimal(1))
        _, came = done(bench, TopPercentageByQuality(percent=50), filter=Skill(skill.id) == 1)
        assert came <= bad
        assert len(came) == -(-len(bad) // 2)


def at_once(pages: list[toloka.Assignment]) -> int:
    """The most people who had a page at the same time."""
    steps = [(page.created, 1) for page in pages] + [(page.submitted, -1) for page in pages]
    people, most = 0, 0
    for _, step in sorted(steps):
        people += step
        most = max(most, people)
    return most


def test_so_many_of_the_best_work_at_a_time_and_others_follow_when_they_have_had_all():
    with serving(world(MIXED)) as bench:
        pool, came = done(bench, BestConcurrentUsersByQuality(count=2), count=10)
        assert bench.client.get_pool(pool.id).last_close_reason == toloka.Pool.CloseReason.COMPLETED
        assert len(came) >= 3
        assert came <= GOOD
        assert at_once(pages_of(bench, pool)) == 2


def test_who_is_banned_makes_room():
    ban = actions.RestrictionV2(scope="POOL", duration_unit="PERMANENT")
    once = rules((collectors.AnswerCount(), [conditions.AssignmentsAcceptedCount > 4], ban))
    with serving(world(MIXED)) as bench:
        pool, came = done(bench, BestConcurrentUsersByQuality(count=3), count=20, **once)
        assert len(came) >= 20 * 3 // 5
        assert at_once(pages_of(bench, pool)) <= 3
        assert bench.client.get_pool(pool.id).is_closed()


def test_nobody_is_let_in_where_none_may_work(bench):
    _, came = done(bench, BestConcurrentUsersByQuality(count=0), count=3)
    assert came == set()


@pytest.mark.parametrize(
    ("balance", "path", "code"),
    [
        ({"type": "MAGIC", "percent": 10}, "type", "UNKNOWN_ENUM_VALUE"),
        ({"percent": 10}, "type", "VALUE_REQUIRED"),
        ({"type": "TOP_PERCENTAGE_BY_QUALITY"}, "percent", "VALUE_REQUIRED"),
        ({"type": "TOP_PERCENTAGE_BY_QUALITY", "percent": 5}, "percent", "VALUE_LESS_THAN_MIN"),
        ({"type": "TOP_PERCENTAGE_BY_QUALITY", "percent": 15}, "percent", "VALUE_NOT_ALLOWED"),
        ({"type": "TOP_PERCENTAGE_BY_QUALITY", "percent": 10, "count": 1}, "count", "VALUE_NOT_ALLOWED"),
        ({"type": "BEST_CONCURRENT_USERS_BY_QUALITY"}, "count", "VALUE_REQUIRED"),
        ({"type": "BEST_CONCURRENT_USERS_BY_QUALITY", "count": 101}, "count", "VALUE_GREATER_THAN_MAX"),
    ],
)
def test_what_is_wrong_is_named(bench, balance, path, code):
    body = bench.checking().unstructure() | {"reward_per_assignment": 0.01, "speed_quality_balance": balance}
    answer = httpx.post(f"{bench.url}/api/v1/pools", json=body, headers={"Authorization": "OAuth token"})
    found = {name: each["code"] for name, each in answer.json()["payload"].items()}
    assert found == {f"speed_quality_balance.{path}": code}


def test_nobody_left_is_told_as_what_it_is():
    """The two best have done all; were it not for the balance the others could go on."""
    with serving(world(Crowd(performers=12, skip=0.0, expire=0.0, likes=1.0))) as bench:
        pool, _ = done(bench, TopPercentageByQuality(percent=10), count=3)
        assert bench.world.stranded()[pool.id].why == {"had_all": 2, "outranked": 10}
