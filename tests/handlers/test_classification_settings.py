"""What a requester may set for a classification, what is refused, and what the project then looks like."""

import json
from typing import Any

import pytest

from handlers.classification_pools import project
from handlers.classification_settings import BadSettings, settings

TEXTS = {"title": "t", "description": "d", "instructions": "<ul>{classes}</ul>"}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"classes": ["A"]}, "1 classes: give 2 to 100"),
        ({"classes": [str(at) for at in range(101)]}, "101 classes: give 2 to 100"),
        ({"classes": ["A", "A"]}, "two classes have the same value"),
        ({"classes": ["A", ""]}, "a class has no value"),
        ({"classes": ["A", "CANT_TELL"]}, "set cant_tell"),
        ({"input": "sound"}, "choose image or text"),
        ({"texts": {}}, "give at least one language"),
        ({"texts": {"english": TEXTS}}, "two capital letters"),
        ({"pass_exam": 101}, "are percents"),
        ({"overlap": 0}, "overlap must be 1 to 1000"),
        ({"reward": 0.004}, "the least that Toloka takes"),
        ({"real_tasks": 0}, "real_tasks must be at least 1"),
        ({"control_tasks": 0}, "nothing else keeps watch"),
        ({"exam_page": 0}, "training_page and exam_page"),
        ({"exam_count": 0}, "counts of known examples"),
        ({"clients": ["PHONE"]}, "BROWSER, TOLOKA_APP"),
        ({"clients": []}, "BROWSER, TOLOKA_APP"),
        ({"expires_after_days": 0}, "expires_after_days"),
    ],
)
def test_what_cannot_be_is_told(values: dict[str, Any], told: str) -> None:
    with pytest.raises(BadSettings, match=told):
        settings(**values)


def test_a_hundred_classes_can_be_told_apart_and_the_first_nine_have_keys() -> None:
    chosen = settings(classes=[f"C{at:02}" for at in range(100)], cant_tell=True)
    made = project(chosen)
    assert len(made.task_spec.output_spec["result"].allowed_values) == 101
    config = json.loads(made.unstructure()["task_spec"]["view_spec"]["config"])
    options = config["view"]["items"][-1]["options"]
    assert [each["value"] for each in options][-2:] == ["C99", "CANT_TELL"]
    (keys,) = (each for each in config["plugins"] if each["type"] == "plugin.hotkeys")
    assert {name: keys[name]["payload"] for name in keys if name != "type"} == {
        f"{at + 1}": f"C{at:02}" for at in range(9)
    }


def test_texts_in_several_languages_with_the_classes_put_in() -> None:
    chosen = settings(classes=[{"value": "A", "hint": "< 5 µm"}, "B"], texts={"RU": TEXTS, "EN": TEXTS}, input="text")
    made = project(chosen)
    assert chosen.languages == ("RU", "EN")
    assert made.public_instructions == "<ul><li><b>A</b>: &lt; 5 µm</li><li><b>B</b></li></ul>"
    assert set(made.task_spec.input_spec) == {"text", "item"}
    assert {each.language for each in made.localization_config.additional_languages} == {"EN"}
