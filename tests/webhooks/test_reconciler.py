from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from store.migrations import migrate
from store.records import Event, Page, PoolState, natural_key
from store.sqlite import SqliteStore
from webhooks.reconciler import Reconciler

NOON = 1_700_000_000.0
ALL = frozenset({"ASSIGNMENT_SUBMITTED", "ASSIGNMENT_APPROVED", "ASSIGNMENT_REJECTED", "POOL_CLOSED"})
OPEN = PoolState("7", "OPEN", None, NOON, None)


@dataclass
class Toloka:
    """A platform of one pool, as the reconciler sees it."""

    pages: list[Page] = field(default_factory=list)
    state: PoolState = OPEN
    asked: list[tuple[str, str, float, float]] = field(default_factory=list)

    def listed(self, pool_id: str, dated: str, since: float, until: float) -> Sequence[Page]:
        self.asked.append((pool_id, dated, since, until))
        return [page for page in self.pages if (at := moment(page, dated)) is not None and since <= at <= until]

    def pool(self, pool_id: str) -> PoolState:
        return self.state


def moment(page: Page, dated: str) -> float | None:
    reviewed = {"ACCEPTED": "accepted", "REJECTED": "rejected"}.get(page.status)
    return page.submitted if dated == "submitted" else page.reviewed if dated == reviewed else None


def page(name: str, submitted: float, status: str = "SUBMITTED", reviewed: float | None = None) -> Page:
    return Page(name, "7", "ann", status, 0.01, submitted - 60, submitted, reviewed, ())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    migrate(tmp_path / "crowdhook.db")
    opened = SqliteStore(tmp_path / "crowdhook.db", lambda: NOON)
    yield opened
    opened.close()


def reconciler(store: SqliteStore, toloka: Toloka, types: frozenset[str] = ALL) -> Reconciler:
    return Reconciler(store, toloka, {"7": types}, seconds=60.0)


def log(store: SqliteStore) -> list[tuple[str, str | None, float]]:
    return sorted((each.event.type, each.event.assignment_id, each.event.event_time) for each in store.events().events)


def test_what_no_event_told_of_is_appended(store):
    toloka = Toloka([page("a", NOON - 100), page("b", NOON - 90, "ACCEPTED", NOON - 80)])
    toloka.pages.append(page("c", NOON - 95, "REJECTED", NOON - 70))
    assert reconciler(store, toloka).sweep(NOON) == 5
    assert log(store) == [
        ("ASSIGNMENT_APPROVED", "b", NOON - 80),
        ("ASSIGNMENT_REJECTED", "c", NOON - 70),
        ("ASSIGNMENT_SUBMITTED", "a", NOON - 100),
        ("ASSIGNMENT_SUBMITTED", "b", NOON - 90),
        ("ASSIGNMENT_SUBMITTED", "c", NOON - 95),
    ]
    assert {each.event.source for each in store.events().events} == {"reconciler"}


def test_what_an_event_told_of_is_not_appended_again(store):
    key = "ASSIGNMENT_SUBMITTED:a"
    store.append([(b"{}", [Event("uuid", "ASSIGNMENT_SUBMITTED", "7", NOON - 100, key, "a")])])
    toloka = Toloka([page("a", NOON - 100), page("b", NOON - 99)])
    assert reconciler(store, toloka).sweep(NOON) == 1
    assert [(each.event.assignment_id, each.event.source) for each in store.events().events] == [
        ("b", "reconciler"),
        ("a", "webhook"),
    ]


def test_an_event_that_comes_after_the_sweep_is_not_a_second_one(store):
    reconciler(store, Toloka([page("a", NOON - 100)])).sweep(NOON)
    late = Event("uuid", "ASSIGNMENT_SUBMITTED", "7", NOON - 100, "ASSIGNMENT_SUBMITTED:a", "a")
    assert store.append([(b"{}", [late])]) == [[False]]


def test_a_closing_that_a_notification_told_of_is_not_told_again(store):
    told = Event("uuid", "POOL_CLOSED", "7", NOON + 5, natural_key("POOL_CLOSED", "7", None, NOON + 5))
    store.append([(b"{}", [told])])
    toloka = Toloka(state=PoolState("7", "CLOSED", "COMPLETED", NOON, NOON + 5))
    assert reconciler(store, toloka).sweep(NOON + 60) == 0


