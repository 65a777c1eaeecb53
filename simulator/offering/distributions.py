"""Which of a performer's tasks are chosen as he goes on: with a frequency of 3 the 1st, 4th, 7th … of an interval."""

from typing import Any

from simulator.elements.clock import DAY
from simulator.elements.errors import Flaw, flaw
from simulator.elements.shapes import closed, listed, number, one_of
from simulator.records.state import Json, Person, Pool, State

MOST_INTERVALS = 10_000
BOUND = number(1, 1_000_000, whole=True)
INTERVAL = closed({"from": BOUND, "to": BOUND, "frequency": number(1, 10_000_000, whole=True)}, "frequency")
FORM = closed(
    {
        "scope": one_of("POOL", "PROJECT"),
        "distribution": one_of("UNIFORM"),
        "window_days": number(1, 365, whole=True),
        "intervals": listed(INTERVAL, 1, MOST_INTERVALS),
    },
    "scope",
    "distribution",
    "window_days",
    "intervals",
)


def shape(value: Any, path: str) -> dict[str, Flaw]:
    """A task distribution function: one interval or more, none of which begins before the one before has ended."""
    found = FORM(value, path)
    if found:
        return found
    intervals = value["intervals"]
    ended = 0.0
    for place, interval in enumerate(intervals):
        if not ended < _first(interval) <= _last(interval):
            return {f"{path}.intervals[{place}]": flaw("VALUE_OUT_OF_BOUNDS", "overlaps another, or ends too early")}
        ended = _last(interval)
    return {}


def _first(interval: Json) -> int:
    return interval.get("from") or 1


def _last(interval: Json) -> float:
    last: float | None = interval.get("to")
    return float("inf") if last is None else last


def chosen(function: Json, nth: int) -> bool:
    """Whether a performer's `nth` task, counted from 1, is one of those that the function chooses."""
    for interval in function["intervals"]:
        if _first(interval) <= nth <= _last(interval):
            return bool((nth - _first(interval)) % interval["frequency"] == 0)
    return False


def completed(state: State, pool: Pool, person: Person, function: Json, *kinds: str) -> int:
    """How many tasks of these kinds the performer sent in, in the function's days, here or in the whole project."""
    since = state.now - function["window_days"] * DAY
    pages = (state.assignments[identity] for identity in person.assignment_ids)
    recent = (page for page in pages if page.submitted is not None and page.submitted > since)
    if function["scope"] == "POOL":
        own = (page for page in recent if page.pool_id == pool.id)
    else:
        own = (page for page in recent if state.pools[page.pool_id].project_id == pool.project_id)
    return sum(state.tasks[identity].kind in kinds for page in own for identity in page.task_ids)
