import pytest

from simulator.contents.spec import flaws_of


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ({"type": "string"}, None, "VALUE_REQUIRED"),
        ({"type": "string"}, 1, "STRING_EXPECTED"),
        ({"type": "string", "allowed_values": ["a"]}, "b", "VALUE_NOT_ALLOWED"),
        ({"type": "string", "pattern": "[0-9]+"}, "a", "PATTERN_MISMATCH"),
        ({"type": "string", "min_length": 2}, "a", "STRING_LENGTH_LESS_THAN_MIN"),
        ({"type": "url"}, "no address", "INVALID_URL_SYNTAX"),
        ({"type": "integer"}, True, "INTEGER_EXPECTED"),
        ({"type": "integer", "max_value": 3}, 4, "VALUE_GREATER_THAN_MAX"),
        ({"type": "float"}, "1", "FLOAT_EXPECTED"),
        ({"type": "boolean"}, 0, "BOOLEAN_EXPECTED"),
        ({"type": "coordinates"}, "1", "INVALID_COORDINATES_SYNTAX"),
        ({"type": "array_string"}, "a", "ARRAY_EXPECTED"),
        ({"type": "array_string"}, ["a", 1], "STRING_EXPECTED"),
        ({"type": "array_integer", "max_size": 1}, [1, 2], "ARRAY_SIZE_GREATER_THAN_MAX"),
    ],
)
def test_a_value_that_does_not_fit_is_named(field, value, code):
    assert flaws_of({"it": value}, {"it": field}, "input_values")["input_values.it"]["code"] == code


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ({"type": "string", "pattern": "[0-9]+"}, "12"),
        ({"type": "string", "required": False}, None),
        ({"type": "url"}, "http://127.0.0.1:1/x.png"),
        ({"type": "integer", "min_value": 1, "max_value": 3}, 3),
        ({"type": "float"}, 1),
        ({"type": "json"}, [{"left": 0.5}]),
        ({"type": "array_url"}, ["/a.png"]),
    ],
)
def test_a_value_that_fits_has_no_flaw(field, value):
    assert flaws_of({"it": value}, {"it": field}, "input_values") == {}


def test_an_unknown_field_is_not_allowed():
    assert flaws_of({"other": 1}, {}, "output_values")["output_values.other"]["code"] == "VALUE_NOT_ALLOWED"
