"""The simulated person at the desk: decides what is held by the truth, in order, so many an hour, always the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clerk import DRAWN, Office, carried_out, handed_in, waits
from ledger import Ledger, accept, hold

from app.boxes import Box
from app.desk import Desk, Truths
from app.people import decide
from store.records import Event

FAR = Box(0.0, 0.0, 0.1, 0.1)
RIGHT, WRONG = (DRAWN,), (FAR,)
MINUTE = 60.0


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Office(tmp_path)
    yield ledger
    ledger.store.close()


def desk(ledger: Ledger, truths: Truths, rate: float = 60.0) -> Desk:
    return Desk(ledger.store, ledger.running, truths, rate)


def acts(ledger: Ledger) -> list[Event]:
    return [each.event for each in reversed(ledger.store.events(type="PERSON_DECIDED").events)]


def held_since(ledger: Ledger, assignment_id: str) -> float:
    decision = ledger.store.decision(f"hold:{assignment_id}:3")
    assert decision is not None
    return decision.decided_at


def test_an_empty_desk_has_nothing_to_come_to(ledger: Ledger) -> None:
    handed_in(ledger, "asked")
    waits(ledger, "paid")
    ledger.record(accept("paid"))
    person = desk(ledger, {"asked-1": RIGHT, "paid-1": RIGHT})
    assert person.next_at(500.0) is None
    assert person.act(1e9) == 0


def test_a_page_takes_its_time_from_when_it_was_held(ledger: Ledger) -> None:
    waits(ledger, "a1")
    person = desk(ledger, {"a1-1": RIGHT})
    done_at = held_since(ledger, "a1") + MINUTE
    assert person.next_at(0.0) == done_at
    assert person.act(done_at - 0.1) == 0
    assert person.act(done_at) == 1
    assert person.next_at(done_at) is None


def test_the_rate_holds_whatever_the_ticks_are_and_the_oldest_deadline_comes_first(ledger: Ledger) -> None:
    for name, submitted in (("late", 90.0), ("b", 20.0), ("a", 20.0)):
        waits(ledger, name, submitted=submitted)
    person = desk(ledger, {f"{name}-1": RIGHT for name in ("late", "b", "a")}, rate=30.0)
    first = held_since(ledger, "a") + 2 * MINUTE
    assert person.act(first + 2 * MINUTE) == 2
    assert [each.assignment_id for each in acts(ledger)] == ["a", "b"]
    assert {each.event_time for each in acts(ledger)} == {first + 2 * MINUTE}
    assert person.next_at(first + 2 * MINUTE) == first + 4 * MINUTE


def test_a_good_page_is_paid_in_full(ledger: Ledger) -> None:
    waits(ledger, "a1", tasks=2)
    desk(ledger, {"a1-1": RIGHT, "a1-2": RIGHT}).act(1e6)
    (said,) = acts(ledger)
    assert (said.payload["act"], said.payload["wrong"], said.payload["truth"]) == ("accept", [], True)
    assert said.payload["who"] == "desk"


def test_a_good_page_with_a_wrong_outline_is_paid_and_that_one_asked_anew(ledger: Ledger) -> None:
    waits(ledger, "a1", tasks=5)
    desk(ledger, {f"a1-{n}": WRONG if n == 4 else RIGHT for n in range(1, 6)}).act(1e6)
    (said,) = acts(ledger)
    assert (said.payload["act"], said.payload["wrong"], said.payload["comment"]) == ("accept", [4], "")
    (verdict,) = carried_out(ledger)
    assert verdict.payload == {"by": "desk", "anew": ["a1-4"]}


def test_a_bad_page_is_refused_with_what_is_wrong(ledger: Ledger) -> None:
    waits(ledger, "a1", tasks=3)
    desk(ledger, {"a1-1": RIGHT, "a1-2": WRONG, "a1-3": (DRAWN, FAR)}).act(1e6)
    (verdict,) = carried_out(ledger)
    assert verdict.kind == "reject"
    assert verdict.payload["comment"] == (
        "Picture 2: the outline is wrong (a box is around something else).\n"
        "Picture 3: the outline is wrong (an object was missed)."
    )


def test_verifiers_are_judged_by_the_desk(ledger: Ledger) -> None:
    waits(ledger, "a1")
    desk(ledger, {"a1-1": WRONG}).act(1e6)
    carried_out(ledger)
    known = ledger.store.standings(["bob", "cleo"])
    assert (known["bob"].agreed, known["cleo"].agreed) == (0.0, 1.0)


def test_images_of_unknown_truth_are_left_held(ledger: Ledger) -> None:
    waits(ledger, "a1", tasks=2)
    waits(ledger, "a2")
    person = desk(ledger, {"a1-1": RIGHT, "a1-2": None})
    assert person.next_at(0.0) is None
    assert person.act(1e6) == 0


def test_what_somebody_decided_is_left_alone_until_it_is_held_again(ledger: Ledger) -> None:
    waits(ledger, "a1")
    person = desk(ledger, {"a1-1": RIGHT})
    decide(ledger.store, ledger.running, "a1", "ask-more", who="ann", why="", now=5.0)
    assert person.next_at(0.0) is None
    carried_out(ledger)
    ledger.record(hold("a1", 4))
    assert person.act(1e6) == 1
    assert [each.payload["who"] for each in acts(ledger)] == ["ann", "desk"]


def test_the_same_desk_says_the_same_in_the_same_events(tmp_path: Path) -> None:
    said = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        ledger = Office(tmp_path / name)
        for page in ("a1", "a2"):
            waits(ledger, page)
        desk(ledger, {"a1-1": RIGHT, "a2-1": WRONG}).act(1e6)
        said.append(acts(ledger))
        ledger.store.close()
    assert said[0] == said[1]
    assert len({each.uuid for each in said[0]}) == 2
