from dataclasses import replace

import pytest

from simulator.crowd.performers import Crowd, answers_by_spec
from simulator.crowd.saying import any_of, choice, confused

OPTIONS = ("A", "B", "C")


@pytest.mark.parametrize(
    ("kind", "draws", "answer"),
    [
        ("careful", {"right": 0.69}, "B"),
        ("careful", {"right": 0.71, "habit": 0.74, "takes it for": 0.9}, "C"),
        ("careful", {"right": 0.71, "habit": 0.76, "errs": 0.1}, "A"),
        ("guesser", {"guess": 0.99}, "C"),
        ("cheater", {}, "A"),
        ("always_yes", {}, "A"),
        ("always_no", {}, "C"),
    ],
)
def test_what_is_said_follows_from_the_kind_the_chance_and_the_draws(kind, draws, answer):
    assert choice(kind, "B", OPTIONS, 0.7, draws.__getitem__) == answer


def test_a_confused_person_says_what_the_chances_say_and_else_the_truth():
    confusion = {"A": 0.2, "C": 0.3}
    assert [confused(confusion, "B", OPTIONS, chance) for chance in (0.1, 0.3, 0.6)] == ["A", "C", "B"]
    assert confused({"1": 1.0}, 2, (1, 2), 0.5) == 1


def test_any_option_falls_to_a_chance():
    assert [any_of(OPTIONS, chance) for chance in (0.0, 0.5, 0.99)] == ["A", "B", "C"]


def test_of_the_same_thing_somebody_says_the_same():
    who = Crowd(accuracy=0.5).people()[0]
    assert who.says("A", OPTIONS, "cell-1") == who.says("A", OPTIONS, "cell-1")
    said = [who.says("A", OPTIONS, number) for number in range(400)]
    assert 160 < said.count("A") < 240
    wrong = [each for each in said if each != "A"]
    assert max(wrong.count("B"), wrong.count("C")) > 0.75 * len(wrong)


def test_what_the_requester_said_of_free_texts_and_numbers_is_known_too():
    spec = {"text": {"type": "string"}, "sure": {"type": "boolean", "required": False}}
    asked, shown = {"id": "t", "pool_id": "1", "input_values": {}}, {"task_spec": {"output_spec": spec}}
    sure, unsure = (
        replace(Crowd().people()[0], accuracy=accuracy, truth={"text": "Paris", "sure": False})
        for accuracy in (1.0, 0.0)
    )
    assert answers_by_spec(asked, shown, sure) == {"text": "Paris", "sure": False}
    other = answers_by_spec(asked, shown, unsure)
    assert (other["sure"], other["text"] != "Paris") == (True, True)
    assert set(answers_by_spec(asked, shown, replace(Crowd().people()[0], kind="cheater"))) == {"text"}
