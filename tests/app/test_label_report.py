"""What a comparison says, on a terminal and as JSON."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from compared import compared, pool
from rich.console import Console

from app.label_report import Comparison, as_json, headline, table

DOCS = (Path(__file__).parents[2] / "docs/aggregation.md").read_text(encoding="utf-8")
ANSWERS = [(f"t{n}", who, "cat" if n % 2 or who == "eve" else "dog") for n in range(8) for who in ("ann", "bob", "eve")]
KNOWN = {"t0": "dog", "t1": "cat"}
TRUTH = {"t2": "dog", "t3": "dog", "t4": "dog"}


def printed(comparison: Comparison) -> str:
    paper = io.StringIO()
    Console(file=paper, width=80).print(table(comparison))
    return paper.getvalue()


def names(value: Any) -> Iterator[str]:
    """Every field's name in some JSON."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from names(each)
    elif isinstance(value, list):
        for each in value:
            yield from names(each)


def test_what_was_compared_is_said_in_one_line() -> None:
    comparison, _ = compared(pool(ANSWERS, KNOWN), "MajorityVote")
    assert headline(comparison) == "6 tasks, 2 control tasks, 24 answers; agreement (alpha) 0.292"
    alone, _ = compared(pool(ANSWERS[:1]), "MajorityVote")
    assert headline(alone) == "1 tasks, 1 answers"


def test_the_table_fits_a_terminal_and_shows_what_can_be_measured() -> None:
    methods = ("OneCoinDawidSkene:n_iter=10", "MajorityVote", "GoldMajorityVote")
    both, controls, nothing = (
        printed(compared(pool(ANSWERS, known, truth), *methods[: 3 if known else 2])[0])
        for known, truth in ((KNOWN, TRUTH), (KNOWN, {}), ({}, {}))
    )
    for text in (both, controls, nothing):
        assert max(map(len, text.splitlines())) <= 80
        assert "n_iter=10" in text
    assert [word in both for word in ("controls", "truth", "66.7 %")] == [True, True, True]
    assert [word in controls for word in ("controls", "truth")] == [True, False]
    assert [word in nothing for word in ("controls", "truth", "right")] == [False, False, False]


def test_every_field_of_the_numbers_is_documented() -> None:
    content = as_json(compared(pool(ANSWERS, KNOWN, TRUTH), "DawidSkene", "MajorityVote")[0])
    assert {name for name in names(content) if f"`{name}`" not in DOCS} == set()


def test_the_numbers_say_what_each_method_is_judged_by() -> None:
    by_truth = as_json(compared(pool(ANSWERS, KNOWN, TRUTH), "MajorityVote")[0])
    assert by_truth["judged_by"] == "truth"
    (method,) = by_truth["methods"]
    assert method["right_on_truth"] == {"value": 0.66667, "count": 2, "of": 3, "low": 0.20766, "high": 0.93851}
    assert method["confusion"]["counts"] == [[0, 0], [1, 2]]
    by_controls = as_json(compared(pool(ANSWERS, KNOWN), "MajorityVote")[0])
    assert by_controls["judged_by"] == "controls"
    assert by_controls["methods"][0]["right_on_truth"] is None
    assert by_controls["methods"][0]["confusion"]["counts"] == [[1, 0], [0, 1]]
    assert as_json(compared(pool(ANSWERS), "MajorityVote")[0])["methods"][0]["confusion"] is None
