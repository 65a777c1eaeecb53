import pytest
from front import refusal
from shop import Shop, small

from handlers import Pipeline
from handlers.provisioning import Provisioner
from handlers.trouble import TolokaTrouble


def created(shop: Shop) -> list[str]:
    return [line["kind"] for line in shop.world.history() if line["kind"].endswith("_CREATED")]


def test_what_is_declared_is_created_and_bound(shop):
    running = shop.set_up(small().pipeline, colour="red")
    assert sorted(created(shop)) == ["POOL_CREATED"] * 2 + ["PROJECT_CREATED"] * 2 + ["SKILL_CREATED"]
    bound = {each.role: each.object_id for each in shop.store.bindings("small", "test")}
    assert sorted(bound) == ["pool:checks", "pool:work", "project:checks", "project:work", "skill:checking"]
    assert running.pool_ids == {"work": bound["pool:work"], "checks": bound["pool:checks"]}
    assert running.settings == {"colour": "red"}
    pool = shop.gateway.client.get_pool(bound["pool:work"])
    assert (pool.project_id, pool.status.value) == (bound["project:work"], "CLOSED")
    assert pool.metadata == {"crowdhook": ["small:test:work"]}
    assert shop.store.notes()["settings:small:test"] == '{"colour": "red"}'


def test_a_second_time_creates_nothing(shop):
    first = shop.set_up(small().pipeline)
    before = created(shop)
    assert shop.set_up(small().pipeline).pool_ids == first.pool_ids
    assert created(shop) == before


def test_another_run_gets_pools_of_its_own_and_shares_the_skill(shop):
    first = shop.set_up(small().pipeline)
    other = Provisioner(shop.store, shop.gateway, small().pipeline, "other", {}).provide(shop.world.now)
    assert not set(first.pool_ids.values()) & set(other.pool_ids.values())
    assert created(shop).count("SKILL_CREATED") == 1
    skills = {each.object_id for each in shop.store.bindings("small") if each.role == "skill:checking"}
    assert len(skills) == 1


def test_what_broke_off_goes_on_where_it_was(shop):
    shop.front.answer("POST /pools", refusal(500, "INTERNAL_ERROR"))
    with pytest.raises(TolokaTrouble):
        shop.set_up(small().pipeline)
    assert created(shop) == ["PROJECT_CREATED", "SKILL_CREATED"]
    shop.set_up(small().pipeline)
    assert sorted(created(shop)) == ["POOL_CREATED"] * 2 + ["PROJECT_CREATED"] * 2 + ["SKILL_CREATED"]


def test_a_pool_that_was_bound_by_hand_needs_no_declaration(shop):
    declared = shop.set_up(small().pipeline)
    bare = Pipeline("small")
    bare.pool("work")
    bare.pool("elsewhere")
    assert shop.set_up(bare).pool_ids == {"work": declared.pool_ids["work"]}


def test_what_the_settings_do_not_need_is_not_created(shop):
    work, checks = (small().pipeline.pools[role].declared for role in ("work", "checks"))
    made = Pipeline("small", skills={"checking": "{settings[checker]}"})
    made.pool("work", project=work.project, pool=work.pool)
    made.pool("checks", project=checks.project, pool=checks.pool, needed=lambda settings: settings["checker"])
    assert list(shop.set_up(made, checker="").pool_ids) == ["work"]
    assert sorted(created(shop)) == ["POOL_CREATED", "PROJECT_CREATED"]
