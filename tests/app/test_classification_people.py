"""Who may work and who is sent away, and how a wrong control task is found out: in the world, and in the results."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from cats import CLASSES, items, plan

from app.label_people import bans, examined, people
from app.labelling import Doubt, labelling
from app.rehearsal import Stage, stage
from app.run_status import decisions_of
from simulator.crowd.performers import Answers, Performer
from simulator.records.state import Assignment

IMAGES = 24
PURPOSES = {item["key"]: item["for"] for item in items(IMAGES)[0]}
WRONG = next(key for key, purpose in PURPOSES.items() if purpose == "control")  # its known answer is the other class
QUALITY = "Fewer than 80 % of the control answers are right."
HASTE = "A page took less than 7 seconds."


@dataclass(frozen=True)
class Tired:
    """Careless people do their best until they are paid: then they say the other class."""

    answers: Answers

    def __call__(self, task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        if performer.kind != "careless":
            return self.answers(task, project, performer)
        at = int(task["input_values"]["item"].partition(".")[0])
        paid = PURPOSES[task["input_values"]["item"]] in ("control", "main")
        return {"result": CLASSES[(at + paid) % 2]}


def wrongly_known(item: Mapping[str, Any]) -> dict[str, Any]:
    other = {CLASSES[0]: CLASSES[1], CLASSES[1]: CLASSES[0]}
    return {**item, "label": other[item["label"]]} if item["key"] == WRONG else dict(item)


@dataclass(frozen=True)
class Seen:
    """A rehearsal that ended, and what is told of it."""

    at: Stage
    known: Mapping[str, str]  # answers of exam and control tasks, as they were given
    people: dict[str, int]
    examined: dict[str, Any]
    bans: list[dict[str, Any]]
    doubts: tuple[Doubt, ...]

    def pages(self, *roles: str) -> list[Assignment]:
        """Pages that were handed in, oldest first."""
        state, wanted = self.at.world.state, {self.at.running.pool_ids[role] for role in roles}
        found = (page for page in state.assignments.values() if page.pool_id in wanted and page.submitted)
        return sorted(found, key=lambda page: page.submitted or 0.0)

    def marks(self, page: Assignment) -> list[bool]:
        """Which answers to exam and control tasks of a page are right."""
        tasks = [self.at.world.state.tasks[each].body["input_values"]["item"] for each in page.task_ids]
        said = [each["output_values"]["result"] for each in page.solutions or []]
        return [self.known[key] == label for key, label in zip(tasks, said, strict=True) if key in self.known]

    def share(self, user_id: str, until: float, *roles: str) -> float:
        """Share of his control answers that are right, of pages handed in by then."""
        pages = (page for page in self.pages(*roles) if page.user_id == user_id and (page.submitted or 0.0) <= until)
        marks = [mark for page in pages for mark in self.marks(page)]
        return sum(marks) / len(marks)

    def banned(self, why: str) -> dict[str, float]:
        """When people were banned for this reason."""
        return {each.user_id: each.created for each in self.at.world.state.restrictions.values() if each.comment == why}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    chosen = {"overlap": 5, "training_page": 4}
    planned = plan(tmp_path_factory.mktemp("people") / "out", IMAGES, wrap=Tired, settings=chosen)
    crowd = replace(planned.crowd, performers=90, careless=0.15, guesser=0.15, cheater=0.1)
    planned = replace(planned, items=[wrongly_known(each) for each in planned.items], crowd=crowd)
    known = {each["key"]: each["label"] for each in planned.items if each["for"] in ("exam", "control")}
    with stage(planned) as at:
        numbers = labelling(at.store, at.running, decisions_of(at.store, at.running))
        return Seen(at, known, people(at), examined(at), bans(at), numbers.doubts)


def test_who_fails_the_exam_never_gets_a_paid_task(seen: Seen) -> None:
    shares = {page.user_id: sum(seen.marks(page)) / len(seen.marks(page)) for page in seen.pages("exam")}
    failed = {user_id for user_id, share in shares.items() if share < 0.8}
    given = {page.user_id for page in seen.at.world.state.assignments.values() if page.price}
    assert len(failed) > 3
    assert given
    assert given <= shares.keys() - failed


def test_a_page_in_no_time_sends_away_at_once(seen: Seen) -> None:
    hasty = {page.user_id for page in seen.pages("exam") if (page.submitted or 0.0) - page.created < 7}
    assert hasty
    assert seen.banned(HASTE).keys() == hasty
    assert not hasty & {page.user_id for page in seen.pages("main")}


def test_who_fails_control_tasks_gets_no_further_page(seen: Seen) -> None:
    banned = seen.banned(QUALITY)
    assert banned
    for user_id, at in banned.items():
        assert seen.share(user_id, at, "exam", "main") < 0.8
        assert max(page.created for page in seen.pages("main") if page.user_id == user_id) < at
    for page in seen.pages("main"):
        assert seen.share(page.user_id, page.created, "exam", "main") >= 0.8


def test_who_tires_of_looking_is_found_out_in_a_page_or_two(seen: Seen) -> None:
    kinds = {user_id: person.performer.kind for user_id, person in seen.at.world.state.people.items()}
    tired = Counter(page.user_id for page in seen.pages("main") if kinds[page.user_id] == "careless")
    assert tired
    assert tired.keys() <= seen.banned(QUALITY).keys()
    assert max(tired.values()) <= 2


def test_the_results_say_how_the_exam_went_and_who_was_banned_why(seen: Seen) -> None:
    shares = Counter(f"{100 * sum(seen.marks(page)) / 5:g}" for page in seen.pages("exam"))
    assert seen.examined["right"] == shares
    assert seen.examined["failed"] == shares.total() - shares["80"] - shares["100"]
    assert seen.examined["passed"] == shares["80"] + shares["100"]
    told = {(each["performer"], each["pool"], each["why"]) for each in seen.bans}
    expected = {(user_id, "exam", HASTE) for user_id in seen.banned(HASTE)}
    assert told == expected | {(user_id, "main", QUALITY) for user_id in seen.banned(QUALITY)}
    paid = Counter(page.user_id for page in seen.pages("main"))
    assert [each["paid_pages"] for each in seen.bans] == [paid[each["performer"]] for each in seen.bans]
    came = {role: len({page.user_id for page in seen.pages(role)}) for role in ("training", "exam", "main")}
    assert seen.people == {**came, "banned": len(seen.bans)}


def test_a_wrong_control_task_is_named_and_no_right_one(seen: Seen) -> None:
    (doubt,) = seen.doubts
    right = CLASSES[int(WRONG.partition(".")[0]) % 2]
    assert (doubt.key, doubt.known, doubt.said) == (WRONG, seen.known[WRONG], right)
    assert doubt.known != right
