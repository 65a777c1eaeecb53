"""Within a cap: what may be asked goes out, the rest waits until there is money, and the log says so."""

import pytest
from shop import Shop, small

from handlers.actions import Accept, Open
from store.spending import RunControl, RunState

FEE = 0.5


def said(shop: Shop, state: RunState = RunState.STARTED, **caps: float) -> None:
    shop.store.write_run(RunControl("small", "test", state, fee=FEE, **caps))


def asked(shop: Shop, count: int, overlap: int = 1) -> None:
    """Give so many questions to a run whose pages cost 1.5 cents, fee included."""
    small_one = small()
    shop.set_up(small_one.pipeline)

    @small_one.work.on_added
    def ask_each(ctx):
        """Ask one performer about each."""
        for question in ctx.payload["items"]:
            yield small_one.work.ask(key=question, question=question, overlap=overlap)
        yield Open("work", "begin")

    shop.give(*(f"{at:03d}" for at in range(count)))


def states(shop: Shop) -> list[str]:
    shop.until_idle(shop.dispatcher())
    return [str(each.state) for each in shop.store.decisions(kind="ask")]


def told(shop: Shop) -> list[dict[str, object]]:
    return [dict(each.event.payload) for each in shop.store.events(type="CAP_REACHED").events]


def test_as_much_is_asked_as_the_cap_allows(shop):
    asked(shop, 5)
    said(shop, cap=0.05)
    assert states(shop) == ["done", "done", "done", "planned", "planned"]
    assert told(shop) == [{"type": "CAP_REACHED", "cap": 0.05, "which": "cap", "run": "test"}]


def test_a_question_for_several_is_asked_whole_or_not_at_all(shop):
    asked(shop, 2, overlap=2)
    said(shop, cap=0.05)
    assert states(shop) == ["done", "planned"]


def test_a_higher_cap_lets_more_go_and_is_told_for_itself(shop):
    asked(shop, 5)
    said(shop, cap=0.02)
    assert states(shop).count("done") == 1
    said(shop, cap=0.05)
    assert states(shop).count("done") == 3
    said(shop, cap=5.0)
    assert states(shop).count("done") == 5
    assert [each["cap"] for each in told(shop)] == [0.05, 0.02]


def test_a_refused_page_gives_its_money_back(shop):
    asked(shop, 2)
    said(shop, cap=0.02)
    assert states(shop) == ["done", "planned"]
    shop.work()
    shop.sweep()
    (page,) = shop.pages()
    shop.gateway.review("reject", page, "no", resend=False)
    shop.store.fold([shop.gateway.page(page)])
    assert states(shop) == ["done", "done"]


@pytest.mark.parametrize("state", [RunState.READY, RunState.PAUSED, RunState.STOPPED])
def test_nothing_is_asked_or_opened_in_a_run_that_is_not_started(shop, state):
    asked(shop, 2)
    said(shop, state)
    assert states(shop) == ["planned", "planned"]
    assert [str(each.state) for each in shop.store.decisions(kind="open")] == ["planned"]
    assert (told(shop), shop.front.count("POST")) == ([], 2 * 2 + 1)
    said(shop)
    assert states(shop) == ["done", "done"]
    assert shop.gateway.pool(shop.running.pool_ids["work"]).status == "OPEN"


def test_what_was_under_way_is_finished_after_a_stop_but_opens_nothing(shop):
    asked(shop, 2)
    said(shop, RunState.STOPPED)
    shop.until_idle(shop.dispatcher())
    asks = shop.store.decisions(kind="ask")
    shop.store.fix_calls(shop.lane(), [], [each.id for each in asks])  # as when a worker dies in between
    assert states(shop) == ["done", "done"]
    assert shop.gateway.pool(shop.running.pool_ids["work"]).status == "CLOSED"


def test_what_waits_for_money_keeps_nobody_from_being_idle(shop):
    asked(shop, 5)
    said(shop, cap=0.05)
    dispatcher = shop.dispatcher()
    shop.until_idle(dispatcher)
    left = dispatcher.workload(shop.world.now)
    assert (left.due, left.next_due_at) == (0, None)
    assert shop.store.workload(shop.world.now).due == 2


def test_a_daily_cap_is_waited_for_until_midnight(shop):
    asked(shop, 5)
    said(shop, daily_cap=0.05)
    dispatcher = shop.dispatcher()
    shop.until_idle(dispatcher)
    midnight = dispatcher.workload(shop.world.now).next_due_at
    assert midnight is not None
    assert midnight % 86400 == 0
    assert 0 < midnight - shop.world.now <= 86400


def test_verdicts_go_out_whatever_the_cap_says(shop):
    asked(shop, 1)
    said(shop)
    assert states(shop) == ["done"]
    shop.work()
    said(shop, RunState.PAUSED, cap=0.0)
    (page,) = shop.pages()
    pages = shop.gateway.page(page)
    shop.store.fold([pages])
    work = shop.running.pipeline.pools["work"]

    @work.on_submitted
    def pay(ctx):
        """Pay."""
        yield Accept(ctx.assignment.assignment_id)

    shop.tell("ASSIGNMENT_SUBMITTED", page, pages.pool_id)
    shop.until_idle(shop.dispatcher())
    assert shop.gateway.page(page).status == "ACCEPTED"
