from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.delivery.habits import Habits, Retry
from simulator.faults.file import BadFaults, read_plan
from simulator.faults.plans import NO_FAULTS

DOCS = Path(__file__).parent.parent.parent / "docs"


def written(folder: Path, text: str) -> Path:
    file = folder / "faults.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_nothing_is_a_plan_without_faults():
    assert read_plan() == NO_FAULTS


def test_the_example_of_the_documentation_is_read_whole():
    plan = read_plan(DOCS / "faults.toml", seed=3)
    assert plan.seed == 7
    assert plan.habits == Habits(batch_max=10, timeout=5.0, retry=Retry(2.0, 3.0, 300.0, 7200.0))
    assert [each.kind.name for each in plan.faults] == [
        "unavailable",
        "answer-lost",
        "applied-late",
        "html-page",
        "lose",
        "delay",
    ]
    unavailable, lost, late, _, lose, delay = plan.faults
    assert (unavailable.rate, unavailable.methods, unavailable.path) == (0.05, ("GET", "POST"), "/tasks*")
    assert unavailable.detail("retry_after") == 3
    assert (lost.nth, lost.rate) == ((1, 3), 1.0)
    assert (late.detail("seconds"), late.detail("status"), late.at_most) == (120, 503, 5)
    assert (late.since, late.until) == (3600.0, 86400.0)
    assert (lose.event_type, delay.detail("spread")) == ("ASSIGNMENT_SUBMITTED", "exponential")


def test_options_are_read_as_a_file_is():
    (fault,) = read_plan(options=["unavailable=0.5,method=GET|POST,path=/pools/*,retry_after=2,from=10"], seed=4).faults
    assert (fault.rate, fault.methods, fault.path, fault.since) == (0.5, ("GET", "POST"), "/pools/*", 10.0)
    assert fault.detail("retry_after") == 2
    (dated,) = read_plan(options=["reset,nth=1|3,until=2025-01-06T10:00:00"]).faults
    assert (dated.nth, dated.until) == ((1, 3), datetime(2025, 1, 6, 10, tzinfo=UTC))
    assert read_plan(options=["lose=0.1"], seed=4).seed == 4


def test_options_come_after_a_files_faults(tmp_path):
    file = written(tmp_path, '[[fault]]\nkind = "lose"\nrate = 0.1\n')
    plan = read_plan(file, ["lose=0.2"], seed=9)
    assert [(each.rate, each.place) for each in plan.faults] == [(0.1, 0), (0.2, 1)]
    assert plan.seed == 9


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("seed = 1.5", 1, "seed must be a whole number"),
        ("\nsaed = 1", 2, "'saed' is unknown; there are seed, courier, fault"),
        (
            "[[fault]]\nkind = 'lose'\nrate = 1\n[[fault]]\nrate = 0.1\nkind = 'loose'",
            6,
            "kind must be one of internal-error",
        ),
        ("[[fault]]\nkind = 'lose'\nrate = 1\n[[fault]]\nrate = 0.1", 4, "kind is missing"),
        ("[[fault]]\nkind = 'lose'\nrate = 1.1", 3, "rate must be a number from 0 to 1, not 1.1"),
        ("[[fault]]\nkind = 'lose'", 1, "either rate or nth is needed"),
        ("[[fault]]\nkind = 'lose'\nrate = 1\nnth = 1", 3, "rate and nth exclude each other"),
        ("[[fault]]\nkind = 'lose'\nnth = [1, 0]", 3, "nth must be a whole number from 1 on"),
        ("[[fault]]\nkind = 'lose'\nrate = 1\npath = '/tasks'", 4, "'path' is unknown"),
        ("[[fault]]\nkind = 'reset'\nrate = 1\nevent = 'POOL_CLOSED'", 4, "'event' is unknown"),
        ("[[fault]]\nkind = 'reset'\nrate = 1\nretry_after = 3", 4, "'retry_after' is unknown"),
        ("[[fault]]\nkind = 'reset'\nrate = 1\nmethod = 'FETCH'", 4, "method must be one of GET"),
        ("[[fault]]\nkind = 'reset'\nrate = 1\npath = 'tasks'", 4, "path must be a pattern"),
        ("[[fault]]\nkind = 'reset'\nrate = 1\nfrom = 9\nuntil = 8", 5, "until must be after from"),
        ("[[fault]]\nkind = 'reset'\nrate = 1\nfrom = 'noon'", 4, "from must be a date and time"),
        ("[[fault]]\nkind = 'delay'\nrate = 1\nspread = 'wide'", 4, "spread must be fixed, uniform or exponential"),
        ("[[fault]]\nkind = 'html-page'\nrate = 1\nstatus = 200", 4, "status must be an HTTP status from 400 to 599"),
        ("[courier]\nbatch_max = 0", 2, "batch_max must be a whole number from 1 to 10000"),
        ("[courier]\ntimeout = 1\n[courier.retry]\nfactor = 0.5", 4, "factor must be a number from 1 to 100"),
        ("fault = 3", 1, "fault must be tables"),
        ("[[fault]]\nkind = 'delay'\nrate = 1\nspread = ['fixed']", 4, "spread must be fixed, uniform or exponential"),
        ("\nseed = 0x" + "f" * 5000, 2, "a number beyond 64 bits"),
        ("seed = " + "9" * 5000, 1, "a number too long"),
        ("seed = " + "[" * 5000, 1, "a number too long, or values too deep"),
    ],
)
def test_a_bad_file_is_refused_with_the_line_and_the_reason(tmp_path, text, line, reason):
    file = written(tmp_path, text)
    with pytest.raises(BadFaults) as caught:
        read_plan(file)
    assert str(caught.value).startswith(f"These faults cannot be used: {file} line {line}: {reason}")
    assert str(caught.value).endswith(".")


def test_a_file_that_is_no_toml_or_no_text_or_not_there_is_refused(tmp_path):
    with pytest.raises(BadFaults, match="line 2"):
        read_plan(written(tmp_path, "seed = 1\nkind ="))
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadFaults, match="UTF-8"):
        read_plan(tmp_path / "bytes.toml")
    with pytest.raises(FileNotFoundError):
        read_plan(tmp_path / "missing.toml")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lose",
        "lose=",
        "lose=x",
        "loose=0.1",
        "lose=0.1,event",
        "lose=0.1,event=NOTHING",
        "lose=" + "[" * 5000,
        "lose=" + "9" * 5000,
        "reset,nth=1|" + "9" * 5000,
        "delay=1,spread=[1]",
    ],
    ids=lambda text: text[:30],
)
def test_a_bad_option_is_refused(text):
    with pytest.raises(BadFaults, match="These faults cannot be used:"):
        read_plan(options=[text])
