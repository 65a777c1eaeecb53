"""Which known examples teach, examine and watch: balanced, apart from each other and from what is to be labelled."""

from collections import Counter
from itertools import combinations

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.allotment import CONTROL, EXAM, REAL, TRAINING, Allotment, Numbers, TooFewKnown, allot, numbers_for
from app.examples import Example, LeftOut
from handlers.classification_budget import supply_of
from handlers.classification_settings import settings

CLASSES = "ABCD"
KNOWN = (TRAINING, EXAM, CONTROL)


def known(**counts: int) -> list[Example]:
    return [
        Example(f"{label}/{at}.png", url=f"https://example.org/{label}{at}", label=label, digest=f"{label}{at}")
        for label, count in counts.items()
        for at in range(count)
    ]


def by_class(made: Allotment, purpose: str) -> dict[str | None, int]:
    return dict(sorted(Counter(each.label for each in made.of(purpose)).items()))


def test_each_sort_has_its_number_with_the_classes_alike() -> None:
    made = allot(known(A=30, B=30, C=30, D=30), None, Numbers())
    assert by_class(made, TRAINING) == by_class(made, EXAM) == dict.fromkeys(CLASSES, 4)
    assert by_class(made, CONTROL) == dict.fromkeys(CLASSES, 10)
    assert by_class(made, REAL) == dict.fromkeys(CLASSES, 12)


@hypothesis.settings(deadline=None)  # a busy machine is no error
@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=5),
    st.tuples(st.integers(0, 16), st.integers(0, 16), st.integers(0, 40)),
    st.integers(0, 3),
)
def test_no_content_has_two_purposes_whatever_there_is(
    counts: list[int], numbers: tuple[int, int, int], seed: int
) -> None:
    there = known(**dict(zip("ABCDE", counts, strict=False)))
    if sum(numbers) > len(there):
        with pytest.raises(TooFewKnown, match=f"{len(there)} are there"):
            allot(there, None, Numbers(*numbers), seed)
        return
    made = allot(there, None, Numbers(*numbers), seed)
    assert tuple(len(made.of(purpose)) for purpose in KNOWN) == numbers
    contents = [{each.digest for each in made.of(purpose)} for purpose in (*KNOWN, REAL)]
    assert all(not a & b for a, b in combinations(contents, 2))
    assert set.union(*contents) == {each.digest for each in there}


def test_a_rare_class_is_in_each_sort_before_any_has_it_twice() -> None:
    made = allot(known(A=3, B=50, C=50), None, Numbers())
    assert [by_class(made, purpose)["A"] for purpose in KNOWN] == [1, 1, 1]
    two = allot(known(A=2, B=50, C=50), None, Numbers())
    assert [by_class(two, purpose).get("A", 0) for purpose in (CONTROL, TRAINING, EXAM)] == [1, 1, 0]


def test_the_draw_depends_on_content_and_seed_and_not_on_order_or_names() -> None:
    there = known(A=30, B=30)
    renamed = [Example(f"other/{each.key}", label=each.label, digest=each.digest) for each in reversed(there)]

    def drawn(examples: list[Example], seed: int) -> list[list[str]]:
        made = allot(examples, None, Numbers(4, 4, 8), seed)
        return [[each.digest for each in made.of(purpose)] for purpose in KNOWN]

    assert drawn(there, 1) == drawn(renamed, 1)
    assert drawn(there, 1) != drawn(there, 2)


def test_what_is_to_be_labelled_and_known_is_a_known_task_alone() -> None:
    there = known(A=2, B=2)
    real = [Example("x.png", digest="A0"), Example("y.png", digest="other"), Example("z.png", digest="B1")]
    made = allot(there, real, Numbers(0, 0, 4))
    assert [each.key for each in made.of(REAL)] == ["y.png"]
    assert made.left_out == (
        LeftOut("x.png", "its class is known (A): it is used for control"),
        LeftOut("z.png", "its class is known (B): it is used for control"),
    )
    assert {each.key for each in made.of(CONTROL)} == {f"known:{each.key}" for each in there}


def test_a_known_image_that_is_not_drawn_may_be_labelled() -> None:
    made = allot(known(A=2), [Example("x.png", digest="A0"), Example("y.png", digest="A1")], Numbers(0, 0, 1))
    assert len(made.of(REAL)) == len(made.left_out) == 1


def test_the_rest_may_be_limited_and_is_not_one_class_alone() -> None:
    made = allot(known(A=40, B=40), None, Numbers(2, 2, 2), limit=20)
    assert sum(by_class(made, REAL).values()) == 20
    assert set(by_class(made, REAL)) == {"A", "B"}
    assert [each.key for each in made.of(REAL)] == sorted(each.key for each in made.of(REAL))
    assert made.truths == {each.key: each.label for each in made.of(REAL)}


def test_items_tell_the_class_of_known_tasks_and_of_no_other() -> None:
    made = allot(known(A=3, B=3), None, Numbers(1, 1, 2))
    items = [task.item(f"https://here/{task.example.digest}") for task in made.tasks]
    assert Counter(item["for"] for item in items) == {TRAINING: 1, EXAM: 1, CONTROL: 2, REAL: 2}
    assert all(("label" in item) == (item["for"] != REAL) for item in items)
    supply = supply_of(items)
    assert (supply.real, supply.training, supply.exam, supply.controls, supply.classes) == (
        2,
        1,
        1,
        2,
        {"A": 1, "B": 1},
    )


def test_without_another_address_an_item_has_its_own_or_its_text() -> None:
    made = allot(
        [], [Example("u", url="https://u", digest="1"), Example("t", text="Hello", digest="2")], Numbers(0, 0, 0)
    )
    assert [task.item() for task in made.tasks] == [
        {"key": "t", "url": "Hello", "for": "main"},
        {"key": "u", "url": "https://u", "for": "main"},
    ]


@pytest.mark.parametrize(
    ("there", "alone", "numbers"),
    [
        (1000, True, Numbers(16, 16, 40)),
        (144, True, Numbers(16, 16, 40)),
        (72, False, Numbers(16, 16, 40)),
        (71, False, Numbers(16, 15, 40)),
        (72, True, Numbers(6, 15, 15)),
        (40, False, Numbers(7, 15, 18)),
        (10, False, Numbers(0, 10, 0)),
        (0, True, Numbers(0, 0, 0)),
    ],
)
def test_numbers_fit_what_is_there_and_the_exam_has_its_page_first(there: int, alone: bool, numbers: Numbers) -> None:
    assert numbers_for(settings(), there, alone=alone) == numbers


def test_numbers_follow_the_pages_of_the_settings() -> None:
    chosen = settings(training_page=4, exam_page=5, control_tasks=1)
    assert numbers_for(chosen, 500, alone=True) == Numbers(5, 6, 20)
