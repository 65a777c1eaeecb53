"""An event as a line and as an object: what it was, and what it led to."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clerk import Office, handed_in
from ledger import LISTENER, OUTLINING, accept, hold, question

from app.event_lines import as_json, failed, line, places, settled
from store.records import DecisionState, Event, EventFile, EventState


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.store.close()


def happened(office: Office, **fields: Any) -> EventFile:
    event = replace(Event("u1", "ASSIGNMENT_SUBMITTED", OUTLINING, 86_400.0, assignment_id="a1"), **fields)
    office.store.append([(b"{}", [event])])
    return last(office)


def last(office: Office) -> EventFile:
    file = office.store.event_file(office.store.events(limit=1).total)
    assert file is not None
    return file


def said(office: Office) -> list[str]:
    return line(last(office), places(office.store)).split()


def outcome(office: Office) -> str:
    """The end of the line: what the event led to."""
    return line(last(office), places(office.store))[132:]


def test_a_line_says_when_what_where_about_which_page_from_whom(office: Office) -> None:
    happened(office)
    page = ["a1", "webhook", "new"]
    assert said(office) == ["1", "1970-01-02", "00:00:00", "ASSIGNMENT_SUBMITTED", "outlining/test", *page]
    assert not settled(last(office))


def test_a_pool_that_is_not_bound_is_named_by_its_id(office: Office) -> None:
    happened(office, pool_id="4711", assignment_id=None, source="reconciler")
    assert said(office)[4:] == ["4711", "-", "reconciler", "new"]


def test_what_it_led_to_is_counted_by_kind(office: Office) -> None:
    office.record(question("a1", "t1"), question("a1", "t2"), hold("a1"))
    assert outcome(office) == "2 ask; hold a1"
    assert settled(last(office))
    assert not failed(last(office))


def test_a_decision_that_did_not_come_true_says_why(office: Office) -> None:
    handed_in(office, "a1")
    office.record(accept("a1"), state=DecisionState.CONFLICT)
    assert outcome(office) == "accept conflict: the platform shows nothing"
    assert failed(last(office))
    (decision,) = as_json(last(office), {})["decisions"]
    assert (decision["kind"], decision["state"], decision["error"]) == (
        "accept",
        "conflict",
        "the platform shows nothing",
    )


@pytest.mark.parametrize(
    ("park", "words"), [(True, "settle parked: Key\\nError"), (False, "settle failed 1 times so far: Key\\nError")]
)
def test_a_handler_that_failed_says_how(office: Office, park: bool, words: str) -> None:
    happened(office)
    office.store.route(lambda _: [LISTENER])
    taken = office.store.claim("test", 60.0)
    assert taken is not None
    lane, (delivery,) = taken
    office.store.fail(lane, delivery.id, "Key\nError", park=park)
    assert outcome(office) == words
    assert (failed(last(office)), settled(last(office))) == (park, park)
    told = as_json(last(office), places(office.store))
    assert (told["state"], told["failed"], told["role"]) == ("parked" if park else "routed", park, "outlining")
    assert told["deliveries"][0]["error"] == "Key\nError"


def test_what_cannot_be_read_says_so(office: Office) -> None:
    happened(office, state=EventState.DEAD, reason="no event_time", event_time=0.0)
    assert said(office)[1:3] == ["not", "readable"]
    assert outcome(office) == "no event_time"
    assert failed(last(office))


def test_what_nobody_listens_to_says_so(office: Office) -> None:
    happened(office)
    office.store.route(lambda _: [])
    assert outcome(office) == "nobody listens"


def test_what_a_person_said_is_told(office: Office) -> None:
    happened(office, source="crowdhook", payload={"who": "ann", "act": "accept", "why": "fine"})
    assert outcome(office) == "ann: accept (fine)"


def test_nothing_in_it_can_move_the_cursor(office: Office) -> None:
    happened(office, type="A\x1b[2J\nB", assignment_id="x\r\x07y", pool_id="\u202eabc")
    told = line(last(office), places(office.store))
    assert told.isprintable()
    assert "A\\x1b[2J\\nB" in told
