import pytest
from carried import Killed, killed_at, planned, tried
from front import Answer, refusal, said
from shop import Shop, opened, small

from handlers import Buffer
from handlers.actions import Action
from handlers.trouble import TolokaTrouble, TroubleKind
from store.records import DecisionState


def asks(shop: Shop, *questions: object) -> list[Action]:
    work = shop.running.pipeline.pools["work"]
    return [work.ask(key=f"{at}", question=each) for at, each in enumerate(questions)]


def test_asks_are_created_together_and_their_pool_is_opened(shop):
    pool_id = shop.set_up(small().pipeline).pool_ids["work"]
    lane = planned(shop, *asks(shop, "a", "b", "c"))
    assert shop.carrier().lane(lane, shop.world.now)
    made = {line["id"]: line["input_values"]["question"] for line in shop.happened("TASK_CREATED")}
    told = {each.result["task_id"]: each.payload["input"]["question"] for each in shop.store.decisions()}
    assert told == made
    assert sorted(made.values()) == ["a", "b", "c"]
    assert shop.front.count("POST /tasks") == 1
    assert shop.gateway.pool(pool_id).status == "OPEN"
    assert not shop.carrier().lane(lane, shop.world.now)


@pytest.mark.parametrize("moment", ["sent", "applied"])
def test_asks_of_a_killed_worker_are_created_once(shop, moment):
    shop.set_up(small().pipeline)
    lane = planned(shop, *asks(shop, "a", "b"))
    with pytest.raises(Killed):
        shop.carrier(killed_at(moment)).lane(lane, shop.world.now)
    assert set(shop.states("ask").values()) == {"sent"}
    shop.carrier().lane(lane, shop.world.now)
    assert set(shop.states("ask").values()) == {"done"}
    assert len(shop.happened("TASK_CREATED")) == 2


@pytest.mark.parametrize("applied", [False, True])
def test_asks_in_trouble_go_out_later_as_the_same_call(shop, applied):
    shop.set_up(small().pipeline)
    lane = planned(shop, *asks(shop, "a", "b"))
    shop.front.answer("POST /tasks", Answer(503, applied=applied))
    with pytest.raises(TolokaTrouble):
        shop.carrier().lane(lane, shop.world.now)
    (before,) = shop.store.open_calls(lane)
    shop.carrier().lane(lane, shop.world.now)
    assert set(shop.states("ask").values()) == {"done"}
    assert len(shop.happened("TASK_CREATED")) == 2
    (call,) = shop.store.event_file(1).calls
    assert (call.operation_id, call.state, call.sends) == (before.operation_id, "done", 2)
    assert tried(shop) == [("transient", ""), ("", "")]


def test_asks_wait_for_a_full_page(shop):
    tiny = small(buffer=Buffer(3, 600.0))
    shop.set_up(tiny.pipeline)
    for at in range(4):
        planned(shop, tiny.checks.ask(key=str(at), question=str(at)))
    lane = shop.lane("checks")
    shop.carrier().lane(lane, shop.world.now)
    assert list(shop.states("ask").values()) == ["done", "done", "done", "planned"]
    assert not shop.carrier().lane(lane, shop.world.now + 599.0)
    shop.carrier().lane(lane, shop.world.now + 600.0)
    assert list(shop.states("ask").values()) == ["done"] * 4
    assert shop.front.count("POST /tasks") == 2


def test_a_refused_ask_has_failed_and_says_why(shop):
    shop.set_up(small().pipeline)
    lane = planned(shop, *asks(shop, "a", {"not": "text"}))
    shop.carrier().lane(lane, shop.world.now)
    good, bad = shop.store.decisions(kind="ask")
    assert (good.state, bad.state) == (DecisionState.DONE, DecisionState.FAILED)
    assert "input_values.question" in bad.result["error"]


