"""A bill that nobody expected does not come: whatever goes wrong, a run never costs more than its cap."""

from collections.abc import Callable
from pathlib import Path

import pytest
from calm import options

from app.classification import Options as Labelling
from app.classification import rehearse as classify
from app.rehearsal import Stage
from app.segmentation import rehearse
from store.spending import Purse

CAP = 0.5


def watched(purses: list[Purse]) -> Callable[[Stage], None]:
    def look(at: Stage) -> None:
        purses.append(at.store.purse("image-segmentation", "rehearsal", at.world.now))

    return look


def test_an_endless_refuser_never_costs_more_than_the_cap(tmp_path: Path) -> None:
    purses: list[Purse] = []
    told: list[dict[str, object]] = []

    def after(at: Stage, done: object) -> None:
        told.extend(dict(each.event.payload) for each in at.store.events(type="CAP_REACHED").events)

    refuser = {"always_no": 1.0, "max_rounds": 10_000, "refuse": "unguarded", "controls": 0.0, "performers": 300}
    done = rehearse(options(tmp_path / "out", cap=CAP, **refuser), watched(purses), after)
    spent = done.summary["money"]["total"]
    reached = next(each for each in purses if each.committed > CAP - 0.02)
    print(
        f"cap ${CAP:.2f}: spent ${spent:.3f}; when it was reached ${reached.paid:.3f} were paid"
        f" and ${reached.in_flight:.3f} in flight; {done.summary['decisions']['reject']['done']} pages refused"
    )
    assert max(each.committed for each in purses) <= CAP + 1e-9
    assert CAP / 2 < spent <= CAP + 1e-9
    assert {each["which"] for each in told} == {"cap"}
    assert done.summary["images"]["pending"] > 0
    assert done.summary["decisions"]["reject"]["done"] > 10


def test_a_labelling_within_its_cap_teaches_and_pays_and_publishes_nothing_before_all_is_asked(tmp_path: Path) -> None:
    purses: list[Purse] = []

    def look(at: Stage) -> None:
        purses.append(at.store.purse("image-classification", "rehearsal", at.world.now))

    out, cap = tmp_path / "out", 0.25
    done = classify(Labelling(out=out, limit=24, seed=5, settings={"overlap": 5}, performers=80, cap=cap), look).summary
    assert max(each.committed for each in purses) <= cap + 1e-9
    assert purses[-1].paid == pytest.approx(done["money"]["total"])
    assert cap / 2 < done["money"]["total"] <= cap + 1e-9
    assert done["decisions"]["ask:planned"] > 0
    assert not {"aggregate:done", "close:done", "publish:done"} & {kind for kind, n in done["decisions"].items() if n}
    assert not list((out / "results").glob("*"))


def test_what_the_ledger_thinks_was_paid_is_what_the_platform_charged(tmp_path: Path) -> None:
    purses: list[Purse] = []
    done = rehearse(options(tmp_path / "out"), watched(purses))
    assert purses[-1].paid == pytest.approx(done.summary["money"]["total"])


@pytest.mark.soak
def test_a_daily_cap_spreads_the_work_over_days(tmp_path: Path) -> None:
    free = rehearse(options(tmp_path / "free"))
    purses: list[Purse] = []
    capped = rehearse(options(tmp_path / "capped", daily_cap=0.2), watched(purses))
    assert free.summary["platform_hours"] < 24 < capped.summary["platform_hours"]
    assert max(each.paid_today for each in purses) <= 0.2 + 1e-9
    assert capped.summary["images"]["pending"] == 0
