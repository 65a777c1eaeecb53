"""JSON as text: the same value, the same text."""

import json
from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as some

from store.canonical import clean, from_text, to_text

characters = some.characters(codec=None)  # every code point, half characters among them
values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(characters),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(characters), inner),
)


@given(values)
def test_every_value_can_be_stored_and_read_back(value: object) -> None:
    text = to_text(value)
    assert text.encode()
    assert from_text(text) == json.loads(json.dumps(value))


@given(some.dictionaries(some.text(), some.integers()))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert to_text(value) == to_text(dict(reversed(value.items())))


def test_text_is_compact_sorted_and_readable() -> None:
    assert to_text({"ü": (1, 2.5), "a": {"z": None, "b": True}}) == '{"a":{"b":true,"z":null},"ü":[1,2.5]}'


def test_decimals_become_numbers_and_mappings_objects() -> None:
    assert to_text(MappingProxyType({"whole": Decimal("10"), "part": Decimal("0.25")})) == '{"part":0.25,"whole":10}'


def test_what_is_not_json_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="complex is not JSON"):
        to_text({"at": 1j})


def test_clean_text_shows_half_characters_and_keeps_whole_ones() -> None:
    assert clean("a \ud83d b 😀 \udc00") == "a \\ud83d b 😀 \\udc00"