def test_asks_that_are_all_refused_are_not_tried_again(shop):
    shop.set_up(small().pipeline)
    lane = planned(shop, *asks(shop, {"not": "text"}))
    shop.carrier().lane(lane, shop.world.now)
    (bad,) = shop.store.decisions(kind="ask")
    assert (bad.state, "input_values.question" in bad.result["error"]) == (DecisionState.FAILED, True)
    assert not shop.carrier().lane(lane, shop.world.now)
    assert shop.front.count("POST /tasks") == 1


def operation(call_id: str, status: str) -> Answer:
    return said(202, {"id": call_id, "type": "TASK.BATCH_CREATE", "status": status, "submitted": "2023-11-14T22:00:00"})


def test_a_creation_that_the_platform_gave_up_is_tried_under_another_id(shop):
    shop.set_up(small().pipeline)
    lane = planned(shop, *asks(shop, "a", "b"))
    shop.front.answer("POST /tasks", operation("1", "FAIL"))
    shop.front.answer("GET /operations", said(200, []))
    shop.carrier().lane(lane, shop.world.now)
    assert set(shop.states("ask").values()) == {"sent"}
    (again,) = shop.store.open_calls(lane)
    assert (again.generation, again.state, len(again.members)) == (1, "planned", 2)
    shop.carrier().lane(lane, shop.world.now)
    assert set(shop.states("ask").values()) == {"done"}
    assert len(shop.happened("TASK_CREATED")) == 2


def test_a_creation_that_is_given_up_again_and_again_has_failed(shop):
    shop.set_up(small().pipeline)
    lane = planned(shop, *asks(shop, "a"))
    shop.front.answer("POST /tasks", *[operation("1", "FAIL")] * 9)
    shop.front.answer("GET /operations", *[said(200, [])] * 9)
    tries = 0
    while shop.carrier().lane(lane, shop.world.now):
        tries += 1
    assert (tries, shop.front.count("POST /tasks")) == (5, 5)
    assert list(shop.states("ask").values()) == ["failed"]


def test_a_creation_that_the_platform_is_still_at_is_asked_about_again(shop):
    shop.set_up(small().pipeline)
    lane = planned(shop, *asks(shop, "a"))
    shop.front.answer("POST /tasks", operation("1", "RUNNING"))
    assert not shop.carrier().lane(lane, shop.world.now)
    assert list(shop.states("ask").values()) == ["sent"]
    shop.carrier().lane(lane, shop.world.now)
    assert list(shop.states("ask").values()) == ["done"]


def test_a_task_that_the_log_does_not_name_is_unknown(shop):
    shop.set_up(small().pipeline)
    lane = planned(shop, *asks(shop, "a"))
    shop.front.answer("GET /operations", said(200, []))
    shop.carrier().lane(lane, shop.world.now)
    assert list(shop.states("ask").values()) == ["unknown"]


def test_a_creation_that_toloka_refuses_for_good_has_failed(shop):
    shop.set_up(small().pipeline)
    lane = planned(shop, *asks(shop, "a"))
    shop.front.answer("POST /tasks", refusal(403, "ACCESS_DENIED"), refusal(409, "POOL_INAPPROPRIATE_STATUS"))
    with pytest.raises(TolokaTrouble) as caught:
        shop.carrier().lane(lane, shop.world.now)
    assert caught.value.trouble.kind is TroubleKind.AUTH
    assert list(shop.states("ask").values()) == ["sent"]
    shop.carrier().lane(lane, shop.world.now)
    assert list(shop.states("ask").values()) == ["failed"]


def test_tasks_of_a_pool_that_toloka_will_not_open_are_there_all_the_same(tmp_path):
    with opened(tmp_path, balance=0.001) as poor:
        poor.set_up(small().pipeline)
        lane = planned(poor, *asks(poor, "a"))
        poor.carrier().lane(lane, poor.world.now)
        assert list(poor.states("ask").values()) == ["done"]
        assert len(poor.happened("TASK_CREATED")) == 1
        assert not poor.carrier().lane(lane, poor.world.now)
