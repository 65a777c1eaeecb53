import subprocess
import sys

import pytest
from records import answer

from handlers import Accept, Buffer, Context, Pipeline
from handlers.actions import Close, MoreVotes, Open, Publish, Reject
from handlers.controls import Control
from handlers.pipeline import WrongPipeline
from store.records import Question


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline("small")


def accept(ctx: Context):
    """Pay for everything."""
    yield Accept(ctx.event.assignment_id or "")


DECORATORS = {
    "on_added": ["ITEMS_ADDED"],
    "on_submitted": ["ASSIGNMENT_SUBMITTED"],
    "on_answered": ["ASSIGNMENT_SUBMITTED", "ASSIGNMENT_APPROVED"],
    "on_reviewed": ["ASSIGNMENT_APPROVED", "ASSIGNMENT_REJECTED"],
    "on_closed": ["POOL_CLOSED"],
}


@pytest.mark.parametrize("decorator", DECORATORS)
def test_a_decorator_registers_the_function_and_returns_it_untouched(pipeline, decorator):
    work = pipeline.pool("work")
    assert getattr(work, decorator)(accept) is accept
    assert {kind for role, kind in pipeline.handlers if role == "work"} == set(DECORATORS[decorator])
    for kind in DECORATORS[decorator]:
        assert pipeline.handler("work", kind, "accept") is accept


def test_several_handlers_may_listen_to_one_event_in_the_order_of_the_file(pipeline):
    work = pipeline.pool("work")

    @work.on_submitted
    def look(ctx):
        """Look at it."""
        return []

    work.on_submitted(accept)
    assert pipeline.handlers["work", "ASSIGNMENT_SUBMITTED"] == [look, accept]


def test_a_handler_that_does_not_exist_is_none(pipeline):
    pipeline.pool("work").on_submitted(accept)
    assert pipeline.handler("work", "ASSIGNMENT_SUBMITTED", "gone") is None
    assert pipeline.handler("work", "POOL_CLOSED", "accept") is None


def test_what_is_subscribed_is_what_the_platform_can_tell(pipeline):
    work, checks = pipeline.pool("work"), pipeline.pool("checks")
    work.on_added(accept)
    work.on_reviewed(accept)
    checks.on_closed(accept)
    assert pipeline.event_types("work") == ["ASSIGNMENT_APPROVED", "ASSIGNMENT_REJECTED"]
    assert pipeline.event_types("checks") == ["POOL_CLOSED"]


def test_a_role_is_declared_once(pipeline):
    pipeline.pool("work")
    with pytest.raises(WrongPipeline, match="'work' twice"):
        pipeline.pool("work")


def test_a_handler_listens_to_an_event_once(pipeline):
    work = pipeline.pool("work")
    work.on_submitted(accept)
    with pytest.raises(WrongPipeline, match="accept listens to work ASSIGNMENT_SUBMITTED twice"):
        work.on_answered(accept)


@pytest.mark.parametrize("docstring", [None, "", "  \n "])
def test_a_handler_says_what_it_does(pipeline, docstring):
    def silent(ctx):
        return []

    silent.__doc__ = docstring
    with pytest.raises(WrongPipeline, match="silent needs a docstring"):
        pipeline.pool("work").on_submitted(silent)
    assert pipeline.handlers == {}


def test_a_question_names_its_subject_and_is_never_shown_to_its_author(pipeline):
    checks = pipeline.pool("checks")
    subject = answer("page-1", "task-1")
    ask = checks.ask(about=subject, author="ann", unavailable_for=["eve"], overlap=3, image="a.png")
    assert (ask.pool, ask.key, ask.about, ask.overlap) == ("checks", "page-1:task-1:0", subject, 3)
    assert ask.input == {"image": "a.png", "assignment_id": "page-1", "task_id": "task-1"}
    assert ask.unavailable_for == ("ann", "eve")


def test_a_question_about_nobodys_work_is_refused(pipeline):
    with pytest.raises(ValueError, match="author"):
        pipeline.pool("checks").ask(about=answer(), image="a.png")


def test_work_is_asked_for_under_a_key(pipeline):
    ask = pipeline.pool("work").ask(key="a.png", image="a.png")
    assert (ask.key, ask.input, ask.overlap, ask.about, ask.unavailable_for) == (
        "a.png:0",
        {"image": "a.png"},
        1,
        None,
        (),
    )


def test_work_without_a_key_is_refused(pipeline):
    with pytest.raises(ValueError, match="key"):
        pipeline.pool("work").ask(image="a.png")


def test_a_further_round_is_another_generation(pipeline):
    work = pipeline.pool("work")
    first, second = (work.ask(key="a.png", generation=each, image="a.png") for each in (0, 1))
    assert (first.key, second.key) == ("a.png:0", "a.png:1")
    assert second.generation == 1


def test_a_pool_makes_actions_about_itself(pipeline):
    work = pipeline.pool("work", buffer=Buffer(10, 600.0))
    assert work.buffer == Buffer(10, 600.0)
    question = Question("question", "page", "task", 0, 3, "key")
    assert work.more_votes(question, "a tie") == MoreVotes("work", "question", 4, "a tie", "page")
    assert work.open("today") == Open("work", "today")
    assert work.close("today") == Close("work", "today")
    assert work.publish("today") == Publish("work", "today")


def test_a_question_that_is_not_there_yet_gets_no_more_votes(pipeline):
    with pytest.raises(ValueError, match="not asked yet"):
        pipeline.pool("work").more_votes(Question(None, "page", "task", 0, 3, "key"))


def test_a_control_question_looks_like_one_about_an_answer(pipeline):
    control = Control("control:1", "task-1", "a.png", (), truth=False)
    ask = pipeline.pool("checks").ask(control=control, overlap=2, image="a.png")
    assert ask.input == {"image": "a.png", "assignment_id": "control:1", "task_id": "task-1"}
    assert (ask.key, ask.about, ask.control, ask.unavailable_for) == ("control:1:task-1:0", None, control, ())


@pytest.mark.parametrize("comment", ["", " \n"])
def test_a_refusal_without_a_comment_cannot_be_said(comment):
    with pytest.raises(ValueError, match="right to know why"):
        Reject("page", comment)


def test_authors_import_without_waiting_for_the_kit():
    look = "import sys, handlers; print(sorted({'toloka', 'pandas', 'crowdkit', 'boto3'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
