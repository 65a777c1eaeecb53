import pytest
from carried import Killed, killed_at, planned, tried
from front import Answer, refusal
from shop import Shop, small

from handlers import Accept, Hold, MoreVotes, Reject
from handlers.deciding import Step
from handlers.trouble import TolokaTrouble
from store.errors import LaneLost
from store.records import Decision, DecisionState


@pytest.fixture
def page(shop: Shop) -> str:
    """A submitted page of work."""
    shop.set_up(small().pipeline)
    shop.tasks("work", "a")
    shop.work()
    return shop.pages()[0]


@pytest.mark.parametrize(
    ("action", "status", "verb"), [(Accept, "ACCEPTED", "APPROVED"), (Reject, "REJECTED", "REJECTED")]
)
def test_a_verdict_is_carried_out_and_settled(shop, page, action, status, verb):
    lane = planned(shop, action(page, "because"))
    assert shop.carrier().lane(lane, shop.world.now)
    (decision,) = shop.store.decisions()
    assert (decision.state, decision.sends, decision.result) == (DecisionState.DONE, 1, {"status": status})
    assert [line["id"] for line in shop.happened(f"ASSIGNMENT_{verb}")] == [page]
    assert tried(shop) == [("", "")]
    assert not shop.carrier().lane(lane, shop.world.now)


def test_a_refusals_comment_reaches_its_performer(shop, page):
    shop.carrier().lane(planned(shop, Reject(page, "Picture 1 is too dark.")), shop.world.now)
    assert shop.gateway.page(page).comment == "Picture 1 is too dark."


@pytest.mark.parametrize("action", [Accept, Reject])
@pytest.mark.parametrize("moment", ["sent", "applied"])
def test_a_worker_killed_before_it_settled_finishes_with_one_effect(shop, page, action, moment):
    lane = planned(shop, action(page, "because"))
    with pytest.raises(Killed):
        shop.carrier(killed_at(moment)).lane(lane, shop.world.now)
    assert [each.state for each in shop.store.decisions()] == [DecisionState.SENT]
    shop.carrier().lane(lane, shop.world.now)
    assert [each.state for each in shop.store.decisions()] == [DecisionState.DONE]
    assert len(shop.happened("ASSIGNMENT_APPROVED") + shop.happened("ASSIGNMENT_REJECTED")) == 1
    assert shop.front.count("PATCH") == 1


def test_what_was_sent_is_looked_at_before_it_is_sent_again(shop, page):
    lane = planned(shop, Reject(page, "no"))
    (decision,) = shop.store.decisions()
    shop.store.mark_sent(lane, [decision.id])
    shop.gateway.client.reject_assignment(page, "no")
    shop.carrier().lane(lane, shop.world.now)
    assert [each.state for each in shop.store.decisions()] == [DecisionState.DONE]
    assert len(shop.happened("ASSIGNMENT_REJECTED")) == 1
    assert shop.front.count("PATCH") == 1  # the test's own


def test_a_verdict_against_the_sites_is_a_conflict_for_a_person(shop, page):
    lane = planned(shop, Accept(page))
    shop.gateway.client.reject_assignment(page, "by hand")
    shop.carrier().lane(lane, shop.world.now)
    (decision,) = shop.store.decisions()
    assert (decision.state, decision.result) == (DecisionState.CONFLICT, {"status": "REJECTED"})
    assert shop.happened("ASSIGNMENT_APPROVED") == []
    assert not shop.carrier().lane(lane, shop.world.now)


