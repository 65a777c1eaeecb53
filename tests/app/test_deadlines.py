"""A page that the platform is going to pay by itself is told of, at half and at four fifths of its review period."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clerk import DAY, Office, handed_in, waits
from ledger import OUTLINING, Ledger, accept, reject

from app.deadlines import announce, deadline
from app.people import held
from store.records import DecisionState

HALF, NEARLY = 7 * DAY, 967_680.0  # half and four fifths of 14 days


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Office(tmp_path)
    yield ledger
    ledger.store.close()


def told(ledger: Ledger, now: float) -> int:
    return announce(ledger.store, ledger.running, now)


def events(ledger: Ledger) -> list[tuple[str, str | None, float]]:
    logged = ledger.store.events(pool_id=OUTLINING).events
    return [
        (each.event.type, each.event.assignment_id, each.event.event_time)
        for each in reversed(logged)
        if each.event.type.startswith("REVIEW_")
    ]


def test_each_share_of_the_review_period_is_told_once_and_dated_when_it_was_over(ledger: Ledger) -> None:
    handed_in(ledger, "a1", submitted=100.0)
    assert [told(ledger, 100 + at) for at in (HALF - 1, HALF, HALF + 60, NEARLY - 1, NEARLY, 14 * DAY)] == [
        0,
        1,
        0,
        0,
        1,
        0,
    ]
    assert events(ledger) == [
        ("REVIEW_HALF_OVER", "a1", 100 + HALF),
        ("REVIEW_NEARLY_OVER", "a1", 100 + NEARLY),
    ]


def test_the_event_says_when_the_platform_pays(ledger: Ledger) -> None:
    handed_in(ledger, "a1", submitted=100.0)
    told(ledger, 100 + HALF)
    (logged,) = ledger.store.events(type="REVIEW_HALF_OVER").events
    (page,) = ledger.store.pages_of(OUTLINING)
    assert logged.event.payload["platform_pays_at"] == deadline(page, ledger.running) == 100 + 14 * DAY
    assert "the platform pays it on 1970-01-15 00:01 UTC" in logged.event.payload["text"]
    assert logged.event.source == "crowdhook"


def test_who_looks_late_is_told_only_the_later_one(ledger: Ledger) -> None:
    handed_in(ledger, "a1", submitted=100.0)
    assert told(ledger, 100 + 13 * DAY) == 1
    assert [kind for kind, _, _ in events(ledger)] == ["REVIEW_NEARLY_OVER"]


def test_only_what_nobody_decided_is_told(ledger: Ledger) -> None:
    for name in ("paid", "refused-late", "not-taken", "reviewed"):
        handed_in(ledger, name, status="ACCEPTED" if name == "reviewed" else "SUBMITTED")
    ledger.record(accept("paid"))
    ledger.record(reject("refused-late"), state=DecisionState.PLANNED)
    ledger.record(accept("not-taken"), state=DecisionState.FAILED)
    waits(ledger, "held")
    assert told(ledger, 8 * DAY) == 2
    assert {page for _, page, _ in events(ledger)} == {"not-taken", "held"}


def test_held_pages_are_marked(ledger: Ledger) -> None:
    for name, submitted in (("old", 0.0), ("middle", 5 * DAY), ("young", 10 * DAY)):
        waits(ledger, name, submitted=submitted)
    told(ledger, 12 * DAY)
    told(ledger, 12 * DAY)
    marks = {each.page.assignment_id: each.warned for each in held(ledger.store, ledger.running)}
    assert marks == {"old": "nearly over", "middle": "half over", "young": ""}
