"""Whether a classification can end and how many pages it takes: with an exam, without, and with overlaps of its own."""

import pytest

from handlers.classification_budget import Supply, check_items, estimate, feasible, supply_of, warnings
from handlers.classification_settings import BadSettings, settings

EXAMINED = settings(overlap=3, real_tasks=4)
OPEN = settings(overlap=3, real_tasks=4, examined=False, control_tasks=0)


def known(purpose: str, number: int) -> list[dict[str, object]]:
    return [{"key": f"{purpose}-{at}", "for": purpose, "label": "MONOCYTE"} for at in range(number)]


def real(*overlaps: int | None) -> list[dict[str, object]]:
    return [{"key": f"t{at}"} | ({"overlap": each} if each else {}) for at, each in enumerate(overlaps)]


def test_pages_are_as_full_as_can_be() -> None:
    assert supply_of(real(None, None, None, None, None)).pages(OPEN) == 2 * 3


def test_a_task_that_brings_its_own_overlap_is_asked_so_often() -> None:
    supply = supply_of(real(1, 1, 1, 1, 5, None))
    assert supply.pages(OPEN) == 2 + 1 + 1 + 1 + 1
    assert (supply.overlap(OPEN), supply.overlap(settings(overlap=7, examined=False))) == (5, 7)


def test_where_all_bring_their_own_that_of_the_settings_counts_for_nothing() -> None:
    assert supply_of(real(2, 1)).overlap(OPEN) == 2
    assert supply_of(real(2, 1)).pages(OPEN) == 2


def test_without_an_exam_nothing_but_work_is_needed() -> None:
    (note,) = check_items(OPEN, real(3, 5))
    assert "5 pages" in note
    assert "5 performers" in note


def test_with_an_exam_an_overlap_of_its_own_needs_so_many_performers() -> None:
    supply = Supply(1, 15, 15, 40, {"MONOCYTE": 40}, {30: 1})
    assert any("30 pages by at least 30 performers" in note for note in feasible(EXAMINED, supply))


@pytest.mark.parametrize("purpose", ["training", "exam", "control"])
def test_without_an_exam_known_tasks_are_a_mistake(purpose: str) -> None:
    with pytest.raises(BadSettings, match="leave out the 3 tasks"):
        check_items(OPEN, [*real(None), *known(purpose, 3)])


@pytest.mark.parametrize("chosen", [EXAMINED, OPEN], ids=["examined", "open"])
def test_nothing_to_label_is_a_mistake(chosen: object) -> None:
    with pytest.raises(BadSettings, match="nothing to label"):
        check_items(chosen, [])  # type: ignore[arg-type]


def test_a_requester_hears_that_nobody_is_watched() -> None:
    assert warnings(EXAMINED) == []
    assert "nobody is watched" in warnings(OPEN)[0]


def test_control_tasks_may_be_none_only_where_nobody_is_examined() -> None:
    with pytest.raises(BadSettings, match="control_tasks"):
        settings(control_tasks=0)


def test_a_class_may_be_given_by_its_value_alone() -> None:
    assert [(each.value, each.label) for each in settings(classes=["A", {"value": "B"}]).classes] == [
        ("A", "A"),
        ("B", "B"),
    ]


def test_every_answer_that_is_asked_for_is_paid_and_known_tasks_are_not() -> None:
    costs = estimate(settings(overlap=3, real_tasks=4, reward=0.01, examined=False), real(None, 1, 5))
    assert costs.best == pytest.approx(5 * 0.01)
    assert costs.worst == pytest.approx((3 + 1 + 5) * 0.01)
    assert estimate(EXAMINED, known("control", 3)).worst == 0.0
