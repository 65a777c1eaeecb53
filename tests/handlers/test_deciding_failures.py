from itertools import pairwise

import pytest
from decided import accept_all, decide, routed, submitted
from front import refusal
from shop import small

from handlers import Accept, Context
from handlers.gateway import LOOKS
from handlers.trouble import TolokaTrouble
from store.errors import LaneLost


def test_a_failing_handler_is_tried_again_and_parked_while_the_rest_go_on(shop):
    tiny = small()

    @tiny.work.on_submitted
    def accept_but(ctx: Context):
        """Pay for all but one."""
        if ctx.assignment.answers[0].input["question"] == "bad":
            raise ValueError("no way")
        yield Accept(ctx.assignment.assignment_id)

    shop.set_up(tiny.pipeline)
    submitted(shop, "a", "bad", "c")
    tries = 0
    while not shop.store.workload(shop.world.now).parked:
        decide(shop, attempts=3)
        tries += 1
        shop.clock.now += 100.0
    assert tries == 3
    assert len(shop.states("accept")) == 2
    events = shop.store.events(state="parked").events
    (delivery,) = shop.store.event_file(events[0].seq).deliveries
    assert (delivery.attempts, delivery.last_error) == (3, "ValueError: no way")


def test_a_handler_that_failed_pauses_longer_each_time(shop):
    tiny, tried = small(), []

    @tiny.work.on_submitted
    def fail(ctx: Context):
        """Fail."""
        tried.append(shop.clock.now)
        raise ValueError("no way")

    shop.set_up(tiny.pipeline)
    submitted(shop, "a")
    while not shop.store.workload(shop.world.now).parked:
        decide(shop, attempts=4)
        shop.clock.now += 0.5
    assert [later - before for before, later in pairwise(tried)] == [1.0, 2.0, 4.0]


def test_half_of_what_a_failing_handler_said_is_not_kept(shop):
    tiny = small()

    @tiny.work.on_submitted
    def fail(ctx: Context):
        """Say something, then fail."""
        yield Accept(ctx.assignment.assignment_id)
        raise ValueError("no way")

    shop.set_up(tiny.pipeline)
    submitted(shop, "a")
    decide(shop, attempts=1)
    assert shop.store.decisions() == []


def test_a_handler_that_yields_no_action_is_parked_at_once(shop):
    tiny = small()

    @tiny.work.on_submitted
    def chat(ctx: Context):
        """Say something that is no action."""
        yield "hello"

    shop.set_up(tiny.pipeline)
    submitted(shop, "a")
    decide(shop, attempts=8)
    assert (shop.store.workload(shop.world.now).parked, shop.store.decisions()) == (1, [])


def test_a_page_that_toloka_does_not_know_is_parked(shop):
    tiny = small()
    tiny.work.on_submitted(accept_all)
    pool_id = shop.set_up(tiny.pipeline).pool_ids["work"]
    shop.tell("ASSIGNMENT_SUBMITTED", "nobody", pool_id)
    decide(routed(shop))
    assert (shop.store.workload(shop.world.now).parked, shop.store.decisions()) == (1, [])


def test_a_delivery_for_a_handler_that_is_gone_is_parked(shop):
    tiny, older = small(), small()
    older.work.on_submitted(accept_all)
    shop.set_up(older.pipeline)
    submitted(shop, "a")
    shop.set_up(tiny.pipeline)
    decide(shop)
    assert shop.store.workload(shop.world.now).parked == 1


def test_a_worker_that_dies_of_an_event_leaves_it_parked_in_the_end(shop):
    tiny, called = small(), []

    @tiny.work.on_submitted
    def die(ctx: Context):
        """End the process."""
        called.append(ctx)
        raise SystemExit(1)

    shop.set_up(tiny.pipeline)
    submitted(shop, "a")
    for _ in range(3):
        with pytest.raises(SystemExit):
            decide(shop, attempts=3)
    decide(shop, attempts=3)
    assert (len(called), shop.store.workload(shop.world.now).parked) == (3, 1)


def test_when_toloka_is_away_nothing_is_decided_and_no_attempt_is_burnt(shop):
    tiny = small()
    tiny.work.on_submitted(accept_all)
    shop.set_up(tiny.pipeline)
    submitted(shop, "a")
    for _ in range(10):
        shop.front.answer("GET /assignments", *[refusal(503, "REMOTE_SERVICE_UNAVAILABLE")] * LOOKS)
        with pytest.raises(TolokaTrouble):
            decide(shop, attempts=2)
    assert shop.store.decisions() == []
    decide(shop, attempts=2)
    assert len(shop.states("accept")) == 1


def test_a_worker_that_lost_its_lane_writes_nothing(shop):
    tiny = small()

    @tiny.work.on_submitted
    def slow(ctx: Context):
        """Take longer than the lease, so that another worker takes over."""
        shop.clock.now += 61.0
        if not shop.states("accept"):
            shop.lane("work", "bob")
        yield Accept(ctx.assignment.assignment_id)

    shop.set_up(tiny.pipeline)
    submitted(shop, "a")
    with pytest.raises(LaneLost):
        shop.decider("ann").batch(shop.world.now)
    assert shop.store.decisions() == []
    assert shop.decider("bob").batch(shop.world.now) is not None
    assert len(shop.states("accept")) == 1
