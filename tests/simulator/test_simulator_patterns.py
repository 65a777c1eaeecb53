"""People type what fits the pattern of an output field, where it is one that they can be expected to understand."""

import re

import pytest
from simulated import Bench

from simulator.crowd.patterns import fitting

CHANCES = [number / 40 for number in range(40)]


@pytest.mark.parametrize(
    "pattern",
    [
        "[0-9]{4}",
        r"\d{2}\.\d{2}\.(19|20)\d\d",
        "^#[0-9A-Fa-f]{6}$",
        r"\+?[1-9]\d{1,14}",
        r"\w+(-\w+)*@(?:[a-z]+\.)+(com|org)",
        r"[^,;\s]+, [^,;\s]+",
        r"[]\\-]{2,}\|\(\)",
        "[а-яё]+|n/?a",
        "x{,3}y{2}z*.",
        "a{x}",
        "(a|){50}b",
        "((a+)+)+",
    ],
)
def test_a_text_fits_its_pattern_and_is_the_same_again(pattern):
    for chance in CHANCES:
        found = fitting(pattern, 1, 1000, chance)
        assert re.fullmatch(pattern, found)
        assert fitting(pattern, 1, 1000, chance) == found


def test_different_chances_make_different_texts():
    assert len({fitting("[0-9]{4}", 0, 1000, chance) for chance in CHANCES}) > 35
    assert {fitting("yes|no", 0, 1000, chance) for chance in CHANCES} == {"yes", "no"}
    assert {len(fitting("[a-z]+", 0, 1000, chance)) for chance in CHANCES} == {2, 3, 4, 5, 6}


def test_a_text_is_as_long_as_its_field_wants_it():
    assert {len(fitting("[a-z]+", 30, 30, chance)) for chance in CHANCES} == {30}
    assert {len(fitting(r"\w{3,90}", 50, 60, chance)) for chance in CHANCES} == {50}
    assert {fitting("[ab]*", 0, 1, chance) for chance in CHANCES} == {"a", "b"}
    assert fitting("[0-9]{4}", 5, 9, 0.5) is None


@pytest.mark.parametrize(
    "pattern",
    [r"(a)\1", "(?=a)a", "(?i)a", "(?P<x>a)", r"\bword\b", r"\t", "a+?b", "((a{1000}){1000}){1000}", "a{4294967294}"],
)
def test_a_pattern_that_is_not_understood_gives_nothing(pattern):
    assert fitting(pattern, 0, 1000, 0.5) is None


def pages(bench: Bench, pattern: str) -> list[dict[str, object]]:
    """What becomes of the pages of a pool whose project asks for a text with this pattern."""
    pool = bench.outlining(auto_accept_solutions=True)
    project = bench.http.get(f"projects/{pool.project_id}").json()
    project["task_spec"]["output_spec"] = {"year": {"type": "string", "pattern": pattern}}
    assert bench.http.put(f"projects/{pool.project_id}", json=project).status_code == 200
    bench.fill(pool, 4)
    bench.client.open_pool(pool.id)
    bench.run()
    return bench.http.get(f"assignments?pool_id={pool.id}").json()["items"]


def test_a_required_field_with_a_pattern_is_answered(bench):
    done = pages(bench, "(19|20)[0-9]{2}")
    assert [page["status"] for page in done] == ["ACCEPTED"] * 4
    assert all(re.fullmatch("(19|20)[0-9]{2}", page["solutions"][0]["output_values"]["year"]) for page in done)


def test_pages_with_a_pattern_that_nobody_understands_are_skipped_and_named(bench):
    assert {page["status"] for page in pages(bench, r"(\d)\1")} == {"SKIPPED"}
    named = [line["flaw"] for line in bench.world.history() if line["kind"] == "INVALID_ANSWER"]
    assert {"output_values.year: does not match the pattern"} == set(named)
