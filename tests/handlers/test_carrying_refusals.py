"""Late refusals: when they are sent, that they can be taken back until then, and an appeal afterwards."""

import pytest
from carried import Killed, killed_at, planned
from front import Answer, refusal
from shop import HOUR, Shop, small

from handlers import Accept, Appeal, Hold, Recall, Reject
from handlers.trouble import TolokaTrouble
from store.records import DecisionState


@pytest.fixture
def page(shop: Shop) -> str:
    """A submitted page of work, whose refusal waits to be sent."""
    shop.set_up(small().pipeline)
    shop.tasks("work", "a")
    shop.work()
    (name,) = shop.pages()
    planned(shop, Reject(name, "too dark", late=shop.world.now + 100 * HOUR))
    return name


def carried(shop: Shop) -> None:
    """Carry out all that is due now."""
    carrier = shop.carrier()
    while carrier.lane(shop.lane(), shop.world.now):
        pass


def later(shop: Shop, hours: float) -> None:
    shop.work(hours)
    carried(shop)


def refused(shop: Shop) -> list[str]:
    """Pages whose performers were told that they are refused."""
    return [line["id"] for line in shop.happened("ASSIGNMENT_REJECTED")]


def verdicts(shop: Shop, number: int, start: int = 0) -> None:
    """So many verdicts on other pages, without anything of theirs to be sent."""
    planned(shop, *(Hold(f"other-{at}", 1, "wrong", "loose") for at in range(start, start + number)))


def test_a_refusal_waits_an_hour_however_many_verdicts_come(shop, page):
    verdicts(shop, 25)
    later(shop, 0.9)
    assert refused(shop) == []
    later(shop, 0.2)
    assert refused(shop) == [page]
    assert shop.states("reject") == {f"verdict:{page}": "done"}


def test_it_is_sent_after_an_hour_without_a_verdict(shop, page):
    later(shop, 0.5)
    verdicts(shop, 1)
    later(shop, 0.9)
    assert refused(shop) == []
    later(shop, 0.2)
    assert refused(shop) == [page]


@pytest.mark.parametrize(("number", "sent"), [(19, 0), (20, 1)])
def test_it_is_sent_after_twenty_verdicts(shop, page, number, sent):
    later(shop, 0.9)
    verdicts(shop, number)
    later(shop, 0.2)
    assert len(refused(shop)) == sent


def test_while_verdicts_come_slowly_it_waits_for_twenty_of_them(shop, page):
    for at in range(19):
        later(shop, 0.9)
        verdicts(shop, 1, start=at)
    assert refused(shop) == []
    later(shop, 0.5)
    verdicts(shop, 1, start=19)
    later(shop, 0.6)
    assert refused(shop) == [page]


def test_plain_holds_are_no_verdicts(shop, page):
    planned(shop, *(Hold(f"other-{at}", 1, "a tie") for at in range(20)))
    later(shop, 0.9)
    planned(shop, *(Hold(f"another-{at}", 1, "a tie") for at in range(20)))
    later(shop, 0.2)
    assert refused(shop) == [page]  # none came for an hour


def test_it_is_sent_at_its_deadline_at_the_latest(shop):
    shop.set_up(small().pipeline)
    shop.tasks("work", "a", "b")
    shop.work()
    soon, next_year = shop.pages()
    planned(shop, Reject(soon, "no", late=shop.world.now + 1800.0), Reject(next_year, "no", late=shop.world.now + 1e7))
    later(shop, 0.4)
    assert refused(shop) == []
    verdicts(shop, 1)
    later(shop, 0.2)
    assert refused(shop) == [soon]


def test_a_deadline_that_has_passed_already_sends_it_at_once(shop):
    shop.set_up(small().pipeline)
    shop.tasks("work", "a")
    shop.work()
    (name,) = shop.pages()
    planned(shop, Reject(name, "no", late=shop.world.now - 1.0))
    carried(shop)
    assert refused(shop) == [name]


def test_the_ledger_says_until_when_it_waits(shop, page):
    (decision,) = shop.store.decisions(kind="reject")
    assert (decision.buffer, decision.due_at) == ("refusals", decision.decided_at + HOUR)
    later(shop, 0.9)
    verdicts(shop, 1)
    last = shop.world.now
    later(shop, 0.2)
    (decision,) = shop.store.decisions(kind="reject")
    assert (decision.state, decision.due_at) == (DecisionState.PLANNED, last + HOUR)
    assert shop.store.workload(shop.world.now).next_due_at == last + HOUR


