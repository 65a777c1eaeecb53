"""Short ways to say what a handler is shown, and how verifiers vote."""

from collections.abc import Sequence
from typing import Any

from handlers import Answer, Asked, Context, GivenVote, Page, PoolState, Subject
from handlers.pipelines.image_segmentation import settings
from store.records import Decision, DecisionState, Event, Question, Standing

BOX = {"shape": "rectangle", "left": 0.1, "top": 0.1, "width": 0.2, "height": 0.2}
OK: dict[str, Any] = {"verdict": "OK"}


def bad(why: str) -> dict[str, Any]:
    return {"verdict": "BAD", "wrong": why}


def outline(at: int = 0, *, round: int = 1, output: Any = None, kept_from: Sequence[str] = ()) -> Answer:
    """An outline of picture `at` on page "page"."""
    inputs = {"image": f"{at}.png", "item": f"item-{at}", "round": round}
    shown = {"result": [BOX]} if output is None else output
    return Answer("page", f"task-{at}", at, inputs, shown, tuple(kept_from))


def page(*answers: Answer, status: str = "SUBMITTED") -> Page:
    return Page("page", "outlining", "ann", status, 0.01, 1.0, 2.0, None, answers or (outline(),))


def voted(answer: Answer, *votes: Any, overlap: int | None = None, standing: Standing | None = None) -> Asked:
    """An outline with the votes of bob-0, bob-1, …; by default all that were asked for are in."""
    question = Question(f"question-{answer.position}", "page", answer.task_id, 0, overlap or len(votes), "key")
    given = tuple(GivenVote(f"bob-{at}", vote, standing or Standing(f"bob-{at}")) for at, vote in enumerate(votes))
    return Asked(answer, question, given)


def subject(*asked: Asked, status: str = "SUBMITTED", verdict: Decision | None = None) -> Subject:
    return Subject(page(*(each.answer for each in asked), status=status), asked, verdict)


def verdict(kind: str, **payload: Any) -> Decision:
    """A verdict on the page that was taken and carried out."""
    return Decision(
        id=1,
        key="verdict:page",
        kind=kind,
        lane="checking",
        payload=payload,
        state=DecisionState.DONE,
        assignment_id="page",
        task_id=None,
        due_at=None,
        buffer=None,
        reason="",
        event_seq=1,
        handler="settle",
        pipeline="image-segmentation",
        run="test",
        call_id=None,
        sends=1,
        decided_at=3.0,
        decided_at_machine=3.0,
        settled_at_machine=4.0,
        result={},
    )


def context(kind: str, *, chosen: dict[str, Any] | None = None, **shown: Any) -> Context:
    """What a handler sees of an event; `chosen` are settings."""
    payload = shown.pop("payload", {})
    event = Event("uuid", kind, "pool", 5.0, assignment_id="page", payload=payload)
    return Context(event, settings(**(chosen or {})), payload=payload, **shown)


def closed(status: str = "CLOSED", started: float = 7.0) -> PoolState:
    return PoolState("outlining", status, "COMPLETED", started, 8.0)
