"""A main pool that closes, for each reason: what of the classification stays open, and whether anything is final."""

from collections import Counter
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from cats import NAMES, OVERLAP, Ended, plan, published, rehearsed

from app.driver import TICK_SECONDS
from app.items import give
from app.rehearsal import Stage
from simulator.records.hands import Act, Hands

IMAGES, PERFORMERS = 96, 160  # enough people for whatever order they come in
INTERRUPTIONS = (
    Act(270, "close-for-update", NAMES["main"]),
    Act(1250, "money", amount=float("-inf")),
    Act(1500, "money", amount=100.0),
    Act(1500, "open", NAMES["main"]),
    Act(1600, "close", NAMES["main"]),
    *(Act(1800, "open", name) for name in NAMES.values()),
    Act(1900, "archive", NAMES["main"]),  # done at the moment at which the pool is complete
)
ENDINGS = (
    Act(200, "close", NAMES["exam"]),
    Act(500, "archive", NAMES["exam"]),
    Act(600, "expire", NAMES["main"]),
    Act(1200, "archive", NAMES["main"]),
)


@dataclass
class Standings:
    """How everything stood after each tick: main pool (status, reason), training and exam (status), is it published."""

    seen: list[tuple[tuple[str, str | None], dict[str, str], bool]] = field(default_factory=list)

    def look(self, at: Stage) -> None:
        pools = {role: at.world.state.pools[pool_id] for role, pool_id in at.running.pool_ids.items()}
        main = pools.pop("main")
        others = {role: pool.status for role, pool in pools.items()}
        self.seen.append(((main.status, main.close_reason), others, published(at) is not None))

    def while_closed(self, reason: str) -> tuple[set[str], set[bool]]:
        """Statuses of training and exam, and whether anything was published, while the pool was closed for it."""
        found = [each for each in self.seen if each[0] == ("CLOSED", reason)]
        return {status for _, others, _ in found for status in others.values()}, {each[2] for each in found}


@dataclass(frozen=True)
class Closed:
    standings: Standings
    ended: Ended


def run(out: Path, *acts: Act) -> Closed:
    standings = Standings()
    return Closed(standings, rehearsed(plan(out, IMAGES, performers=PERFORMERS, hands=Hands(acts)), standings.look))


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Closed:
    return run(tmp_path_factory.mktemp("interrupted") / "out", *INTERRUPTIONS)


@pytest.fixture(scope="module")
def over(tmp_path_factory: pytest.TempPathFactory) -> Closed:
    return run(tmp_path_factory.mktemp("over") / "out", *ENDINGS)


@pytest.mark.parametrize("reason", ["FOR_UPDATE", "NOT_ENOUGH_BALANCE"])
def test_closed_for_an_update_or_without_money_everything_stays_open(interrupted: Closed, reason: str) -> None:
    assert interrupted.standings.while_closed(reason) == ({"OPEN"}, {False})


def test_closed_by_hand_training_and_exam_are_closed_and_nothing_is_published(interrupted: Closed) -> None:
    assert interrupted.standings.while_closed("MANUAL") == ({"CLOSED"}, {False})


def test_opened_again_each_time_the_work_goes_on(interrupted: Closed) -> None:
    happened = [*interrupted.ended.of("POOL_OPENED", "main"), *interrupted.ended.of("POOL_CLOSED", "main")]
    happened += interrupted.ended.of("ASSIGNMENT_CREATED", "main")
    kinds = [line["kind"] for line in sorted(happened, key=lambda line: line["at"])]
    openings = [at for at, kind in enumerate(kinds) if kind == "POOL_OPENED"]
    assert len(openings) == 4
    assert {kinds[at + 1] for at in openings} == {"ASSIGNMENT_CREATED"}
    assert interrupted.ended.undone == []


