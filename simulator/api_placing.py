"""Tasks and suites created over HTTP."""

from collections.abc import Callable

from simulator import api_batches, placing
from simulator.placing import MOST_TASKS, Noun, Wishes
from simulator.state import Json, State
from simulator.wire import Answer, switch

MOST_ASYNC = 200_000
FLAGS = ("allow_defaults", "skip_invalid_items", "open_pool")


def create(state: State, kind: str, noun: Noun, view: Callable[[str], Json]) -> Answer:
    """Create one or many by an operation of this kind, and answer with them or with the operation."""
    return api_batches.create(
        state, kind, FLAGS, lambda items, later: placing.create(state, noun, items, _wishes(later)), view
    )


def _wishes(later: bool) -> Wishes:
    return Wishes(
        allow_defaults=switch("allow_defaults"),
        skip_invalid_items=switch("skip_invalid_items"),
        open_pool=switch("open_pool"),
        most=MOST_ASYNC if later else MOST_TASKS,
    )
