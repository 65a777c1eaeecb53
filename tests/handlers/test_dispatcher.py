import pytest
from front import Answer, refusal
from shop import Shop, small

from handlers import Accept, Context, Reject
from handlers.gateway import LOOKS


@pytest.fixture
def circle(shop: Shop) -> Shop:
    """Work that is asked for, checked by two others, and accepted when both say yes."""
    tiny = small()

    @tiny.work.on_added
    def ask(ctx: Context):
        """Ask for each question."""
        for question in ctx.payload["items"]:
            yield tiny.work.ask(key=question, question=question)

    @tiny.work.on_submitted
    def have_it_checked(ctx: Context):
        """Show each answer to two others."""
        for answer in ctx.assignment.answers:
            yield tiny.checks.ask(about=answer, author=ctx.assignment.user_id, overlap=2, question="ok?")

    @tiny.checks.on_answered
    def settle(ctx: Context):
        """Pay when both say yes, refuse otherwise."""
        for subject in ctx.subjects:
            if not subject.decided and all(each.complete for each in subject.asked):
                agreed = all(vote.output["answer"] == "yes" for each in subject.asked for vote in each.votes)
                page = subject.page.assignment_id
                yield Accept(page) if agreed else Reject(page, "Two people disagree.")

    shop.set_up(tiny.pipeline)
    return shop


def run(shop: Shop, hours: int = 12) -> None:
    """Let the platform and one worker after the other go on for so long."""
    dispatcher = shop.dispatcher()
    for _ in range(hours * 4):
        shop.sweep()
        shop.until_idle(dispatcher)
        shop.work(0.25)
        shop.clock.now += 900.0


def test_the_circle_closes(circle):
    circle.give("a", "b", "c")
    run(circle)
    assert sorted(circle.states("accept").values()) == ["done"] * 3
    assert {line["id"] for line in circle.happened("ASSIGNMENT_APPROVED")} >= set(circle.pages())
    assert len(circle.happened("TASK_CREATED")) == 6
    load = circle.store.workload(circle.world.now)
    assert (load.unrouted, load.pending, load.due, load.calls, load.parked) == (0, 0, 0, 0, 0)


def test_a_cycle_with_nothing_to_do_says_so(circle):
    dispatcher = circle.dispatcher()
    assert not dispatcher.cycle(circle.world.now)
    circle.give("a")
    assert dispatcher.cycle(circle.world.now)
    assert not dispatcher.cycle(circle.world.now)


def test_an_event_of_a_pool_that_is_not_ours_is_ignored(circle):
    circle.tell("ASSIGNMENT_SUBMITTED", "page", "404")
    circle.until_idle(circle.dispatcher())
    assert circle.store.workload(circle.world.now).pending == 0
    assert circle.store.events().events[0].deliveries == 0


def test_all_is_decided_before_anything_is_carried_out(circle):
    circle.give("a")
    circle.give("b")
    circle.until_idle(circle.dispatcher())
    assert circle.front.count("POST /tasks") == 1
    names = [step.name for step in circle.steps]
    assert names == ["claimed", "decided", "sent", "applied", "settled"]


def test_when_toloka_is_away_nobody_knocks_until_the_pause_is_over(circle):
    circle.give("a")
    dispatcher = circle.dispatcher()
    circle.front.answer("POST /tasks", *[refusal(503, "REMOTE_SERVICE_UNAVAILABLE")] * 2)
    assert not dispatcher.cycle(circle.world.now)
    knocks = len(circle.front.seen)
    assert not dispatcher.cycle(circle.world.now)
    assert len(circle.front.seen) == knocks
    circle.clock.now += 1.0
    assert not dispatcher.cycle(circle.world.now)
    circle.clock.now += 1.0
    assert not dispatcher.cycle(circle.world.now)  # the second pause is longer
    circle.clock.now += 1.0
    circle.until_idle(dispatcher)
    assert list(circle.states("ask").values()) == ["done"]
    assert len(circle.happened("TASK_CREATED")) == 1
    assert dispatcher.breaker.pause == 0.0  # the next trouble begins with a short pause again


def test_pauses_stay_short_while_some_of_many_requests_fail(shop):
    tiny = small()

    @tiny.work.on_submitted
    def pay(ctx: Context):
        """Pay whatever comes."""
        yield Accept(ctx.assignment.assignment_id)

    shop.set_up(tiny.pipeline)
    dispatcher = shop.dispatcher()
    for wave in ("abc", "def", "ghi"):
        shop.tasks("work", *wave)
        shop.work()
        shop.sweep()
        shop.front.answer("PATCH /assignments/", refusal(503, "REMOTE_SERVICE_UNAVAILABLE"))
        assert not dispatcher.cycle(shop.world.now)
        assert dispatcher.breaker.pause == 1.0
        shop.clock.now += 1.0
    shop.until_idle(dispatcher)
    assert list(shop.states("accept").values()) == ["done"] * 9
    assert len(shop.happened("ASSIGNMENT_APPROVED")) == 9


