"""Control questions: how many, of which kind, and that the wrong ones are wrong and the right ones right."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.boxes import from_shapes, right
from handlers.controls import PREFIX, WAYS, Control, Known, control, due, each_due, known_from, subject, wrong

QUESTIONS = [f"page-{at}:task-{at % 7}" for at in range(4000)]
BOX = {"shape": "rectangle", "left": 0.1, "top": 0.2, "width": 0.25, "height": 0.3}
TWO = (BOX, {**BOX, "left": 0.6, "top": 0.55})
KNOWN = tuple(Known(f"{at}.png", f"https://pictures.example/{at}.png", TWO[: at % 3]) for at in range(9))


def made(share: float, known: tuple[Known, ...] = KNOWN) -> list[Control]:
    return list(each_due(known, QUESTIONS, share))


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2, 0.5])
def test_controls_are_a_share_of_all_questions(share):
    controls = len(made(share))
    assert controls / (controls + len(QUESTIONS)) == pytest.approx(share, abs=0.015)


def test_there_are_none_when_none_are_wanted_or_nothing_is_known():
    assert made(0.0) == []
    assert made(0.5, known=()) == []
    assert not due("page:task", 0.0)


def test_right_and_wrong_ones_come_in_equal_number():
    truths = Counter(each.truth for each in made(0.5))
    assert truths[True] / truths.total() == pytest.approx(0.5, abs=0.03)


def test_every_known_outline_is_used():
    images = Counter(each.image for each in made(0.5))
    assert set(images) == {each.image for each in KNOWN}
    assert max(images.values()) < 2 * min(images.values())


def test_a_right_one_shows_the_truth_and_a_wrong_one_does_not():
    truths = {each.image: from_shapes(each.shapes) for each in KNOWN}
    for each in made(0.5):
        assert right(from_shapes(each.shapes), truths[each.image], 0.7) == each.truth


def test_it_follows_from_the_question_alone():
    assert made(0.2) == made(0.2)
    assert list(each_due(KNOWN, QUESTIONS[::-1], 0.2)) == made(0.2)[::-1]
    assert control(KNOWN, "page:task-1") != control(KNOWN, "page:task-2")


def test_performers_are_sent_ids_like_any_other_and_we_know_them_again():
    like = "174876ea07--677bb9d0069a90f11c3da183"
    made = control(KNOWN, f"{like}:{like}")
    for shown in made.subject.values():
        assert re.fullmatch("174876ea07--[0-9a-f]{24}", shown)
    assert subject(*made.subject.values()) == (made.assignment_id, made.task_id)
    assert made.assignment_id.startswith(PREFIX)
    assert subject(like, like) == (like, like)
    assert subject(None, None) == (None, None)


def test_its_ids_say_nothing_and_are_its_own():
    controls = made(0.5)
    assert len({(each.assignment_id, each.task_id) for each in controls}) == len(controls)
    for each in controls:
        opaque = each.assignment_id.removeprefix(PREFIX) + each.task_id
        assert len(opaque) == 32
        assert set(opaque) <= set("0123456789abcdef")
    for at in range(31):  # no character tells right from wrong
        digits = Counter(
            int((each.assignment_id[len(PREFIX) :] + each.task_id)[at], 16) % 2 == each.truth for each in controls
        )
        assert digits[True] / digits.total() == pytest.approx(0.5, abs=0.04)


def test_an_outline_is_spoiled_in_all_ways():
    ways = Counter(len(wrong(TWO, question)) - len(TWO) for question in QUESTIONS)
    assert set(ways) == {-1, 0, 1}
    assert len(WAYS) == 3
    assert min(ways.values()) / len(QUESTIONS) == pytest.approx(1 / 3, abs=0.03)


def test_where_there_is_nothing_something_is_added():
    (added,) = wrong((), "page:task")
    assert len(from_shapes([added])) == 1


@st.composite
def shapes(draw: st.DrawFn) -> dict[str, object]:
    """A box anywhere in the picture, from one that is hardly seen to the whole picture."""
    left, top = draw(st.floats(0, 0.95)), draw(st.floats(0, 0.95))
    width, height = draw(st.floats(0.02, 1.0)), draw(st.floats(0.02, 1.0))
    return {
        "shape": "rectangle",
        "left": round(left, 4),
        "top": round(top, 4),
        "width": round(min(width, 1 - left), 4),
        "height": round(min(height, 1 - top), 4),
    }


@given(st.lists(shapes(), max_size=4), st.text("ab", max_size=12))
def test_what_was_spoiled_is_wrong_wherever_the_boxes_are(truth, question):
    """The task that verifiers are given: IoU of 0.7 for each object, and nothing besides."""
    spoiled = wrong(truth, question)
    assert not right(from_shapes(spoiled), from_shapes(truth), 0.7)
    for each in spoiled:
        assert float(each["left"]) >= 0
        assert float(each["left"]) + float(each["width"]) <= 1.0002


def test_known_outlines_are_read_from_plain_values():
    plain = [{"key": "a.png", "image": "https://pictures.example/a.png", "shapes": [BOX]}]
    assert known_from(plain) == (Known("a.png", "https://pictures.example/a.png", (BOX,)),)