def test_sweeping_again_finds_nothing_new(store):
    toloka = Toloka([page("a", NOON - 100)], PoolState("7", "CLOSED", "COMPLETED", NOON, NOON + 5))
    assert reconciler(store, toloka).sweep(NOON) == 2
    assert reconciler(store, toloka).sweep(NOON + 60) == 0


def test_what_is_too_young_to_be_listed_surely_is_left_to_the_next_sweep(store):
    toloka = Toloka([page("young", NOON - 59.0)])
    sweeping = reconciler(store, toloka)
    assert sweeping.sweep(NOON) == 0
    assert sweeping.sweep(NOON + 60) == 1


def test_each_sweep_begins_a_little_before_the_last_one_ended(store):
    toloka = Toloka()
    sweeping = reconciler(store, toloka, frozenset({"ASSIGNMENT_SUBMITTED"}))
    sweeping.sweep(NOON)
    sweeping.sweep(NOON + 60)
    assert toloka.asked == [("7", "submitted", 0.0, NOON - 60), ("7", "submitted", NOON - 60 - 120, NOON)]
    assert store.watermark("7", "submitted") == NOON


def test_another_worker_goes_on_where_the_last_one_was(store):
    toloka = Toloka()
    for now in (NOON, NOON + 60):
        reconciler(store, toloka, frozenset({"ASSIGNMENT_APPROVED"})).sweep(now)
    assert [since for _, _, since, _ in toloka.asked] == [0.0, NOON - 180]


def test_only_what_somebody_listens_to_is_asked_for(store):
    closed = PoolState("7", "CLOSED", "MANUAL", NOON, NOON + 5)
    toloka = Toloka([page("a", NOON - 100), page("b", NOON - 90, "ACCEPTED", NOON - 80)], closed)
    assert reconciler(store, toloka, frozenset({"ASSIGNMENT_APPROVED"})).sweep(NOON) == 1
    assert [dated for _, dated, _, _ in toloka.asked] == ["accepted"]


def test_a_pool_that_closed_is_told_of_once_for_each_time(store):
    toloka = Toloka()
    sweeping = reconciler(store, toloka, frozenset({"POOL_CLOSED"}))
    assert sweeping.sweep(NOON) == 0
    toloka.state = PoolState("7", "CLOSED", "COMPLETED", NOON, NOON + 5)
    assert [sweeping.sweep(NOON + 60), sweeping.sweep(NOON + 120)] == [1, 0]
    toloka.state = PoolState("7", "CLOSED", "COMPLETED", NOON + 200, NOON + 300)
    assert sweeping.sweep(NOON + 360) == 1
    assert [at for _, _, at in log(store)] == [NOON + 5, NOON + 300]
    assert store.events().events[0].event.payload["close_reason"] == "COMPLETED"


def test_that_a_pool_closed_is_told_although_somebody_archived_it_since(store):
    toloka = Toloka(state=PoolState("7", "ARCHIVED", "COMPLETED", NOON, NOON + 5))
    assert reconciler(store, toloka).sweep(NOON + 1000) == 1
    assert log(store) == [("POOL_CLOSED", None, NOON + 5)]


def test_a_pool_that_never_opened_has_not_closed(store):
    toloka = Toloka(state=PoolState("7", "CLOSED", None, None, None))
    assert reconciler(store, toloka).sweep(NOON) == 0


def test_it_is_due_at_the_start_and_once_an_interval(store):
    sweeping = reconciler(store, Toloka())
    assert sweeping.due(NOON)
    sweeping.sweep(NOON)
    assert not sweeping.due(NOON + 59.9)
    assert sweeping.due(NOON + 60.0)


class Away(Exception):
    """Nobody answers."""


def test_a_sweep_that_broke_off_is_done_again_in_full(store):
    class Flaky(Toloka):
        def pool(self, pool_id: str) -> PoolState:
            if not self.asked[3:]:
                raise Away
            return self.state

    toloka = Flaky([page("a", NOON - 100)])
    sweeping = reconciler(store, toloka)
    with pytest.raises(Away):
        sweeping.sweep(NOON)
    assert (store.events().total, store.watermark("7", "submitted"), sweeping.due(NOON)) == (0, None, True)
    assert sweeping.sweep(NOON + 1) == 1
