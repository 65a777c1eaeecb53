"""Verifiers who always say the same are found by control questions, each within 20 answers to them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from made_up import SEED, plan

from app.rehearsal import Stage, stage
from handlers.controls import PREFIX
from handlers.verifiers import below_bar
from simulator.crowd.performers import Crowd
from store.records import Standing

CROWD = Crowd(performers=24, seed=SEED, accuracy=0.95, always_yes=0.12, always_no=0.3)
WITHIN = 20


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    out = tmp_path_factory.mktemp("always-yes")
    with stage(plan(out, 60, CROWD, tasks_per_page=10, controls=0.5, accuracy=0.95)) as at:
        yield at


@pytest.fixture(scope="module")
def answers(rehearsed: Stage) -> dict[str, list[tuple[bool, bool]]]:
    """Each verifier's answers to control questions, in their order: (truth, said OK)."""
    asked = [each for each in rehearsed.store.decisions(kind="ask") if str(each.assignment_id).startswith(PREFIX)]
    truths = {each.task_id: bool(each.payload["truth"]) for each in asked}
    given: dict[str, list[tuple[bool, bool]]] = {}
    for page, answer in rehearsed.store.votes_about({each.assignment_id or "" for each in asked}):
        said = (answer.output or {})["verdict"] == "OK"
        given.setdefault(page.user_id, []).append((truths[answer.subject_task_id], said))
    return given


def found_after(given: list[tuple[bool, bool]]) -> int | None:
    """After how many answers somebody was below the bar; None: never."""
    standing = Standing("somebody")
    for number, (truth, said) in enumerate(given, 1):
        right = int(said == truth)
        if truth:
            standing = replace(standing, good=standing.good + 1, good_right=standing.good_right + right)
        else:
            standing = replace(standing, bad=standing.bad + 1, bad_right=standing.bad_right + right)
        if below_bar(standing):
            return number
    return None


def of_kind(kind: str, answers: dict[str, list[tuple[bool, bool]]]) -> dict[str, int | None]:
    """Verifiers of a kind -> after how many answers they were found, of those who gave enough to be judged by."""
    people = {each.id for each in CROWD.people() if each.kind == kind}
    telling = kind == "always_no"  # the truth that somebody who always says no is wrong about
    enough = {name: given for name, given in answers.items() if sum(truth == telling for truth, _ in given) >= 5}
    return {name: found_after(given) for name, given in enough.items() if name in people}


@pytest.mark.parametrize("kind", ["always_yes", "always_no"])
def test_each_of_them_is_found_within_20_answers(answers: dict[str, list[tuple[bool, bool]]], kind: str) -> None:
    found = of_kind(kind, answers)
    for name, after in sorted(found.items()):
        print(f"\n{kind} {name}: found after {after} of {len(answers[name])} answers to control questions")
    assert found
    assert all(after is not None and after <= WITHIN for after in found.values())


def test_nobody_honest_is_found(answers: dict[str, list[tuple[bool, bool]]]) -> None:
    found = of_kind("careful", answers)
    print(f"\ncareful verifiers with enough answers: {len(found)}, found: {sum(map(bool, found.values()))}")
    assert found
    assert set(found.values()) == {None}


def test_the_program_knows_them_by_the_same_answers(
    rehearsed: Stage, answers: dict[str, list[tuple[bool, bool]]]
) -> None:
    standings = rehearsed.store.verifiers(rehearsed.running.pool_ids["checking"])
    counted = {each.user_id: each.good + each.bad for each in standings if each.good + each.bad}
    assert counted == {name: len(given) for name, given in answers.items()}
    known = {each.user_id for each in standings if below_bar(each)}
    assert known == {*of_kind("always_yes", answers), *of_kind("always_no", answers)}