@pytest.mark.parametrize(
    "bad",
    [
        refusal(503, "REMOTE_SERVICE_UNAVAILABLE"),
        refusal(401, "AUTHENTICATION_ERROR"),
        Answer(reset=True),
        Answer(applied=True, reset=True),
        Answer(502, b"<html>", applied=True),
    ],
    ids=["unavailable", "auth", "reset", "applied and reset", "applied and HTML"],
)
def test_trouble_leaves_a_verdict_sent_and_it_is_finished_later(shop, page, bad):
    lane = planned(shop, Accept(page))
    for _ in range(3):
        shop.front.answer("PATCH", bad)
    with pytest.raises(TolokaTrouble):
        shop.carrier().lane(lane, shop.world.now)
    assert [each.state for each in shop.store.decisions()] == [DecisionState.SENT]
    shop.front.rules.clear()
    shop.carrier().lane(lane, shop.world.now)
    assert [each.state for each in shop.store.decisions()] == [DecisionState.DONE]
    assert len(shop.happened("ASSIGNMENT_APPROVED")) == 1
    assert len(tried(shop)) == 2


def test_a_quota_that_is_reached_stops_that_kind_of_call_alone(shop):
    shop.set_up(small().pipeline)
    shop.tasks("work", "a", "b")
    shop.work()
    paid, refused = shop.pages()
    lane, carrier = planned(shop, Accept(paid), Reject(refused, "no")), shop.carrier()
    shop.front.answer(f"PATCH /assignments/{paid}", refusal(429, "TOO_MANY_REQUESTS", payload={"interval": "HOUR"}))
    carrier.lane(lane, shop.world.now)
    assert (list(shop.states("accept").values()), list(shop.states("reject").values())) == (["sent"], ["done"])
    for seconds in (0.0, 1800.0, 1799.0):
        shop.clock.now += seconds
        assert not carrier.lane(shop.lane(), shop.world.now)
    shop.clock.now += 1.0
    assert carrier.lane(shop.lane(), shop.world.now)
    assert list(shop.states("accept").values()) == ["done"]
    assert shop.front.count("PATCH") == 3


def test_a_verdict_that_toloka_refuses_for_good_has_failed(shop, page):
    lane = planned(shop, Reject(page, "x" * 3000))
    shop.carrier().lane(lane, shop.world.now)
    (decision,) = shop.store.decisions()
    assert (decision.state, "VALIDATION_ERROR" in decision.result["error"]) == (DecisionState.FAILED, True)
    assert tried(shop) == [("permanent", "VALIDATION_ERROR")]


def test_one_verdict_in_trouble_does_not_keep_the_others(shop):
    shop.set_up(small().pipeline)
    shop.tasks("work", *"abcdef")
    shop.work()
    pages = shop.pages()
    lane = planned(shop, *[Accept(each) for each in pages])
    shop.front.answer(f"PATCH /assignments/{pages[2]}", refusal(500, "INTERNAL_ERROR"))
    with pytest.raises(TolokaTrouble):
        shop.carrier().lane(lane, shop.world.now)
    assert list(shop.states("accept").values()).count("done") == 5
    assert len(shop.happened("ASSIGNMENT_APPROVED")) == 5


def test_a_worker_whose_lane_was_taken_sends_nothing(shop, page):
    lane = planned(shop, Accept(page))
    shop.clock.now += 61.0
    assert shop.lane("work", "bob").epoch > lane.epoch
    with pytest.raises(LaneLost):
        shop.carrier().lane(lane, shop.world.now)
    assert shop.front.count("PATCH") == 0


def test_a_worker_whose_lane_was_taken_while_it_sent_leaves_the_rest_to_the_other(shop, page):
    lane = planned(shop, Accept(page))

    def overtaken(step: Step) -> None:
        if step.name == "applied":
            shop.clock.now += 61.0
            shop.lane("work", "bob")

    with pytest.raises(LaneLost):
        shop.carrier(overtaken).lane(lane, shop.world.now)
    shop.carrier().lane(shop.lane("work", "bob"), shop.world.now)
    assert list(shop.states("accept").values()) == ["done"]
    assert len(shop.happened("ASSIGNMENT_APPROVED")) == 1


