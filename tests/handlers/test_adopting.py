"""After an older ledger was put back, what was asked since is found on the platform, and not asked and paid again."""

import pytest
from carried import Killed, killed_at
from front import refusal
from shop import Shop, small

from handlers import Context
from handlers.adopting import unclaimed
from handlers.gateway import LOOKS
from handlers.pipeline import Buffer
from store.records import DecisionState, NewDecision


@pytest.fixture
def asking(shop: Shop) -> Shop:
    """A pipeline that asks each item it is given, four to a page."""
    tiny = small(buffer=Buffer(4, 600.0))

    @tiny.checks.on_added
    def ask_it(ctx: Context):
        """Ask each item."""
        for item in ctx.payload["items"]:
            yield tiny.checks.ask(key=item, question=item)

    shop.set_up(tiny.pipeline)
    return shop


def created(shop: Shop) -> list[str]:
    return sorted(each["input_values"]["question"] for each in shop.happened("TASK_CREATED"))


def put_back(shop: Shop) -> None:
    """Work off what was given, then put the ledger back to what it was before."""
    before = shop.database.with_name("before.db")
    shop.store.copy_to(before)
    shop.until_idle(shop.dispatcher())
    shop.store.close()
    for end in ("-wal", "-shm"):
        shop.database.with_name(shop.database.name + end).unlink(missing_ok=True)
    before.replace(shop.database)


def asked(shop: Shop) -> dict[str, str]:
    """The task of each question, as the ledger has it."""
    done = shop.store.decisions(kind="ask", state=DecisionState.DONE)
    return {each.payload["input"]["question"]: each.result["task_id"] for each in done}


def test_what_was_asked_since_is_found_and_not_asked_again(asking: Shop) -> None:
    asking.give("a", "b", "c", "d", role="checks")
    put_back(asking)
    there = {task.body["input_values"]["question"]: task.id for task in asking.world.state.tasks.values()}
    assert sorted(there) == ["a", "b", "c", "d"]
    asking.give("e", "f", "g", "h", "i", role="checks")  # together with these, calls are cut otherwise
    asking.until_idle(asking.dispatcher())
    asking.until_idle(asking.dispatcher())
    asking.world.advance(asking.world.now + 700.0)
    asking.until_idle(asking.dispatcher())
    assert created(asking) == list("abcdefghi")
    assert {key: asked(asking)[key] for key in "abcd"} == there


def test_what_was_only_buffered_in_the_copy_is_found_too(asking: Shop) -> None:
    asking.give("a", role="checks")
    asking.store.route(asking.registry.routes)
    assert asking.decider().batch(asking.world.now) is not None
    asking.store.release(asking.lane("checks"))
    before = asking.database.with_name("before.db")
    asking.store.copy_to(before)
    asking.world.advance(asking.world.now + 700.0)
    asking.until_idle(asking.dispatcher())
    assert created(asking) == ["a"]
    asking.store.close()
    for end in ("-wal", "-shm"):
        asking.database.with_name(asking.database.name + end).unlink(missing_ok=True)
    before.replace(asking.database)
    asking.until_idle(asking.dispatcher())
    assert created(asking) == ["a"]
    assert list(asked(asking)) == ["a"]


def test_if_the_platform_fails_meanwhile_it_is_looked_at_again(asking: Shop) -> None:
    asking.give("a", "b", "c", "d", role="checks")
    put_back(asking)
    dispatcher = asking.dispatcher()
    asking.front.answer("GET /tasks", *[refusal(500, "INTERNAL")] * LOOKS)
    assert not dispatcher.cycle(asking.world.now)
    pool_id = asking.running.pool_ids["checks"]
    for _ in range(2):  # what was found is taken, and then its pool cannot be opened
        asking.clock.now += 120.0
        asking.front.answer(f"GET /pools/{pool_id}", *[refusal(500, "INTERNAL")] * LOOKS)
        assert not dispatcher.cycle(asking.world.now)
    asking.clock.now += 120.0
    asking.until_idle(dispatcher)
    assert created(asking) == ["a", "b", "c", "d"]
    assert sorted(asked(asking)) == ["a", "b", "c", "d"]


def test_a_ledger_that_is_not_older_finds_nothing(asking: Shop) -> None:
    asking.give("a", "b", "c", "d", role="checks")
    asking.until_idle(asking.dispatcher())
    assert not unclaimed(asking.store, asking.gateway, asking.registry)


def test_a_call_under_way_is_left_to_its_operation_id(asking: Shop) -> None:
    asking.give("a", "b", "c", "d", role="checks")
    with pytest.raises(Killed):
        asking.until_idle(asking.dispatcher(observe=killed_at("applied")))
    assert created(asking) == ["a", "b", "c", "d"]
    assert not unclaimed(asking.store, asking.gateway, asking.registry)
    asking.until_idle(asking.dispatcher())
    assert created(asking) == ["a", "b", "c", "d"]
    assert sorted(asked(asking)) == ["a", "b", "c", "d"]


def test_a_task_is_given_away_once_and_only_to_what_it_shows(asking: Shop) -> None:
    task_ids = sorted(task.id for task in asking.tasks("checks", "same", "same", "other")[:2])
    found = unclaimed(asking.store, asking.gateway, asking.registry)
    lane = asking.running.pool_ids["checks"]
    asking.give("x", role="checks")
    asking.store.route(asking.registry.routes)
    taken = asking.store.claim("ann", 60.0)
    assert taken is not None
    wants = [NewDecision(f"ask:{n}", "ask", lane, {"input": {"question": "same"}}) for n in range(3)]
    asks = asking.store.decide(taken[0], [taken[1][0].id], [(taken[1][0].id, each) for each in wants], [], 1.0)
    assert [found.take(each) for each in asks] == [*task_ids, None]
    assert found
