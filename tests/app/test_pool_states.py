"""How pools stand, as far as the log tells, and what a person is told to do."""

from pathlib import Path

import pytest
from ledger import CHECKING, OUTLINING, Ledger, ask, outline, question

from app.pool_states import PoolStanding, pool_standings
from app.reading import read
from store.records import Event


def closed(ledger: Ledger, at: float, reason: str | None = None, pool_id: str = OUTLINING) -> None:
    payload = {"type": "POOL_CLOSED", "close_reason": reason}
    event = Event(f"closed-{pool_id}-{at}", "POOL_CLOSED", pool_id, at, payload=payload)
    ledger.store.append([(b"{}", [event])])
    ledger.store.route(lambda _: [])


def standings(ledger: Ledger) -> tuple[PoolStanding, ...]:
    reading = read(ledger.store, ledger.running)
    pages = {"outlining": [each.page for each in reading.outlining], "checking": reading.checking}
    return pool_standings(ledger.store, ledger.running, reading.decisions, pages)


def outlining(ledger: Ledger) -> PoolStanding:
    return standings(ledger)[0]


def test_a_pool_is_not_opened_until_something_was_asked_there(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert outlining(ledger) == PoolStanding("outlining", OUTLINING, "not opened", "", None, "")
    ledger.record(ask("x.jpg", "t1"))
    assert outlining(ledger).status == "open"


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("MANUAL", "by hand"),
        ("EXPIRED", "later one"),
        ("NOT_ENOUGH_BALANCE", "top it up"),
        ("ASSIGNMENTS_LIMIT_EXCEEDED", "limit"),
        ("BLOCKED", "support"),
        ("FOR_UPDATE", "changed"),
        ("SOLAR_ECLIPSE", "SOLAR_ECLIPSE"),
    ],
)
def test_a_pool_that_somebody_or_something_closed_says_what_to_do(tmp_path: Path, reason: str, word: str) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(ask("x.jpg", "t1"))
    closed(ledger, 50.0, reason)
    ledger.events = 60
    ledger.record(ask("y.jpg", "t2"))  # waits there: such a pool is not opened by an ask
    standing = outlining(ledger)
    assert (standing.status, standing.close_reason, standing.since) == ("closed", reason, 50.0)
    assert word in standing.advice


@pytest.mark.parametrize("reason", ["COMPLETED", None])
def test_a_pool_whose_work_was_done_asks_for_nothing_and_is_opened_by_the_next_question(
    tmp_path: Path, reason: str | None
) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(question("a1", "t1"))
    closed(ledger, 50.0, reason, CHECKING)
    standing = standings(ledger)[1]
    assert (standing.status, standing.close_reason, standing.advice) == ("closed", reason or "", "")
    ledger.events = 60
    ledger.record(question("a2", "t2"))
    assert standings(ledger)[1].status == "open"


def test_a_page_taken_after_a_closing_shows_that_somebody_opened_the_pool(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    closed(ledger, 50.0, "MANUAL")
    ledger.page("a1", outline("x.jpg", "t1"), created=49.0)
    assert outlining(ledger).status == "closed"
    ledger.page("a2", outline("y.jpg", "t2"), created=51.0)
    assert outlining(ledger) == PoolStanding("outlining", OUTLINING, "open", "", None, "")


def test_a_person_who_starts_the_run_again_opens_what_was_closed_by_hand(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    closed(ledger, 50.0, "MANUAL")
    assert outlining(ledger).status == "closed"
    ledger.store.append([(b"{}", [Event("opened", "POOL_OPENED", OUTLINING, 60.0, source="crowdhook", payload={})])])
    ledger.store.route(lambda _: [])
    assert outlining(ledger).status == "open"
    closed(ledger, 70.0, "MANUAL")
    assert outlining(ledger).status == "closed"
