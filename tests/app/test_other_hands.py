"""Somebody clicks on the site while a rehearsal runs: nothing hangs, nothing is fought over, nothing paid twice."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.drift import last_audit
from app.outcomes import image_results
from app.rehearsal import Stage
from app.results import ImageResult, ImageStatus
from app.segmentation import Options, Rehearsed, rehearse
from app.status import Status, status
from simulator.records.hands import Act, Hands
from store.records import Decision

CLICKS = (
    Act(100, "close", "Outlining"),
    Act(150, "stop-task", "Outlining"),
    Act(200, "close", "Checking"),
    Act(260, "accept", "Outlining"),
    Act(262, "reject", "Outlining", text="Not like this."),
    Act(400, "set-price", "Checking", amount=0.02),
    Act(700, "stop-task", "Checking", nth=9),
    Act(3700, "edit-project", "Outline each white cell", text="<p>Draw circles.</p>"),
    Act(4500, "open", "Checking"),
    Act(4600, "open", "Outlining"),
    Act(5000, "money", amount=float("-inf")),
    Act(12000, "money", amount=1000.0),
    Act(12100, "open", "Checking"),
    Act(14700, "delete-user-skill", "Outlines objects", nth=5),
)
ENDINGS = (Act(90, "expire", "Outlining"), Act(300, "archive", "Checking"), Act(4000, "money", amount=1.0))


@dataclass
class Clicked:
    """A rehearsal with an operator, what its audits said while it ran, and how it ended."""

    out: Path
    drift: set[tuple[str, str]]  # what, found: of all audits
    undone: list[Act]
    ended: Status
    pools: dict[str, str]  # ids by role
    results: list[ImageResult]
    decisions: list[Decision]
    done: Rehearsed

    def history(self) -> Iterator[dict[str, Any]]:
        for line in (self.out / "world.jsonl").read_text(encoding="utf-8").splitlines():
            yield json.loads(line)

    def about(self, assignment_id: str) -> list[tuple[str, str]]:
        return [(each.kind, str(each.state)) for each in self.decisions if each.assignment_id == assignment_id]

    def withdrawn(self, role: str) -> Decision:
        """The ask whose task the operator gave the overlap 0."""
        changed = [line for line in self.history() if line["kind"] == "OVERLAP" and line.get("by") == "operator"]
        tasks = {line["id"] for line in changed if line["overlap"] == 0}
        stopped = [each for each in self.decisions if each.kind == "ask" and each.result.get("task_id") in tasks]
        (found,) = [each for each in stopped if each.lane == self.pools[role]]
        return found

    def clicked(self, kind: str) -> dict[str, Any]:
        return next(line for line in self.history() if line["kind"] == kind and line.get("by") == "operator")


def rehearsed(out: Path, *acts: Act) -> Clicked:
    seen: set[tuple[str, str]] = set()
    found: list[Clicked] = []

    def watch(at: Stage) -> None:
        audit = last_audit(at.store, at.running.pipeline.name, at.running.run)
        seen.update((each.what, each.found) for each in (audit.drift if audit else ()))

    def after(at: Stage, done: Rehearsed) -> None:
        ended = status(at.store, at.running, at.world.now)
        results = image_results(at.store, at.running)
        undone = list(at.world.undone_acts())
        found.append(Clicked(out, seen, undone, ended, dict(at.running.pool_ids), results, at.store.decisions(), done))

    options = Options(
        out=out, limit=20, seed=3, refuse="always", desk="truth", pictures=False, hands=Hands(tuple(acts))
    )
    rehearse(options, watch, after)
    return found[0]


@pytest.fixture(scope="module")
def clicked(tmp_path_factory: pytest.TempPathFactory) -> Clicked:
    return rehearsed(tmp_path_factory.mktemp("clicked"), *CLICKS)


@pytest.fixture(scope="module")
def shut(tmp_path_factory: pytest.TempPathFactory) -> Clicked:
    return rehearsed(tmp_path_factory.mktemp("ended"), *ENDINGS)


def test_every_click_was_done_and_nothing_hangs(clicked: Clicked) -> None:
    assert clicked.undone == []
    ends = Counter(each.status for each in clicked.results)
    assert ends[ImageStatus.PENDING] == 1  # its task was withdrawn
    assert set(ends) <= {ImageStatus.ACCEPTED, ImageStatus.UNRESOLVED, ImageStatus.PENDING}
    assert clicked.done.summary["parked"] == 0
    assert clicked.ended.workload.pending + clicked.ended.workload.due + clicked.ended.workload.calls == 0


def test_a_page_that_was_accepted_on_the_site_is_a_result_that_nobody_verified(clicked: Clicked) -> None:
    page = clicked.clicked("ASSIGNMENT_APPROVED")["id"]
    (result,) = [each for each in clicked.results if each.assignment_id == page]
    assert (result.status, result.verified) == (ImageStatus.ACCEPTED, False)
    assert {kind for kind, _ in clicked.about(page)} <= {"ask"}


def test_a_page_that_was_refused_on_the_site_is_asked_anew(clicked: Clicked) -> None:
    page = clicked.clicked("ASSIGNMENT_REJECTED")["id"]
    assert {kind for kind, _ in clicked.about(page)} <= {"ask"}
    anew = [each for each in clicked.decisions if each.kind == "ask" and each.key.split(":")[2] == page]
    assert [each.payload["generation"] for each in anew if "round" in each.payload["input"]] == [2]


def test_a_page_whose_question_was_withdrawn_is_left_to_a_person(clicked: Clicked) -> None:
    question = clicked.withdrawn("checking")
    assert question.assignment_id is not None
    kinds = clicked.about(question.assignment_id)
    assert ("hold", "done") in kinds
    assert kinds[-1] in {("accept", "done"), ("reject", "done")}


def test_an_image_whose_task_was_withdrawn_is_pending_and_its_pool_says_why(clicked: Clicked) -> None:
    ask = clicked.withdrawn("outlining")
    (pending,) = [each for each in clicked.results if each.status is ImageStatus.PENDING]
    assert (pending.key, pending.reason) == (ask.payload["input"]["item"], "asked, not yet answered")
    (outlining,) = [each for each in clicked.ended.drift if each.what == "pool outlining: status"]
    assert outlining.found == "CLOSED with work left"


def test_no_page_is_decided_twice(clicked: Clicked, shut: Clicked) -> None:
    for each in (clicked, shut):
        verdicts = Counter(
            line["id"] for line in each.history() if line["kind"] in {"ASSIGNMENT_APPROVED", "ASSIGNMENT_REJECTED"}
        )
        paid = Counter(line["id"] for line in each.history() if line["kind"] == "MONEY" and line["what"] == "charged")
        assert set(verdicts.values()) == set(paid.values()) == {1}
        assert each.done.summary["one_verdict_each"]


def test_nothing_that_a_person_did_was_undone(clicked: Clicked) -> None:
    kinds = ("POOL_UPDATED", "PROJECT_UPDATED")
    assert {line.get("by") for line in clicked.history() if line["kind"] in kinds} == {"operator"}
    for name in ("Outlining", "Checking"):
        pool = next(line["id"] for line in clicked.history() if line.get("private_name") == name)
        moves = [
            (line["kind"], line.get("by"), line.get("reason"))
            for line in clicked.history()
            if line["id"] == pool and line["kind"] in {"POOL_OPENED", "POOL_CLOSED"}
        ]
        closed = moves.index(("POOL_CLOSED", "operator", "MANUAL"))
        assert moves[closed + 1] == ("POOL_OPENED", "operator", None)


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("pool outlining: status", "CLOSED by MANUAL"),
        ("pool checking: status", "CLOSED by MANUAL"),
        ("pool checking: status", "CLOSED with work left"),  # it could not be opened without money
        ("pool checking: reward_per_assignment", "0.02"),
        ("project outlining: public_instructions", "<p>Draw circles.</p>"),
    ],
)
def test_drift_is_listed(clicked: Clicked, what: str, found: str) -> None:
    assert (what, found) in clicked.drift


def test_a_performer_who_lost_a_skill_is_listed(clicked: Clicked) -> None:
    loser = clicked.clicked("USER_SKILL")["id"]
    assert (f"skill outlining of {loser}", "taken away") in clicked.drift


def test_where_nothing_can_be_asked_any_more_people_decide(shut: Clicked) -> None:
    assert shut.undone == []
    assert ("pool checking: status", "ARCHIVED") in shut.drift
    refused = [each for each in shut.decisions if each.kind in {"ask", "votes"} and each.state == "failed"]
    assert refused
    held = {each.assignment_id for each in shut.decisions if each.kind == "hold"}
    assert {each.assignment_id for each in refused if not str(each.assignment_id).startswith("control:")} <= held
    assert any(what.startswith(("ask ", "votes ")) and "is archived" in found for what, found in shut.drift)


def test_what_waits_for_a_pool_that_expired_is_named(shut: Clicked) -> None:
    pending = [each for each in shut.results if each.status is ImageStatus.PENDING]
    assert pending
    assert {each.reason for each in pending} == {"asked, not yet answered"}
    (outlining,) = [each for each in shut.ended.pools if each.role == "outlining"]
    assert (outlining.close_reason, bool(outlining.advice)) == ("EXPIRED", True)