def test_a_recalled_refusal_never_reaches_its_performer_and_the_page_can_be_paid(shop, page):
    planned(shop, Recall(page, "eve: it is right"), Accept(page, by="eve"))
    carried(shop)
    later(shop, 200.0)
    assert shop.states("reject") == {f"verdict:{page}": "recalled"}
    assert shop.states("accept") == {f"verdict:{page}": "done"}
    assert shop.states("recall") == {f"recall:{page}:0": "done"}
    assert refused(shop) == []
    assert [line["id"] for line in shop.happened("ASSIGNMENT_APPROVED")] == [page]


def test_what_the_breaker_recalls_waits_for_a_person(shop, page):
    planned(shop, Recall(page, "too many"), Hold(page, 4, "too many", "too dark"))
    later(shop, 200.0)
    assert refused(shop) == []
    assert shop.happened("ASSIGNMENT_APPROVED") == []
    planned(shop, Reject(page, "too dark", by="eve"))
    carried(shop)
    assert refused(shop) == [page]
    assert sorted(each.state for each in shop.store.decisions(kind="reject")) == ["done", "recalled"]


@pytest.mark.parametrize("moment", ["sent", "settled"])
def test_a_recall_that_comes_too_late_changes_nothing(shop, page, moment):
    shop.work(1.1)
    with pytest.raises(Killed):
        shop.carrier(killed_at(moment)).lane(shop.lane(), shop.world.now)
    planned(shop, Recall(page, "eve: it is right"), Accept(page, by="eve"))
    carried(shop)
    assert refused(shop) == [page]
    assert shop.happened("ASSIGNMENT_APPROVED") == []
    assert shop.states("reject") == {f"verdict:{page}": "done"}
    assert shop.states("accept") == {f"verdict:{page}": "superseded"}


def test_a_refusal_taken_back_while_a_person_pays_on_the_site_stays_recalled(shop, page):
    shop.gateway.client.accept_assignment(page, "by hand")
    planned(shop, Recall(page, "too many"))
    later(shop, 200.0)
    assert refused(shop) == []


def test_a_page_that_was_paid_on_the_site_while_its_refusal_waited_is_a_conflict(shop, page):
    shop.gateway.client.accept_assignment(page, "by hand")
    later(shop, 1.1)
    assert refused(shop) == []
    assert shop.states("reject") == {f"verdict:{page}": "conflict"}


# appeals


@pytest.fixture
def turned_down(shop: Shop) -> str:
    """A page of work whose refusal was sent."""
    shop.set_up(small().pipeline)
    shop.tasks("work", "a")
    shop.work()
    (name,) = shop.pages()
    shop.carrier().lane(planned(shop, Reject(name, "too dark")), shop.world.now)
    return name


def paid(shop: Shop) -> list[str]:
    return [line["id"] for line in shop.happened("ASSIGNMENT_APPROVED")]


def test_an_appeal_pays_a_refused_page(shop, turned_down):
    planned(shop, Appeal(turned_down, by="eve", comment="Sorry, it is right.", reason="I looked"))
    carried(shop)
    (appeal,) = shop.store.decisions(kind="appeal")
    assert (appeal.state, appeal.result, appeal.payload["by"]) == (DecisionState.DONE, {"status": "ACCEPTED"}, "eve")
    assert paid(shop) == [turned_down]
    assert shop.gateway.page(turned_down).comment == "Sorry, it is right."


@pytest.mark.parametrize("moment", ["sent", "applied"])
def test_a_worker_killed_in_an_appeal_pays_once(shop, turned_down, moment):
    lane = planned(shop, Appeal(turned_down, by="eve"))
    patches = shop.front.count("PATCH")
    with pytest.raises(Killed):
        shop.carrier(killed_at(moment)).lane(lane, shop.world.now)
    carried(shop)
    assert shop.states("appeal") == {f"appeal:{turned_down}:0": "done"}
    assert paid(shop) == [turned_down]
    assert shop.front.count("PATCH") == patches + 1


@pytest.mark.parametrize("bad", [refusal(503, "REMOTE_SERVICE_UNAVAILABLE"), Answer(applied=True, reset=True)])
def test_an_appeal_in_trouble_is_finished_later_and_pays_once(shop, turned_down, bad):
    lane = planned(shop, Appeal(turned_down, by="eve"))
    for _ in range(3):
        shop.front.answer("PATCH", bad)
    with pytest.raises(TolokaTrouble):
        shop.carrier().lane(lane, shop.world.now)
    shop.front.rules.clear()
    carried(shop)
    assert shop.states("appeal") == {f"appeal:{turned_down}:0": "done"}
    assert paid(shop) == [turned_down]


def test_an_appeal_for_a_page_that_was_not_refused_is_a_conflict(shop, page):
    planned(shop, Appeal(page, by="eve"))
    carried(shop)
    assert shop.states("appeal") == {f"appeal:{page}:0": "conflict"}
    assert paid(shop) == []
