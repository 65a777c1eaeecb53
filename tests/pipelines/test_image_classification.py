"""What the classification decides: what is asked, and what follows when its main pool closes, for each reason."""

from dataclasses import replace
from typing import Any

import pytest

from handlers import Aggregate, Ask, Close, Open, PoolState, Publish
from handlers.actions import Action
from handlers.context import Context
from handlers.pipelines import image_classification as pipeline
from handlers.pipelines.image_classification import settings
from store.records import Event

CLASSES = [{"value": "CAT", "hint": "It purrs."}, {"value": "DOG", "hint": "It barks."}]
STARTED = 1_700_000_000.0
CLOSED = [Close("training", str(STARTED)), Close("exam", str(STARTED))]
ENDS = ("EXPIRED", "MANUAL", "ASSIGNMENTS_LIMIT_EXCEEDED", "BLOCKED")


def context(payload: Any = None, pool: PoolState | None = None, **chosen: Any) -> Context:
    event = Event("uuid", "some", "main", 5.0)
    return Context(event, settings(classes=CLASSES, **chosen), pool=pool, payload=payload or {})


def asked(**item: str) -> Ask:
    """What is asked about one image."""
    given = {"key": "a.png", "url": "https://pictures.example/a.png", **item}
    (only,) = [each for each in pipeline.put_to_work(context({"items": [given]}, overlap=7)) if isinstance(each, Ask)]
    return only


def closed(reason: str | None, status: str = "CLOSED", **chosen: Any) -> list[Action]:
    pool = PoolState("main", status, reason, STARTED, STARTED + 60)
    return list(pipeline.finish(context(pool=pool, **chosen)))


# what is asked


def test_an_image_is_asked_of_several_and_its_class_is_not_told():
    ask = asked()
    assert (ask.pool, ask.key, ask.overlap, ask.solution, ask.hint) == ("main", "a.png:0", 7, None, "")
    assert ask.input == {"image": "https://pictures.example/a.png", "item": "a.png"}


@pytest.mark.parametrize(
    ("purpose", "pool", "hint"),
    [("training", "training", "DOG: It barks."), ("exam", "exam", ""), ("control", "main", "")],
)
def test_a_known_image_is_asked_of_everybody_with_its_answer_and_in_the_training_a_hint(purpose, pool, hint):
    ask = asked(**{"for": purpose, "label": "DOG"})
    assert (ask.pool, ask.key, ask.overlap, ask.hint) == (pool, f"{purpose}:a.png:0", None, hint)
    assert ask.solution == {"result": "DOG"}


def test_nothing_in_a_control_task_tells_it_from_a_real_one():
    assert asked(**{"for": "control", "label": "DOG"}).input == asked().input


def test_training_and_exam_are_opened_once_for_what_was_added():
    opened = [each for each in pipeline.put_to_work(context({"items": []})) if isinstance(each, Open)]
    assert opened == [Open("training", "uuid"), Open("exam", "uuid")]


# what follows when the main pool closes


def test_when_all_work_is_done_training_and_exam_are_closed_and_labels_made():
    *others, made = closed("COMPLETED", method="MajorityVote", without_banned=True)
    assert others == CLOSED
    assert made == Aggregate("main", str(STARTED), "MajorityVote", "result", without_banned=True)


@pytest.mark.parametrize("reason", ENDS)
def test_ended_otherwise_training_and_exam_are_closed_and_nothing_is_made(reason):
    assert closed(reason) == CLOSED


@pytest.mark.parametrize("reason", ["NOT_ENOUGH_BALANCE", "FOR_UPDATE"])
def test_without_money_or_for_an_update_everything_stays_as_it_is(reason):
    assert closed(reason) == []


@pytest.mark.parametrize("reason", ["COMPLETED", "NOT_ENOUGH_BALANCE", *ENDS])
def test_archived_by_hand_the_work_is_over_and_labels_are_made_if_it_was_done(reason):
    assert closed(reason, "ARCHIVED")[:2] == CLOSED
    assert len(closed(reason, "ARCHIVED")) == (3 if reason == "COMPLETED" else 2)


def test_complete_but_for_tasks_that_wait_to_be_asked_the_work_goes_on():
    complete = PoolState("main", "CLOSED", "COMPLETED", STARTED, STARTED + 60)
    assert list(pipeline.finish(replace(context(pool=complete), waiting=1))) == []


@pytest.mark.parametrize("status", ["OPEN", "LOCKED"])
def test_a_pool_that_is_open_again_or_locked_for_a_while_ends_nothing(status):
    assert closed("COMPLETED", status) == []


def test_labels_are_published_when_they_are_made():
    assert list(pipeline.publish_labels(context({"occasion": str(STARTED)}))) == [Publish("main", str(STARTED))]


def test_what_was_answered_is_only_kept():
    assert list(pipeline.keep(context())) == []
