import pytest

from handlers.segmentation_budget import estimate
from handlers.segmentation_pools import settings


def images(count: int) -> list[dict[str, str]]:
    return [{"key": f"{at}.jpg"} for at in range(count)]


def test_one_image_a_page_at_best_takes_three_votes_of_strangers():
    costs = estimate(settings(controls=0.0), images(100))
    assert costs.best == pytest.approx(100 * 0.01 + 100 * 3 / 10 * 0.01)
    assert "3 votes each" in costs.assumptions[0]


def test_the_worst_is_every_round_paid_with_every_vote():
    costs = estimate(settings(tasks_per_page=5, max_rounds=2, controls=0.0), images(100))
    assert costs.worst == pytest.approx(200 / 5 * 0.01 + 200 * 7 / 10 * 0.01)


def test_it_is_in_order_and_grows_with_the_images():
    for tasks in (1, 5, 20):
        few, many = (estimate(settings(tasks_per_page=tasks), images(count)) for count in (10, 1000))
        assert 0 < few.best <= few.expected <= few.worst < many.worst
        assert many.best <= many.expected <= many.worst


def test_control_questions_cost_their_share():
    known = tuple({"key": str(at), "image": f"{at}.jpg", "shapes": []} for at in range(40))
    plain, controlled = (
        estimate(settings(controls=0.5), images(1000)),
        estimate(settings(controls=0.5, known=known), images(1000)),
    )
    assert controlled.worst - plain.worst == pytest.approx(0.5 * 5000 * 7 / 10 * 0.01)


def test_it_says_how_many_people_it_takes():
    assert "at least 5 who outline, and 7 others" in estimate(settings(), images(1)).assumptions[-1]
