"""People who tell classes apart: taught ones better than others, easy images better than hard ones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.labellers import Labellers
from simulator.crowd.performers import Crowd, Performer

CLASSES = ["A", "B", "C", "D"]
PROJECT = {"task_spec": {"output_spec": {"result": {"allowed_values": CLASSES}}}}
TRUTHS = {str(at): CLASSES[at % 4] for at in range(400)}
TAUGHT = tuple({"result": each} for each in CLASSES * 3)


def somebody(**chosen: Any) -> Performer:
    return replace(Crowd(performers=1, seed=5).people()[0], **{"kind": "careful", "accuracy": 0.95, **chosen})


def answered(people: Labellers, performer: Performer, keys: Sequence[str]) -> list[str]:
    return [people({"input_values": {"item": key}}, PROJECT, performer)["result"] for key in keys]


def share_right(performer: Performer, difficulty: Mapping[str, float] | None = None) -> float:
    people = Labellers(TRUTHS, difficulty)
    said = answered(people, performer, list(TRUTHS))
    return sum(each == truth for each, truth in zip(said, TRUTHS.values(), strict=True)) / len(TRUTHS)


def test_who_was_taught_is_right_more_often() -> None:
    assert share_right(somebody(taught=TAUGHT)) > 0.9
    assert 0.4 < share_right(somebody()) < 0.7
    assert share_right(somebody()) < share_right(somebody(taught=TAUGHT[:4])) < share_right(somebody(taught=TAUGHT))


def test_hard_images_are_mistaken_more_often() -> None:
    assert share_right(somebody(taught=TAUGHT), dict.fromkeys(TRUTHS, 1.0)) < 0.5


def test_mistakes_have_a_habit() -> None:
    people, performer = Labellers(TRUTHS), somebody(accuracy=0.0)
    of_a = [key for key, truth in TRUTHS.items() if truth == "A"]
    (_, most), *_ = Counter(answered(people, performer, of_a)).most_common()
    assert most > len(of_a) / 2


def test_a_cheater_says_always_the_same_and_a_guesser_anything() -> None:
    people = Labellers(TRUTHS)
    assert set(answered(people, somebody(kind="cheater"), list(TRUTHS))) == {"A"}
    counts = Counter(answered(people, somebody(kind="guesser"), list(TRUTHS)))
    assert set(counts) == set(CLASSES)
    assert max(counts.values()) < 140


def test_the_same_question_has_the_same_answer() -> None:
    people, performer = Labellers(TRUTHS), somebody(taught=TAUGHT)
    assert answered(people, performer, ["7", "8"]) == answered(people, performer, ["7", "8"])


def test_who_has_a_confusion_matrix_answers_by_it_alone() -> None:
    performer = somebody(kind="cheater")
    confusions = {performer.id: {"A": {"B": 0.3, "C": 0.2}, "D": {"A": 1.0}}}
    people = Labellers(TRUTHS, dict.fromkeys(TRUTHS, 1.0), confusions=confusions)
    said = Counter(zip(TRUTHS.values(), answered(people, performer, list(TRUTHS)), strict=True))
    assert {pair for pair in said if pair[0] in "BC"} == {("B", "B"), ("C", "C")}
    assert (said["D", "A"], said["D", "D"]) == (100, 0)
    assert 20 <= said["A", "B"] <= 40
    assert 10 <= said["A", "C"] <= 30
    assert said["A", "A"] + said["A", "B"] + said["A", "C"] == 100
