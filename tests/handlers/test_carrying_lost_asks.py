"""Questions that the platform refuses for good are told to the pipeline; those of a lost call go out with another."""

import pytest
from carried import Killed, killed_at, planned
from decided import decide, routed
from front import refusal
from shop import Shop, small

from handlers import Context, Hold, MoreVotes
from handlers.actions import Action
from handlers.controls import Control
from store.records import CallState

BAD = {"not": "text"}


def ask_about(shop: Shop, question: object) -> Action:
    """A question about the one page of work, which is submitted."""
    (page,) = shop.pages()
    shop.store.fold([shop.gateway.page(page)])
    (answer,) = shop.store.pages([page])[page].answers
    return shop.running.pipeline.pools["checks"].ask(about=answer, author="ann", question=question)


@pytest.fixture
def seen(shop: Shop) -> list[tuple[str, str]]:
    """What a handler is told of lost questions: (page, error)."""
    tiny, told = small(), []

    @tiny.checks.on_failed
    def hold(ctx: Context):
        """Leave the page to a person."""
        told.append((ctx.subject.page.assignment_id, ctx.payload["error"]))
        yield Hold(ctx.subject.page.assignment_id, 0, "not asked")

    shop.set_up(tiny.pipeline)
    shop.tasks("work", "a")
    shop.work()
    return told


def test_a_question_that_is_refused_for_good_is_told_to_the_pipeline(shop, seen):
    planned(shop, ask_about(shop, BAD))
    shop.carrier().lane(shop.lane("checks"), shop.world.now)
    decide(routed(shop))
    ((page, error),) = seen
    assert [page] == shop.pages()
    assert "input_values.question" in error
    assert list(shop.states("hold").values()) == ["planned"]


def test_it_is_told_once_when_the_worker_was_killed_before_it_settled(shop, seen):
    planned(shop, ask_about(shop, BAD))
    for _ in range(2):
        with pytest.raises(Killed):
            shop.carrier(killed_at("applied")).lane(shop.lane("checks"), shop.world.now)
    shop.carrier().lane(shop.lane("checks"), shop.world.now)
    decide(routed(shop))
    assert len(seen) == 1


def test_more_votes_that_are_refused_for_good_are_told_too(shop, seen):
    (page,) = shop.pages()
    shop.store.fold([shop.gateway.page(page)])
    (task,) = shop.tasks("checks", "right?")
    planned(shop, MoreVotes("checks", task.id, 3, about=page))
    shop.front.answer(f"PATCH /tasks/{task.id}", refusal(409, "VALIDATION_ERROR"))
    shop.carrier().lane(shop.lane("checks"), shop.world.now)
    decide(routed(shop))
    assert [each for each, _ in seen] == [page]


def test_nobody_is_told_of_lost_control_questions_or_of_lost_work(shop, seen):
    control = Control("control:1", "task", "a.png", (), truth=True)
    checks, work = (shop.running.pipeline.pools[role] for role in ("checks", "work"))
    planned(shop, checks.ask(control=control, question=BAD), work.ask(key="b", question=BAD))
    for role in ("checks", "work"):
        shop.carrier().lane(shop.lane(role), shop.world.now)
    assert list(shop.states("ask").values()) == ["failed", "failed"]
    decide(routed(shop))
    assert seen == []


def test_asks_whose_call_failed_go_out_with_another_though_nobody_lived_to_make_it(shop, seen):
    lane = planned(shop, shop.running.pipeline.pools["work"].ask(key="b", question="b"))
    with pytest.raises(Killed):
        shop.carrier(killed_at("sent")).lane(lane, shop.world.now)
    (call,) = shop.store.open_calls(lane)
    shop.store.settle(lane, [], [], {call.id: CallState.FAILED})
    while shop.carrier().lane(lane, shop.world.now):
        pass
    assert list(shop.states("ask").values()) == ["done"]
    assert [line["input_values"]["question"] for line in shop.happened("TASK_CREATED")] == ["a", "b"]
