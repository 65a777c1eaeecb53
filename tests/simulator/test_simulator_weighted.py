import pytest

from simulator.quality.weighted import decide, options, weight


def test_the_platforms_own_examples_come_out():
    """Three options: OK by 70 and 90; OK by 70 and BAD by 90; and also BAD by 80."""
    assert decide([("OK", 0.7), ("OK", 0.9)], 3) == ("OK", pytest.approx(0.977, abs=5e-4))
    assert decide([("OK", 0.7), ("BAD", 0.9)], 3) == ("BAD", pytest.approx(0.761, abs=5e-4))
    assert decide([("OK", 0.7), ("BAD", 0.9), ("BAD", 0.8)], 3) == ("BAD", pytest.approx(0.962, abs=5e-4))


def test_those_of_whom_nothing_is_known_prove_nothing_between_two():
    assert decide([("OK", weight(None))] * 5, 2) == ("OK", 0.5)


def test_the_heavier_side_wins_and_of_equals_the_first_by_its_text():
    assert decide([("b", 0.6), ("a", 0.5), ("b", 0.6)], 3)[0] == "b"
    assert decide([("b", 0.6), ("a", 0.6)], 3)[0] == decide([("a", 0.6), ("b", 0.6)], 3)[0] == "a"
    assert decide([(True, 0.6), (False, 0.7)], 2)[0] is False


def test_many_sure_votes_do_not_overflow():
    assert decide([("a", weight(100))] * 5000 + [("b", weight(0))], 4) == ("a", pytest.approx(1.0))


def test_a_single_option_is_certain():
    assert decide([("a", 0.5)], 1) == ("a", 1.0)


@pytest.mark.parametrize(
    ("field", "count"),
    [
        ({"type": "string", "allowed_values": ["a", "b", "c"]}, 3),
        ({"type": "boolean"}, 2),
        ({"type": "integer", "min_value": 1, "max_value": 5}, 5),
        ({"type": "integer", "min_value": 0, "max_value": 32}, None),
        ({"type": "integer", "min_value": 0}, None),
        ({"type": "string"}, None),
        ({"type": "json"}, None),
    ],
)
def test_how_many_answers_a_field_allows(field, count):
    assert options(field) == count


def test_a_skill_is_a_chance_that_is_never_certain():
    assert [weight(value) for value in (None, 0, 37.5, 100)] == [0.5, 0.01, 0.375, 0.99]