def test_complete_in_the_end_labels_are_made_and_published_once(interrupted: Closed) -> None:
    ended = interrupted.ended
    assert [line["reason"] for line in ended.of("POOL_CLOSED", "main")][-1] == "COMPLETED"
    assert ended.decided("aggregate") == ended.decided("publish") == Counter(done=1)
    rows = ended.published or []
    assert len(rows) == IMAGES
    assert {row["performers"] for row in rows} == {OVERLAP}


def test_archived_at_the_moment_it_is_complete_it_is_complete(interrupted: Closed) -> None:
    (archived,) = interrupted.ended.of("POOL_ARCHIVED", "main")
    assert archived["at"] == interrupted.ended.of("POOL_CLOSED", "main")[-1]["at"]
    assert interrupted.standings.seen[-1] == (("ARCHIVED", "COMPLETED"), {"training": "CLOSED", "exam": "CLOSED"}, True)


def test_expired_the_training_is_closed_and_nothing_is_published(over: Closed) -> None:
    assert over.standings.while_closed("EXPIRED") == ({"CLOSED", "ARCHIVED"}, {False})


def test_an_exam_that_was_archived_needs_no_closing(over: Closed) -> None:
    assert over.ended.decided("close") == Counter(done=2)


def test_archived_after_its_date_nothing_is_made_or_published(over: Closed) -> None:
    assert over.ended.undone == []
    assert over.standings.seen[-1] == (("ARCHIVED", "EXPIRED"), {"training": "CLOSED", "exam": "ARCHIVED"}, False)
    assert over.ended.decided("aggregate") == over.ended.decided("publish") == Counter()
    assert over.ended.labels == []
    assert over.ended.of("ASSIGNMENT_APPROVED", "main")


@dataclass
class Giving:
    """Somebody who gives more images twice: when the pool is about to close, and when its labels are published."""

    given: int = 0
    complete: list[tuple[int, bool]] = field(default_factory=list)  # how many were published, and whether all answered

    def look(self, at: Stage) -> None:
        rows = published(at) or []
        told = (len(rows), all(row["performers"] == OVERLAP for row in rows))
        if rows and told not in self.complete:
            self.complete.append(told)
        if (self.given == 0 and closes_next(at)) or (self.given == 1 and rows):
            self.given += 1
            give(at.store, at.running, more(self.given), at.world.now)


def closes_next(at: Stage) -> bool:
    """Whether the main pool closes in the next tick: the worker then hears of it together with what is given now."""
    state, main = at.world.state, at.running.pool_ids["main"]
    if not state.doings.has("close", main):
        return False
    closes = max(state.assignments[each].submitted or 0.0 for each in state.pools[main].assignment_ids) + 300
    first = at.world.next_event_at() or 0.0
    return closes <= ceil(first / TICK_SECONDS) * TICK_SECONDS and first < at.world.now + 120


def more(time: int) -> list[dict[str, Any]]:
    return [{"key": f"more-{time}-{at}.png", "url": "https://pictures.example/more.png"} for at in range(4)]


@pytest.fixture(scope="module")
def continued(tmp_path_factory: pytest.TempPathFactory) -> tuple[Giving, Ended]:
    giving = Giving()
    return giving, rehearsed(plan(tmp_path_factory.mktemp("continued") / "out", 8), giving.look)


def test_images_given_as_the_pool_closes_are_waited_for(continued: tuple[Giving, Ended]) -> None:
    giving, ended = continued
    assert giving.complete[0] == (12, True)
    _, second, _ = ended.of("POOL_CLOSED", "main")
    assert ended.of("POOL_CLOSED", "exam")[0]["at"] >= second["at"]


def test_completed_again_labels_are_made_again_of_all_images(continued: tuple[Giving, Ended]) -> None:
    giving, ended = continued
    assert giving.complete == [(12, True), (16, True)]
    assert [line["reason"] for line in ended.of("POOL_CLOSED", "main")] == ["COMPLETED"] * 3
    assert len(ended.of("POOL_OPENED", "exam")) == len(ended.of("POOL_CLOSED", "exam")) == 2
    assert ended.decided("aggregate") == ended.decided("publish") == Counter(done=2)
