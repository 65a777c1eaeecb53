import datetime

from shop import START, Shop, small
from toloka.client.user_restriction import (
    AllProjectsUserRestriction,
    PoolUserRestriction,
    ProjectUserRestriction,
    UserRestriction,
)

from handlers.bans import banned

LATER = datetime.datetime.fromtimestamp(START + 100.0, datetime.UTC)


def ban(shop: Shop, *restrictions: UserRestriction) -> None:
    for each in restrictions:
        shop.gateway.client.set_user_restriction(each)


def test_nobody_is_banned_where_nobody_was(shop):
    shop.set_up(small().pipeline)
    assert banned(shop.gateway, shop.running.pool_ids["work"], START) == set()


def test_who_is_kept_from_a_pool_its_project_or_everything_is_banned_from_it(shop):
    shop.set_up(small().pipeline)
    ann, bob, eve, zoe, max_ = list(shop.world.state.people)[:5]
    work, checks = (shop.running.pool_ids[role] for role in ("work", "checks"))
    projects = {pool_id: shop.gateway.client.get_pool(pool_id).project_id for pool_id in (work, checks)}
    ban(
        shop,
        PoolUserRestriction(user_id=ann, pool_id=work),
        PoolUserRestriction(user_id=bob, pool_id=checks),
        ProjectUserRestriction(user_id=eve, project_id=projects[work]),
        ProjectUserRestriction(user_id=zoe, project_id=projects[checks]),
        AllProjectsUserRestriction(user_id=max_),
    )
    assert banned(shop.gateway, work, START) == {ann, eve, max_}
    assert banned(shop.gateway, checks, START) == {bob, zoe, max_}


def test_a_ban_ends_when_it_expires(shop):
    shop.set_up(small().pipeline)
    ann, work = next(iter(shop.world.state.people)), shop.running.pool_ids["work"]
    ban(shop, PoolUserRestriction(user_id=ann, pool_id=work, will_expire=LATER))
    assert banned(shop.gateway, work, START + 99.0) == {ann}
    assert banned(shop.gateway, work, START + 100.0) == set()
