"""What a person is told to look at: each trouble in a sentence, the worst first, and nothing when all is well."""

from dataclasses import replace
from pathlib import Path

import pytest
from ledger import Ledger

from app.drift import Drift
from app.pool_states import PoolStanding
from app.run_status import Astray
from app.status import Deadlines, Pace, Status, status
from app.worries import Weight, worries
from store.records import Standing

CLOSED = PoolStanding("outlining", "101", "closed", "MANUAL", 5.0, "closed by hand; open it on the site")
ASTRAY = Astray("accept", "conflict", "a1", "the platform shows REJECTED", 7)
CHANGED = Drift("", "0.01", "0.02", 40.0, "put it back on the site if nobody meant it")


@pytest.fixture
def calm_status(tmp_path: Path) -> Status:
    ledger = Ledger(tmp_path)
    return status(ledger.store, ledger.running, 100.0)


def found(told: Status) -> list[tuple[Weight, str]]:
    return [(each.weight, each.text) for each in worries(told)]


def test_a_run_without_troubles_worries_nobody(calm_status: Status) -> None:
    assert found(calm_status) == []


def test_every_trouble_is_told_with_its_weight(calm_status: Status) -> None:
    images = calm_status.images | {"unresolved": 2}
    pages = calm_status.pages | {"held": 4, "decided elsewhere": 3}
    troubled = replace(
        calm_status,
        images=images,
        pages=pages,
        proposed=1,
        pace=Pace(finished=0, hours=3.0, left=8, hours_left=None),
        refusals=replace(calm_status.refusals, warned=True),
        below_bar=tuple(Standing(f"v{i}") for i in range(5)),
        pools=(CLOSED,),
        astray=(ASTRAY, replace(ASTRAY, state="failed")),
        drift=tuple(
            replace(CHANGED, what=f"pool {what}") for what in ("outlining: status", "checking: reward", "x: y")
        ),
        deadlines=Deadlines(waiting=9, half_over=5, nearly_over=2, next_at=86400.0, next_page="a1"),
        workload=replace(calm_status.workload, parked=6),
    )
    expected = [
        (Weight.STOPS, "2 decisions did not come to what was decided: 1 conflict, 1 failed"),
        (Weight.STOPS, "pool outlining (101): closed by hand"),
        (Weight.STOPS, "changed on the platform: pool checking: reward and 1 more"),
        (Weight.STOPS, "parked because a handler failed: 6 events"),
        (Weight.STOPS, "nearly out of time: 2 pages; the platform pays the first by itself on 1970-01-02 00:00 UTC"),
        (Weight.WAITS, "many of the last pages were refused"),
        (Weight.WAITS, "half of the review period is over: 3 pages"),
        (Weight.WAITS, "decided on the platform, not by this run: 3 pages"),
        (Weight.WAITS, "no image was finished in the last 3 h; under way: 8"),
        (
            Weight.WAITS,
            "for a person to decide: 4 pages, 1 proposed refusal among them (crowdhook held image-segmentation)",
        ),
        (Weight.WAITS, "verifiers below the bar: v0, v1, v2 and 2 more"),
        (Weight.WAITS, "not right after all their rounds: 2 images"),
    ]
    told = found(troubled)
    assert len(told) == len(expected)
    for (weight, text), (wanted_weight, start) in zip(told, expected, strict=True):
        assert weight is wanted_weight
        assert text.startswith(start)


def test_a_tripped_breaker_weighs_more_than_its_warning_and_replaces_it(calm_status: Status) -> None:
    tripped = replace(calm_status, refusals=replace(calm_status.refusals, tripped=True, warned=True))
    assert [weight for weight, _ in found(tripped)] == [Weight.STOPS]


def test_a_few_held_pages_and_verifiers_are_told_without_more_ado(calm_status: Status) -> None:
    told = replace(calm_status, pages=calm_status.pages | {"held": 1}, below_bar=(Standing("v1"),))
    assert [text for _, text in found(told)] == [
        "for a person to decide: 1 page (crowdhook held image-segmentation)",
        "verifiers below the bar: v1",
    ]


@pytest.mark.parametrize(
    ("held_back", "weight", "words"),
    [
        ("cap", Weight.STOPS, "the cap of $5.00 is reached: 3 questions and tasks wait; crowdhook start"),
        ("daily cap", Weight.WAITS, "the cap of $2.00 a day is reached: 3 questions and tasks wait for midnight"),
        ("ready", Weight.WAITS, "not started yet: 3 questions and tasks wait; crowdhook start image-segmentation"),
        ("paused", Weight.WAITS, "paused: 3 questions and tasks wait; crowdhook resume"),
        ("stopped", Weight.WAITS, "stopped: 3 questions and tasks wait; crowdhook resume"),
    ],
)
def test_what_waits_for_money_is_told_with_what_to_do(
    calm_status: Status, held_back: str, weight: Weight, words: str
) -> None:
    spending = replace(calm_status.spending, cap=5.0, daily_cap=2.0, waiting=3, held_back=held_back)
    ((found_weight, text),) = found(replace(calm_status, spending=spending))
    assert found_weight == weight
    assert text.startswith(words)


def test_what_will_be_asked_by_itself_worries_nobody(calm_status: Status) -> None:
    assert found(replace(calm_status, spending=replace(calm_status.spending, waiting=3))) == []
