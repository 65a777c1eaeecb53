"""Tasks and suites created over HTTP."""

from collections.abc import Callable

from simulator.api import batching
from simulator.api.wire import Answer, switch
from simulator.nouns import placing
from simulator.nouns.placing import MOST_TASKS, Noun, Wishes
from simulator.records.state import Json, State

MOST_ASYNC = 200_000
FLAGS = ("allow_defaults", "skip_invalid_items", "open_pool")


def create(state: State, kind: str, noun: Noun, view: Callable[[str], Json]) -> Answer:
    """Create one or many by an operation of this kind, and answer with them or with the operation."""
    return batching.create(
        state, kind, FLAGS, lambda items, later: placing.create(state, noun, items, _wishes(later)), view
    )


def _wishes(later: bool) -> Wishes:
    return Wishes(
        allow_defaults=switch("allow_defaults"),
        skip_invalid_items=switch("skip_invalid_items"),
        open_pool=switch("open_pool"),
        most=MOST_ASYNC if later else MOST_TASKS,
    )