def test_a_quota_is_waited_for_as_long_as_it_lasts(circle):
    circle.give("a")
    dispatcher = circle.dispatcher()
    circle.front.answer("POST /tasks", refusal(429, "TOO_MANY_REQUESTS", payload={"interval": "HOUR"}))
    circle.until_idle(dispatcher)
    circle.clock.now += 3599.0
    circle.until_idle(dispatcher)
    assert circle.front.count("POST /tasks") == 1
    circle.clock.now += 1.0
    circle.until_idle(dispatcher)
    assert list(circle.states("ask").values()) == ["done"]


def test_a_quota_of_reading_stops_everything_for_a_minute_at_most(circle):
    circle.give("a")
    dispatcher = circle.dispatcher()
    circle.until_idle(dispatcher)
    circle.work()
    circle.sweep()
    circle.front.answer("GET /assignments", refusal(429, "TOO_MANY_REQUESTS", payload={"interval": "DAY"}))
    assert not dispatcher.cycle(circle.world.now)
    circle.clock.now += 59.0
    assert not dispatcher.cycle(circle.world.now)
    circle.clock.now += 1.0
    circle.until_idle(dispatcher)
    assert len(circle.states("ask")) == 2


def test_an_outage_burns_no_attempts(circle):
    circle.give("a")
    dispatcher = circle.dispatcher()
    circle.until_idle(dispatcher)
    circle.work()
    circle.sweep()
    circle.front.answer("GET /assignments", *[Answer(reset=True)] * 20 * LOOKS)
    for _ in range(20):
        circle.clock.now += 61.0
        assert not dispatcher.cycle(circle.world.now)
    assert circle.store.workload(circle.world.now).parked == 0
    circle.front.rules.clear()
    circle.clock.now += 61.0
    circle.until_idle(dispatcher)
    assert len(circle.states("ask")) == 2


def test_what_arrives_while_toloka_is_away_is_routed(circle):
    dispatcher = circle.dispatcher()
    dispatcher.breaker.failed()
    circle.give("a")
    assert not dispatcher.cycle(circle.world.now)
    load = circle.store.workload(circle.world.now)
    assert (load.unrouted, load.pending) == (0, 1)


def test_two_workers_do_each_thing_once(circle):
    first, second = circle.dispatcher("ann"), circle.dispatcher("bob")
    circle.give("a", "b", "c", "d")
    for _ in range(40):
        circle.sweep()
        for worker in (first, second):
            worker.cycle(circle.world.now)
            worker.release()
        circle.work(0.25)
        circle.clock.now += 900.0
    assert sorted(circle.states("accept").values()) == ["done"] * 4
    assert len(circle.happened("TASK_CREATED")) == 8
    assert len(circle.happened("POOL_OPENED")) >= 2


def test_a_worker_that_holds_no_lane_leaves_it_alone(circle):
    circle.give("a")
    circle.store.route(circle.registry.routes)
    circle.lane("work", "bob")
    assert not circle.dispatcher("ann").cycle(circle.world.now)
    assert circle.store.decisions() == []
    circle.clock.now += 61.0
    circle.until_idle(circle.dispatcher("ann"))
    assert list(circle.states("ask").values()) == ["done"]


def test_a_lost_lane_ends_the_round_and_not_the_worker(circle):
    circle.give("a")

    def overtaken(step):
        if step.name == "applied":
            circle.clock.now += 61.0
            circle.lane("work", "bob")

    assert not circle.dispatcher("ann", overtaken).cycle(circle.world.now)
    assert list(circle.states("ask").values()) == ["sent"]
    circle.until_idle(circle.dispatcher("bob"))
    assert list(circle.states("ask").values()) == ["done"]
    assert len(circle.happened("TASK_CREATED")) == 1


def test_a_worker_on_its_way_out_gives_every_lane_back(circle):
    circle.give("a")
    dispatcher = circle.dispatcher("ann")
    circle.until_idle(dispatcher)
    pools = circle.running.pool_ids.values()
    held = [pool_id for pool_id in pools if circle.store.hold_lane(pool_id, "bob", 60.0) is None]
    assert held == [circle.running.pool_ids["work"]]
    dispatcher.release()
    assert circle.store.hold_lane(held[0], "bob", 60.0) is not None
    assert dispatcher.held == {}


def test_lanes_in_which_nothing_was_carried_out_are_given_back_too(shop):
    tiny = small()

    @tiny.work.on_added
    def nothing(ctx: Context):
        """Decide nothing."""
        return []

    shop.set_up(tiny.pipeline)
    shop.give("a")
    dispatcher = shop.dispatcher("ann")
    shop.until_idle(dispatcher)
    dispatcher.release()
    assert shop.store.hold_lane(shop.running.pool_ids["work"], "bob", 60.0) is not None
