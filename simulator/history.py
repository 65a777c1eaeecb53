"""The world history: what happened, in platform time, with nothing in it that changes from run to run."""

import json

from simulator.draws import canonical
from simulator.state import Json, State


def texts(state: State) -> list[str]:
    """Every line as canonical JSON, sorted by (platform time, kind, id, content)."""
    lines = [(line["at"], line["kind"], line["id"], canonical(line, state.origin)) for line in state.lines]
    return [text for *_, text in sorted(lines)]


def lines(state: State) -> list[Json]:
    """Every line as a plain object, in the same order."""
    return [json.loads(text) for text in texts(state)]
