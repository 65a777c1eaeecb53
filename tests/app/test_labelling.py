"""A control task whose known answer is wrong is found: by those who are right about the others."""

from app.labelling import doubts

KNOWN = {"c1": "A", "c2": "B", "c3": "A", "c4": "B"}
KEYS = {task: f"{task}.jpg" for task in KNOWN}
CAREFUL = ("ann", "bob", "cid")


def answers(user: str, **said: str) -> list[tuple[str, str, str]]:
    return [(task, user, said.get(task, label)) for task, label in KNOWN.items()]


def test_a_wrong_control_task_is_named_with_what_people_say() -> None:
    (doubt,) = doubts([each for user in CAREFUL for each in answers(user, c3="B")], KNOWN, KEYS)
    assert (doubt.key, doubt.known, doubt.said, doubt.right, doubt.asked) == ("c3.jpg", "A", "B", 0, 3)


def test_a_control_task_that_people_take_for_different_things_is_named_with_the_most_frequent() -> None:
    said = [each for user, label in zip("abcdef", "AABBCB", strict=True) for each in answers(user, c3=label)]
    (doubt,) = doubts(said, KNOWN, KEYS)
    assert (doubt.known, doubt.said, doubt.right, doubt.asked) == ("A", "B", 2, 6)
    assert str(doubt) == "is c3.jpg really A? 4 of 6 good performers say otherwise, most B"


def test_who_is_wrong_about_everything_doubts_nothing() -> None:
    wrong = [each for user in CAREFUL for each in answers(user, c1="B", c2="A", c3="B", c4="A")]
    assert list(doubts(wrong, KNOWN, KEYS)) == []


def test_two_people_are_too_few_to_doubt() -> None:
    assert list(doubts([each for user in CAREFUL[:2] for each in answers(user, c3="B")], KNOWN, KEYS)) == []


def test_a_control_task_that_most_good_people_get_right_is_not_doubted() -> None:
    said = [*answers("ann", c3="B"), *answers("bob"), *answers("cid")]
    assert list(doubts(said, KNOWN, KEYS)) == []
