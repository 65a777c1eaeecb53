import pytest
from records import answer, running

from handlers.actions import Accept, Appeal, Ask, Close, Hold, Learn, MoreVotes, Open, Publish, Recall, Reject
from handlers.controls import Control
from handlers.pipeline import Buffer
from handlers.recording import record
from store.records import NewDecision

NOW = 1000.0
RUN = running(Buffer(10, 600.0))


def test_an_acceptance_takes_the_pages_verdict():
    assert record(Accept("page", "3 OK", ("task-2",)), RUN, "102", NOW) == NewDecision(
        "verdict:page", "accept", "102", {"anew": ["task-2"]}, assignment_id="page", reason="3 OK"
    )


def test_a_refusal_takes_the_same_verdict():
    assert record(Reject("page", "too loose", "4 BAD"), RUN, "102", NOW) == NewDecision(
        "verdict:page", "reject", "102", {"comment": "too loose"}, assignment_id="page", reason="4 BAD"
    )


def test_a_hold_leaves_the_verdict_free():
    assert record(Hold("page", 7, "a tie"), RUN, "102", NOW) == NewDecision(
        "hold:page:7", "hold", "102", {"proposal": ""}, assignment_id="page", reason="a tie"
    )


def test_a_proposed_refusal_keeps_what_its_performer_would_be_told():
    assert record(Hold("page", 4, "4 BAD", "too loose"), RUN, "102", NOW).payload == {"proposal": "too loose"}


def test_a_late_refusal_waits_an_hour_at_least_and_never_past_its_deadline():
    assert record(Reject("page", "too loose", late=9e9), RUN, "102", NOW) == NewDecision(
        "verdict:page",
        "reject",
        "102",
        {"comment": "too loose", "late": 9e9},
        assignment_id="page",
        due_at=NOW + 3600.0,
        buffer="refusals",
    )
    assert record(Reject("page", "too loose", late=NOW + 60.0), RUN, "102", NOW).due_at == NOW + 60.0


@pytest.mark.parametrize("verdict", [Accept("page", by="eve"), Reject("page", "too loose", by="eve")])
def test_a_verdict_says_which_person_gave_it(verdict):
    decision = record(verdict, RUN, "102", NOW)
    assert (decision.payload["by"], decision.buffer, decision.due_at) == ("eve", None, None)


def test_what_takes_a_refusal_back_has_a_key_of_its_own():
    assert record(Recall("page", "eve: it is right", 4), RUN, "101", NOW) == NewDecision(
        "recall:page:4", "recall", "101", {}, assignment_id="page", reason="eve: it is right"
    )
    assert record(Appeal("page", "eve", 1, "sorry", "it is right"), RUN, "101", NOW) == NewDecision(
        "appeal:page:1", "appeal", "101", {"by": "eve", "comment": "sorry"}, assignment_id="page", reason="it is right"
    )


def test_a_control_question_keeps_its_truth_and_what_it_claims_to_be_about():
    control = Control("control:1", "task", "a.png", (), truth=False)
    decision = record(Ask("checks", "control:1:task:0", {}, control=control), RUN, "101", NOW)
    assert (decision.assignment_id, decision.task_id, decision.payload["truth"]) == ("control:1", "task", False)


def test_a_question_belongs_to_the_pool_it_is_asked_in_and_waits_there():
    ask = Ask("checks", "page:task:0", {"question": "?"}, 3, answer(), ("ann",), 0)
    assert record(ask, RUN, "101", NOW) == NewDecision(
        key="ask:102:page:task:0",
        kind="ask",
        lane="102",
        payload={"input": {"question": "?"}, "overlap": 3, "unavailable_for": ["ann"], "generation": 0},
        assignment_id="page",
        task_id="task",
        due_at=NOW + 600.0,
        buffer="102",
        places=3,
    )


def test_work_asked_for_has_no_subject_and_waits_for_nothing_where_there_is_no_buffer():
    decision = record(Ask("work", "a.png:1", {"question": "?"}, generation=1), RUN, "101", NOW)
    assert (decision.key, decision.assignment_id, decision.task_id) == ("ask:101:a.png:1", None, None)
    assert (decision.due_at, decision.payload["generation"]) == (NOW, 1)


def test_more_votes_are_keyed_by_the_overlap_wanted():
    assert record(MoreVotes("checks", "question-1", 4, "a tie"), RUN, "102", NOW) == NewDecision(
        "votes:question-1:4",
        "votes",
        "102",
        {"task_id": "question-1", "overlap": 4},
        task_id="question-1",
        due_at=NOW + 600.0,
        buffer="102",
        reason="a tie",
        places=1,
    )


def test_a_pool_is_opened_when_its_run_may_spend():
    opened = NewDecision("open:101:x", "open", "101", {"pool": "work"}, due_at=0.0, buffer="101")
    assert record(Open("work", "x"), RUN, "102", NOW) == opened


@pytest.mark.parametrize(("action", "kind"), [(Close("work", "x"), "close"), (Publish("work", "x"), "publish")])
def test_what_happens_to_a_pool_is_keyed_by_its_occasion(action, kind):
    assert record(action, RUN, "102", NOW) == NewDecision(f"{kind}:101:x", kind, "101", {"pool": "work"})


@pytest.mark.parametrize("action", [Learn(), "accept", None])
def test_what_is_no_action_cannot_be_recorded(action):
    with pytest.raises(TypeError, match="is not an action"):
        record(action, RUN, "101", NOW)


def test_an_unknown_pool_cannot_be_asked():
    with pytest.raises(KeyError, match="nowhere"):
        record(Ask("nowhere", "a:0", {}), RUN, "101", NOW)
