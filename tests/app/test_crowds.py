"""Simulated outliners and verifiers: right as often as they should be, and always the same."""

from dataclasses import replace
from typing import Any

import pytest

from app.boxes import Box, from_shapes, right, to_shape
from app.crowds import SegmentationPeople, UnknownProject, what_is_wrong
from simulator.crowd.performers import Crowd, Performer

OUTLINING = {"task_spec": {"output_spec": {"result": {"type": "json"}, "nothing": {"type": "boolean"}}}}
CHECKING = {"task_spec": {"output_spec": {"verdict": {"type": "string"}, "wrong": {"type": "string"}}}}
TRUTHS = {f"JPEGImages/{i}.jpg": (Box(0.1 + i / 1000, 0.2, 0.3, 0.3),) for i in range(300)} | {"none.jpg": ()}
PEOPLE = Crowd(seed=3).people()


def ask(people: SegmentationPeople, project: dict[str, Any], who: Performer, **inputs: Any) -> dict[str, Any]:
    return people({"id": "t", "pool_id": "1", "input_values": inputs}, project, who)


def address(key: str, port: int = 8000) -> str:
    return f"http://127.0.0.1:{port}/files/{key}"


def outline(people: SegmentationPeople, key: str, who: Performer, port: int = 8000) -> tuple[Box, ...]:
    answer = ask(people, OUTLINING, who, image=address(key, port))
    assert set(answer) in ({"result"}, {"nothing"})
    return from_shapes(answer.get("result"))


def vote(people: SegmentationPeople, key: str, who: Performer, found: tuple[Box, ...]) -> dict[str, Any]:
    shown = {"selection": [to_shape(box) for box in found]} if found else {"nothing": True}
    return ask(people, CHECKING, who, image=address(key), **shown)


@pytest.mark.parametrize("accuracy", [0.8, 0.5])
def test_outlines_are_right_as_often_as_they_should_be(accuracy: float) -> None:
    people = SegmentationPeople(TRUTHS, outline_accuracy=accuracy)
    answers = [(outline(people, key, PEOPLE[i % 60]), TRUTHS[key]) for i, key in enumerate(TRUTHS)]
    share = sum(right(found, truth, 0.7) for found, truth in answers) / len(answers)
    assert abs(share - accuracy) < 0.08


def test_an_image_with_nothing_is_ticked_by_the_right_and_outlined_by_the_wrong() -> None:
    assert ask(SegmentationPeople(TRUTHS, outline_accuracy=1), OUTLINING, PEOPLE[0], image="none.jpg") == {
        "nothing": True
    }
    wrong = ask(SegmentationPeople(TRUTHS, outline_accuracy=0), OUTLINING, PEOPLE[0], image="none.jpg")
    assert len(wrong["result"]) == 1


def test_answers_do_not_depend_on_the_port_and_differ_between_people() -> None:
    people = SegmentationPeople(TRUTHS, outline_accuracy=1)
    key = "JPEGImages/7.jpg"
    assert outline(people, key, PEOPLE[0]) == outline(people, key, PEOPLE[0], port=9999)
    assert outline(people, key, PEOPLE[0]) != outline(people, key, PEOPLE[1])


def says_ok(who: Performer, found_right: bool) -> float:
    """How often this person says OK, over 300 images."""
    people = SegmentationPeople(TRUTHS)
    keys = [key for key in TRUTHS if TRUTHS[key]]
    votes = [vote(people, key, who, TRUTHS[key] if found_right else ()) for key in keys]
    return sum(answer["verdict"] == "OK" for answer in votes) / len(votes)


def test_verifiers_say_the_truth_flip_a_coin_or_always_say_yes() -> None:
    careful = replace(PEOPLE[0], kind="careful", accuracy=0.9)
    assert abs(says_ok(careful, True) - 0.9) < 0.06
    assert abs(says_ok(careful, False) - 0.1) < 0.06
    careless = replace(PEOPLE[0], kind="careless")
    assert abs(says_ok(careless, True) - 0.5) < 0.1
    assert abs(says_ok(careless, False) - 0.5) < 0.1
    assert says_ok(replace(PEOPLE[0], kind="always_yes"), False) == 1


def test_a_vote_depends_on_what_is_shown_and_not_on_the_question() -> None:
    people = SegmentationPeople(TRUTHS)
    careless = replace(PEOPLE[0], kind="careless")
    key = "JPEGImages/1.jpg"
    shown = [(Box(0.1, 0.1, 0.1 + i / 100, 0.1),) for i in range(20)]
    assert len({vote(people, key, careless, found)["verdict"] for found in shown}) == 2
    assert vote(people, key, careless, shown[0]) == vote(people, key, careless, shown[0])


def test_who_knows_the_truth_says_what_is_wrong() -> None:
    a, b = Box(0.1, 0.1, 0.2, 0.2), Box(0.6, 0.6, 0.2, 0.2)
    assert what_is_wrong([a], [a, b]) == "missed"
    assert what_is_wrong([Box(0.1, 0.1, 0.12, 0.2)], [a]) == "loose"
    assert what_is_wrong([b], [a]) == "object"
    assert what_is_wrong([a, b], [a]) == "object"
    people = SegmentationPeople(TRUTHS)
    sure = replace(PEOPLE[0], kind="careful", accuracy=1.0)
    assert vote(people, "JPEGImages/1.jpg", sure, ()) == {"verdict": "BAD", "wrong": "missed"}


def test_where_nobody_knows_the_truth_the_crowd_agrees_on_one() -> None:
    people = SegmentationPeople({"a.jpg": None}, seed=4, outline_accuracy=1)
    sure = replace(PEOPLE[0], kind="careful", accuracy=1.0)
    for image in ("a.jpg", "https://example.org/b.jpg"):
        found = from_shapes(ask(people, OUTLINING, PEOPLE[1], image=image)["result"])
        shown = [to_shape(box) for box in found]
        assert ask(people, CHECKING, sure, image=image, selection=shown) == {"verdict": "OK"}


def test_another_kind_of_task_is_refused_by_its_fields() -> None:
    with pytest.raises(UnknownProject, match="label"):
        ask(SegmentationPeople({}), {"task_spec": {"output_spec": {"label": {}}}}, PEOPLE[0], image="x")
