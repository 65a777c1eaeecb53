"""Settings of the wrong name or type are told in one line; the schema says what they may be."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from app.cli import main
from app.orders import BadOrder, settings_of
from app.pipelines import find
from app.settings_schema import schema_of
from handlers.classification_settings import Settings

LABELS, OUTLINES = find("image-classification"), find("image-segmentation")
EXAMPLE = Path(__file__).parents[2] / "docs/examples/blood_cells.toml"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"overlap": "ten"}, "overlap: 'ten' is not of type 'integer'"),
        ({"overlap": True}, "overlap: True is not of type 'integer'"),
        ({"classes": 5}, "classes: 5 is not of type 'array'"),
        ({"classes": ["A", 5]}, r"classes\[1\]: 5 may not be here"),
        ({"classes": [{"label": "A"}, "B"]}, r"classes\[0\]: 'value' is a required property"),
        (
            {"classes": [{"value": "A", "colour": "red"}]},
            r"there is no classes\[0\].colour; there are value, label, hint",
        ),
        ({"texts": {"EN": {"title": "t"}}}, "texts.EN: 'description' is a required property"),
        ({"overlp": 3}, "there is no overlp; there are classes, input"),
    ],
)
def test_a_wrong_name_or_type_is_told_with_its_place(values: dict[str, Any], told: str) -> None:
    with pytest.raises(BadOrder, match=told):
        settings_of(LABELS, values)


def test_a_group_within_settings_is_checked_too() -> None:
    with pytest.raises(BadOrder, match=r"there is no policy\.surr; there are accept_at"):
        settings_of(OUTLINES, {"policy": {"surr": 1}})
    assert settings_of(OUTLINES, {"policy": {"sure": 0.98, "strict_sure": 0.99}}).policy.sure == 0.98


def test_the_schema_is_one_and_takes_what_the_pipeline_takes() -> None:
    for pipeline in (LABELS, OUTLINES):
        result = CliRunner().invoke(main, ["setup", pipeline.name, "--schema"])
        assert result.exit_code == 0, result.output
        schema = json.loads(result.output)
        Draft202012Validator.check_schema(schema)
        assert schema == schema_of(pipeline.settings)


def test_a_pipeline_whose_settings_are_a_plain_group_takes_any() -> None:
    assert schema_of(dict) is None


def test_the_example_says_what_is_so_by_default() -> None:
    values = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert settings_of(LABELS, values) == Settings()
    left_out = {"pictures", "training_count", "exam_count", "control_count"}
    assert set(schema_of(LABELS.settings)["properties"]) - values.keys() == left_out
