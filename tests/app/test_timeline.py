"""When images came to stand where, and when money was spent."""

from pathlib import Path

from ledger import Ledger, accept, ask, hold, more_votes, outline, question, reject, vote

from app.outcomes import image_results
from app.reading import read
from app.timeline import Purpose, Stand, image_counts, moves, payments


def stands(ledger: Ledger) -> list[tuple[str, Stand]]:
    return [(move.key, move.stand) for move in moves(read(ledger.store, ledger.running))]


def counts(ledger: Ledger) -> dict[str, int]:
    reading = read(ledger.store, ledger.running)
    counted = image_counts(reading, moves(reading))
    results = [str(each.status) for each in image_results(ledger.store, ledger.running, {})]
    assert counted == {status: results.count(status) for status in counted}
    return {status: count for status, count in counted.items() if count}


def test_an_image_is_asked_verified_held_verified_again_and_accepted(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(ask("x.jpg", "t1"))  # at 1
    ledger.record(question("a1", "t1"))
    ledger.record(hold("a1"))  # at 3
    ledger.record(more_votes("t1"))
    ledger.record(accept("a1"))
    ledger.page("a1", outline("x.jpg", "t1"), status="ACCEPTED", submitted=1.5, reviewed=5.0)
    found = [(move.at, move.stand) for move in moves(read(ledger.store, ledger.running))]
    assert found == [
        (1.0, Stand.WAITING),
        (1.5, Stand.VERIFYING),
        (3.0, Stand.HELD),
        (4.0, Stand.VERIFYING),
        (5.0, Stand.ACCEPTED),
    ]


def test_a_refused_image_is_wrong_until_it_is_outlined_again(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(ask("x.jpg", "t1"))
    ledger.page("a1", outline("x.jpg", "t1"), status="REJECTED", reviewed=9.0)
    ledger.record(reject("a1"))
    assert counts(ledger) == {"pending": 1}
    ledger.record(ask("x.jpg", "t2", round=2))
    ledger.page("a2", outline("x.jpg", "t2", round=2), submitted=20.0)
    assert [stand for _, stand in stands(ledger)] == [Stand.WAITING, Stand.VERIFYING, Stand.WRONG, Stand.VERIFYING]
    assert counts(ledger) == {"pending": 1}
    ledger.page("a2", outline("x.jpg", "t2", round=2), status="REJECTED", submitted=20.0, reviewed=30.0)
    ledger.record(reject("a2"))
    assert counts(ledger) == {"unresolved": 1}  # the second round was the last


def test_an_outline_that_was_paid_for_without_being_right_is_wrong(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(ask("x.jpg", "t1"), ask("y.jpg", "t2"), ask("z.jpg", "t3"))
    ledger.record(accept("a1", "t2"))
    ledger.page("a1", outline("x.jpg", "t1"), outline("y.jpg", "t2"), status="ACCEPTED", reviewed=8.0)
    assert dict(stands(ledger)) == {"x.jpg": Stand.ACCEPTED, "y.jpg": Stand.WRONG, "z.jpg": Stand.WAITING}
    assert counts(ledger) == {"accepted": 1, "pending": 2}


def test_what_was_accepted_stays_so_whatever_a_later_round_brings(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(ask("x.jpg", "t1"))
    ledger.record(ask("x.jpg", "t2", round=2))
    ledger.page("a1", outline("x.jpg", "t1"), status="ACCEPTED", submitted=2.0, reviewed=5.0)
    ledger.page("a2", outline("x.jpg", "t2", round=2), status="REJECTED", submitted=6.0, reviewed=7.0)
    assert stands(ledger)[-1] == ("x.jpg", Stand.ACCEPTED)
    assert counts(ledger) == {"accepted": 1}


def test_a_held_image_counts_as_held(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(ask("x.jpg", "t1"))
    ledger.page("a1", outline("x.jpg", "t1"))
    ledger.record(question("a1", "t1"), hold("a1"))
    assert counts(ledger) == {"held": 1}


def test_money_is_spent_on_accepted_pages_and_on_votes_shared_out_by_purpose(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for name, status in (("a1", "ACCEPTED"), ("a2", "REJECTED"), ("a3", "SUBMITTED")):
        ledger.page(name, outline("x.jpg", f"t-{name}"), status=status, reward=0.05, reviewed=50.0)
    votes = (vote("a1", "t-a1"), vote("a2", "t-a2"), vote("a3", "t-a3"), vote("control:1", "c"))
    ledger.votes("v1", *votes, user_id="bob", reward=0.04)
    found = [(each.at, each.purpose, round(each.amount, 6)) for each in payments(read(ledger.store, ledger.running))]
    assert found == [
        (4.0, Purpose.CHECKING, 0.03),
        (4.0, Purpose.CONTROLS, 0.01),
        (50.0, Purpose.OUTLINING, 0.05),
    ]


def test_an_empty_page_of_votes_costs_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.votes("v1", user_id="bob")
    assert payments(read(ledger.store, ledger.running)) == []