def test_more_votes_raise_the_overlap_and_reopen_the_pool(shop):
    shop.set_up(small().pipeline)
    (task,) = shop.tasks("work", "a", overlap=2)
    shop.work(3)
    assert shop.gateway.pool(shop.running.pool_ids["work"]).status == "CLOSED"
    lane = planned(shop, MoreVotes("work", task.id, 3))
    with pytest.raises(Killed):
        shop.carrier(killed_at("applied")).lane(lane, shop.world.now)
    shop.carrier().lane(lane, shop.world.now)
    (decision,) = shop.store.decisions(kind="votes")
    assert (decision.state, decision.result) == (DecisionState.DONE, {"overlap": 3})
    assert shop.happened("OVERLAP") == [line for line in shop.happened("OVERLAP") if line["overlap"] == 3]
    assert len(shop.happened("OVERLAP")) == 1
    assert shop.gateway.pool(shop.running.pool_ids["work"]).status == "OPEN"


def test_more_votes_are_not_done_until_the_pool_is_open(shop):
    pool_id = shop.set_up(small().pipeline).pool_ids["work"]
    (task,) = shop.tasks("work", "a")
    shop.work(3)
    lane = planned(shop, MoreVotes("work", task.id, 2))
    shop.front.answer(f"POST /pools/{pool_id}/open", refusal(500, "INTERNAL_ERROR"))
    with pytest.raises(TolokaTrouble):
        shop.carrier().lane(lane, shop.world.now)
    assert list(shop.states("votes").values()) == ["sent"]
    shop.carrier().lane(lane, shop.world.now)
    assert list(shop.states("votes").values()) == ["done"]
    assert shop.gateway.pool(pool_id).status == "OPEN"


def test_a_hold_asks_nothing_of_the_platform(shop, page):
    before = len(shop.front.seen)
    shop.carrier().lane(planned(shop, Hold(page, 1, "a tie")), shop.world.now)
    assert list(shop.states("hold").values()) == ["done"]
    assert len(shop.front.seen) == before


def test_pools_are_opened_and_closed(shop):
    tiny = small()
    pool_id = shop.set_up(tiny.pipeline).pool_ids["work"]
    shop.tasks("work", "a")
    lane = planned(shop, tiny.work.close("now"))
    shop.carrier().lane(lane, shop.world.now)
    assert shop.gateway.pool(pool_id).close_reason == "MANUAL"
    planned(shop, tiny.work.open("now"))
    shop.carrier().lane(lane, shop.world.now)
    assert shop.gateway.pool(pool_id).status == "OPEN"
    assert (shop.states("open"), shop.states("close")) == (
        {f"open:{pool_id}:now": "done"},
        {f"close:{pool_id}:now": "done"},
    )


def test_results_are_published_once(shop):
    tiny = small()
    pool_id = shop.set_up(tiny.pipeline).pool_ids["work"]
    lane = planned(shop, tiny.work.publish("1"), tiny.work.publish("1"))
    shop.carrier().lane(lane, shop.world.now)
    assert [each.key for each in shop.published] == [f"publish:{pool_id}:1"]
    assert not shop.carrier().lane(lane, shop.world.now)


@pytest.mark.parametrize("error", [OSError("disk full"), KeyError("outlining")])
def test_results_that_cannot_be_written_keep_nobody_from_being_paid(shop, page, error):
    lane = planned(shop, shop.running.pipeline.pools["work"].publish("1"), Accept(page))

    def fail(decision: Decision) -> None:
        raise error

    carrier = shop.carrier()
    carrier.publish = fail
    carrier.lane(lane, shop.world.now)
    (publish,) = shop.store.decisions(kind="publish")
    assert (publish.state, type(error).__name__ in publish.result["error"]) == (DecisionState.FAILED, True)
    assert list(shop.states("accept").values()) == ["done"]


def test_those_who_watch_are_told_of_each_step(shop, page):
    lane = planned(shop, Accept(page))
    shop.steps.clear()
    shop.carrier().lane(lane, shop.world.now)
    assert [(step.name, step.keys) for step in shop.steps] == [
        (name, (f"verdict:{page}",)) for name in ("sent", "applied", "settled")
    ]
