"""A run's numbers: from values that a test wrote, and the same as the summary's after a rehearsal."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from calm import IMAGES, Calm
from ledger import BOX, Ledger, accept, ask, hold, outline, question, reject, vote

from app.drift import Audit, Drift, note_name
from app.exports import outlining_run
from app.outcomes import image_results
from app.rehearsal import START
from app.run_status import platform_now
from app.status import Status, status
from handlers.routing import Running
from store.records import DecisionState, Lesson
from store.sqlite import SqliteStore

DAY = 86400.0
FEE = 0.3  # the simulator's


@contextmanager
def rehearsed(calm: Calm) -> Iterator[tuple[SqliteStore, Running]]:
    with closing(SqliteStore(calm.out / "crowdhook.db", time.time)) as store:
        yield store, outlining_run(store, "image-segmentation", None)


def told(ledger: Ledger, now: float = 100.0, **settings: object) -> Status:
    running = replace(ledger.running, settings=replace(ledger.running.settings, **settings))
    return status(ledger.store, running, now)


def test_after_a_rehearsal_it_says_what_the_summary_says(calm: Calm) -> None:
    with rehearsed(calm) as (store, running):
        stands = status(store, running, platform_now(store, running, time.time()), fee=FEE)
        results = image_results(store, running, {})
    summary = calm.done.summary
    verification = summary["verification"]
    assert stands.images == {status: summary["images"][status] for status in stands.images}
    assert stands.images | dict(Counter(str(each.status) for each in results)) == stands.images
    assert sum(stands.images.values()) == IMAGES
    assert (stands.questions.asked, stands.questions.votes) == (verification["questions"], verification["votes"])
    assert stands.checking_fill == pytest.approx(verification["page_fill"], abs=0.001)
    assert stands.money.outlining == pytest.approx(summary["money"]["outlining"])
    assert stands.money.checking + stands.money.controls == pytest.approx(summary["money"]["checking"], abs=1e-4)
    assert stands.money.total == pytest.approx(summary["money"]["total"], abs=1e-4)
    assert (stands.pace.left, stands.pace.hours_left, stands.astray) == (0, 0.0, ())
    assert stands.deadlines.next_at == summary["next_automatic_acceptance"]
    assert json.loads(json.dumps(asdict(stands)))["run"] == "rehearsal"


def test_on_a_simulator_now_is_the_newest_time_in_the_database(calm: Calm) -> None:
    with rehearsed(calm) as (store, running):
        now = platform_now(store, running, time.time())
    assert START < now <= START + 3600 * calm.done.summary["platform_hours"]


def test_where_the_clocks_agree_now_is_the_machines_time(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert platform_now(ledger.store, ledger.running, 77.0) == 77.0
    ledger.record(ask("x.jpg", "t1"))  # decided at 1, by both clocks
    assert platform_now(ledger.store, ledger.running, 88.0) == 88.0


def test_a_run_on_which_nothing_happened_has_no_numbers_and_no_troubles(tmp_path: Path) -> None:
    stands = told(Ledger(tmp_path))
    assert set(stands.images.values()) | set(stands.pages.values()) == {0}
    assert (stands.started, stands.pace.hours_left, stands.rounds, stands.money.total) == (None, None, (), 0.0)


def test_rounds_are_counted_by_outline(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(accept("a1", "t2"))
    ledger.record(reject("a2"))
    ledger.page("a1", *(outline(f"{name}.jpg", name, BOX) for name in ("t1", "t2")), status="ACCEPTED")
    ledger.page("a2", outline("t3.jpg", "t3"), status="REJECTED")
    ledger.page("a3", outline("t4.jpg", "t4"))
    ledger.page("a4", outline("t2.jpg", "t5", round=2))
    first, second = told(ledger).rounds
    assert asdict(first) == {"round": 1, "handed_in": 4, "accepted": 1, "wrong": 2, "share": 0.3333}
    assert asdict(second) == {"round": 2, "handed_in": 1, "accepted": 0, "wrong": 0, "share": None}


def test_money_counts_the_fee_and_keeps_what_is_reserved_apart(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.page("a1", outline("x.jpg", "t1"), status="ACCEPTED", reviewed=5.0, reward=0.05)
    ledger.page("a2", outline("y.jpg", "t2"), reward=0.05)
    ledger.votes("v1", vote("a1", "t1"), vote("control:1", "c"), user_id="bob", reward=0.02)
    money = status(ledger.store, ledger.running, 9.0, fee=0.2).money
    assert asdict(money) == {
        "outlining": 0.06,
        "checking": 0.012,
        "controls": 0.012,
        "total": 0.084,
        "reserved": 0.06,
    }


def test_the_rate_is_that_of_the_last_hours_and_held_images_are_not_waited_for(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(*(ask(f"{i}.jpg", f"t{i}") for i in range(6)))  # at 1
    ledger.page("a0", outline("0.jpg", "t0"), status="ACCEPTED", submitted=50.0, reviewed=60.0)
    ledger.page("a1", outline("1.jpg", "t1"), status="ACCEPTED", submitted=50.0, reviewed=30_000.0)
    ledger.page("a2", outline("2.jpg", "t2"), submitted=29_000.0)
    ledger.events = 30_000
    ledger.record(hold("a2"))
    pace = told(ledger, now=36_001.0).pace
    assert (pace.finished, pace.hours, pace.left, pace.hours_left) == (2, 3.0, 3, 4.5)
    assert told(ledger, now=99_000.0).pace.hours_left is None
    assert told(ledger, now=1801.0).pace.hours == 0.5


def test_verdicts_that_did_not_come_true_are_told_with_their_reason(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    seq = ledger.record(accept("a1"), state=DecisionState.CONFLICT)
    ledger.record(reject("a2"), state=DecisionState.UNKNOWN)
    ledger.record(accept("a3"))
    found = told(ledger).astray
    assert [(each.kind, each.state, each.about) for each in found] == [
        ("accept", "conflict", "a1"),
        ("reject", "unknown", "a2"),
    ]
    assert (found[0].event_seq, found[0].reason) == (seq, "the platform shows nothing")


def test_deadlines_count_pages_that_nobody_decided_by_how_much_of_their_time_is_over(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for name, day in (("a1", 0), ("a2", 3), ("a3", 6), ("a4", 0)):
        ledger.page(name, outline("x.jpg", f"t-{name}"), submitted=day * DAY)
    ledger.record(reject("a4"), state=DecisionState.PLANNED)
    ahead = told(ledger, now=8.5 * DAY, review_days=10).deadlines
    assert (ahead.waiting, ahead.half_over, ahead.nearly_over) == (3, 2, 1)
    assert (ahead.next_at, ahead.next_page) == (10 * DAY, "a1")


def test_refusals_that_are_kept_back_say_when_the_first_is_sent(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    late = {"comment": "Picture 1: a box is not tight.", "late": 9e6}
    ledger.record(replace(reject("a1"), payload=late, buffer="refusals", due_at=3601.0), state=DecisionState.PLANNED)
    ledger.record(accept("a2"))  # at 2
    refusals = told(ledger, now=100.0, refuse="always").refusals
    assert (refusals.mode, refusals.live, refusals.pending) == ("always", True, 1)
    assert (refusals.verdicts_to_go, refusals.quiet_until) == (19, 3602.0)
    assert told(ledger, now=4000.0).refusals.quiet_until is None


def test_refusals_are_proposed_until_they_are_earned_and_the_breaker_counts_proposals(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for i in range(16):
        ledger.record(replace(hold(f"a{i}"), payload={"proposal": "Picture 1: a box is not tight."}))
    refusals = told(ledger).refusals
    assert (refusals.live, refusals.tripped, refusals.warned, refusals.pending) == (False, True, True, 0)
    assert (refusals.verdicts_to_go, refusals.quiet_until) == (None, None)
    assert "gate A" in refusals.gate
    assert refusals.bad_paid.startswith("unknown")


def test_a_verifier_who_says_yes_to_everything_is_named(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.page("a1", outline("x.jpg", "t1"))
    for name in ("always yes", "careful"):
        ledger.votes(f"v-{name}", vote("a1", "t1"), user_id=name)
    wrong = [Lesson(f"control:{i}:c:yes", "always yes", 1.0, 0.0, truth=False) for i in range(6)]
    right = [Lesson(f"control:{i}:c:careful", "careful", 1.0, 1.0, truth=False) for i in range(6)]
    ledger.record(question("a1", "t1"), lessons=(*wrong, *right))
    assert [(each.user_id, each.bad, each.bad_right) for each in told(ledger).below_bar] == [("always yes", 6, 0)]


def test_what_the_last_audit_found_changed_on_the_platform_is_told_with_its_time(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert (told(ledger).audited, told(ledger).drift) == (None, ())
    changed = Drift("pool checking: reward_per_assignment", "0.01", "0.02", 40.0, "put it back on the site")
    decision = Drift("accept a1", "done", "conflict: the platform shows REJECTED", 41.0, "look at its page")
    name = note_name("image-segmentation", "test")
    ledger.store.write_note(name, json.dumps(asdict(Audit(50.0, (changed, decision)))))
    assert (told(ledger).audited, told(ledger).drift) == (50.0, (changed,))
