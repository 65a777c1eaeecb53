"""What a person asks of an assignment, found in what is known of it."""

from dataclasses import replace
from typing import Any

import pytest

from store.assignments import AssignmentFile
from store.records import Answer, Attempt, Decision, DecisionState, Event, Page
from webhooks.story import reason_for, story

NOTHING = AssignmentFile("a-1", None, (), (), (), ())


def decision(id: int, kind: str, task_id: str | None = None, **more: Any) -> Decision:
    fields = {"key": f"{kind}:{id}", "lane": "41", "payload": {}, "state": DecisionState.DONE, "assignment_id": "a-1"}
    made = {"due_at": None, "buffer": None, "reason": "", "event_seq": 1, "handler": "settle", "pipeline": "p"}
    done = {"run": "r", "call_id": None, "sends": 1, "decided_at": 1.0, "decided_at_machine": 1.0}
    rest = {"settled_at_machine": None, "result": {}}
    return Decision(id=id, kind=kind, task_id=task_id, **(fields | made | done | rest | more))


def ask(id: int, task_id: str, overlap: int = 2, **more: Any) -> Decision:
    return decision(id, "ask", task_id, payload={"overlap": overlap} | more, result={"task_id": f"q{id}"})


def raised(id: int, question: str, overlap: int, **more: Any) -> Decision:
    return decision(id, "votes", question, payload={"overlap": overlap}, assignment_id=None, **more)


def page(assignment_id: str, *answers: Answer) -> Page:
    return Page(assignment_id, "41", "ann", "SUBMITTED", 0.05, 1.0, 2.0, None, answers)


def vote(task_id: str, **output: str) -> tuple[Page, Answer]:
    given = Answer("v", "q", 0, {}, output, subject_assignment_id="a-1", subject_task_id=task_id)
    return page("v", given), given


TWO = page("a-1", Answer("a-1", "t1", 0, {}, {}), Answer("a-1", "t2", 1, {}, {}))


def test_each_task_has_its_number_its_votes_and_how_many_are_wanted() -> None:
    asking = (ask(1, "t2"), ask(2, "t1", 3), raised(3, "q1", 3), raised(4, "q1", 4), raised(5, "q9", 7))
    votes = (vote("t2", verdict="BAD"), vote("t1", verdict="OK"), vote("t2", verdict="BAD"), vote("t2", verdict="OK"))
    told = story(replace(NOTHING, page=TWO, decisions=asking, votes=votes))
    assert [(task.number, task.task_id, len(task.votes), task.wanted) for task in told.tasks] == [
        (1, "t1", 1, 3),
        (2, "t2", 3, 4),
    ]
    assert [list(task.tally.items()) for task in told.tasks] == [[("OK", 1)], [("BAD", 2), ("OK", 1)]]
    assert (told.decisions, told.asking) == ((), asking)


def test_what_is_not_in_force_wants_no_votes() -> None:
    failed = replace(ask(1, "t1"), state=DecisionState.FAILED)
    again = (ask(2, "t1"), raised(3, "q2", 5, state=DecisionState.SUPERSEDED))
    told = story(replace(NOTHING, page=TWO, decisions=(failed, *again)))
    assert [task.wanted for task in told.tasks] == [2, 0]


def test_a_vote_without_a_verdict_is_shown_and_not_counted() -> None:
    (task, _) = story(replace(NOTHING, page=TWO, votes=(vote("t1", mood="good"),))).tasks
    assert (len(task.votes), task.tally) == (1, {})


def test_tasks_that_were_paid_for_and_are_no_results_say_so() -> None:
    paid = decision(2, "accept", payload={"anew": ["t2"]})
    assert [task.anew for task in story(replace(NOTHING, page=TWO, decisions=(paid,))).tasks] == [False, True]
    overruled = (paid, decision(3, "hold"))
    assert not any(task.anew for task in story(replace(NOTHING, page=TWO, decisions=overruled)).tasks)


def test_a_control_question_tells_its_truth_and_is_nobodys_work() -> None:
    told = story(replace(NOTHING, decisions=(ask(1, "c1", truth=False),), votes=(vote("c1", verdict="BAD"),)))
    assert (told.is_control, [(task.task_id, task.truth, task.answer) for task in told.tasks]) == (
        True,
        [("c1", False, None)],
    )
    assert not story(replace(NOTHING, page=TWO, decisions=(ask(1, "t1"),))).is_control


def test_an_assignment_that_was_only_asked_about_has_the_tasks_that_were_asked_about() -> None:
    told = story(replace(NOTHING, decisions=(ask(1, "t2"),), votes=(vote("t9", verdict="OK"),)))
    assert [(task.number, task.task_id) for task in told.tasks] == [(1, "t2"), (2, "t9")]


def test_the_tries_of_a_decision_are_its_own_and_its_calls() -> None:
    own, of_call = Attempt(1, None, 1.0, ""), Attempt(None, 7, 2.0, "")
    file = replace(NOTHING, attempts=(own, of_call, Attempt(2, None, 3.0, ""), Attempt(None, 8, 4.0, "")))
    assert story(file).tries(decision(1, "ask", call_id=7)) == (own, of_call)
    assert story(file).tries(decision(3, "accept")) == ()


@pytest.mark.parametrize(
    ("happened", "expected"),
    [("ASSIGNMENT_REJECTED", 3), ("ASSIGNMENT_APPROVED", 5), ("ASSIGNMENT_SUBMITTED", 5), ("PERSON_DECIDED", 5)],
)
def test_an_events_reason_is_the_decision_that_it_shows_the_effect_of(happened: str, expected: int) -> None:
    decisions = (
        decision(1, "hold"),
        decision(2, "reject", state=DecisionState.RECALLED),
        decision(3, "reject"),
        decision(4, "accept", state=DecisionState.SUPERSEDED),
        decision(5, "appeal"),
    )
    reason = reason_for(Event("u", happened, "41", 1.0), replace(NOTHING, decisions=decisions))
    assert reason is not None
    assert reason.id == expected


def test_what_the_platform_did_by_itself_has_no_reason_of_ours() -> None:
    held = replace(NOTHING, decisions=(decision(1, "hold"),))
    assert reason_for(Event("u", "ASSIGNMENT_APPROVED", "41", 1.0), held) is None
    assert reason_for(Event("u", "ASSIGNMENT_REJECTED", "41", 1.0), NOTHING) is None
