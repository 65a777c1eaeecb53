"""A rule that takes OK for BAD: the breaker stops it before anybody hears of it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from made_up import SEED, is_right, plan

from app.rehearsal import Stage, stage
from simulator.crowd.performers import Answers, Crowd, Performer

IMAGES = 40


def swapped(honest: Answers) -> Answers:
    """The same people, and every verdict turned round on its way."""

    def answer(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        said = honest(task, project, performer)
        if said.get("verdict") == "OK":
            return {"verdict": "BAD", "wrong": "loose"}
        return {"verdict": "OK"} if "verdict" in said else said

    return answer


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    crowd = Crowd(performers=90, seed=SEED, accuracy=0.95)
    out = tmp_path_factory.mktemp("swapped")
    with stage(plan(out, IMAGES, crowd, wrap=swapped, refuse="always", controls=0.0)) as at:
        yield at


def good(at: Stage) -> set[str]:
    """Pages all of whose outlines are right."""
    pages = at.store.pages_of(at.running.pool_ids["outlining"])
    return {page.assignment_id for page in pages if page.submitted and all(map(is_right, page.answers))}


def test_at_most_eleven_good_pages_are_refused_before_the_breaker(rehearsed: Stage) -> None:
    decisions = rehearsed.store.decisions()
    tripped_at = next(each.id for each in decisions if each.kind == "recall")
    refused = [each for each in decisions if each.kind == "reject"]
    before = [each for each in refused if each.id < tripped_at and each.assignment_id in good(rehearsed)]
    proposed = [each for each in decisions if each.kind == "hold" and each.payload["proposal"]]
    print(f"\ngood pages: {len(good(rehearsed))}, refused before the breaker: {len(before)}")
    print(f"refused in all: {len(refused)}, of them recalled: {sum(each.state == 'recalled' for each in refused)}")
    print(f"proposed instead: {len(proposed)}")
    assert 5 <= len(before) <= 11
    assert len(good(rehearsed)) > 25
    assert refused == [each for each in refused if each.id < tripped_at]


def test_none_of_them_reaches_its_performer(rehearsed: Stage) -> None:
    told = {line["id"] for line in rehearsed.world.history() if line["kind"] == "ASSIGNMENT_REJECTED"}
    print(f"\nrefusals that reached a performer: {len(told)}")
    assert told & good(rehearsed) == set()
    assert {each.state for each in rehearsed.store.decisions(kind="reject")} == {"recalled"}


def test_all_that_was_refused_waits_for_a_person(rehearsed: Stage) -> None:
    refused = {each.assignment_id for each in rehearsed.store.decisions(kind="reject")}
    waits = {each.assignment_id for each in rehearsed.store.decisions(kind="hold") if each.payload["proposal"]}
    pages = rehearsed.store.pages(waits)
    assert refused < waits
    assert {page.status for page in pages.values()} == {"SUBMITTED"}
    assert all(rehearsed.store.decision(f"verdict:{each}") is None for each in waits)
    left = rehearsed.store.workload(rehearsed.world.now)
    assert (left.unrouted, left.pending, left.due, left.next_due_at) == (0, 0, 0, None)
