"""How much may be asked for in a second, a minute, an hour and a day; measured in platform time."""

from simulator.elements.clock import DAY, HOUR, MINUTE
from simulator.elements.errors import Refused
from simulator.elements.windows import Window
from simulator.records.state import State

CREATION = ((MINUTE, 20, "MIN"), (DAY, 100, "DAY"))
AGGREGATION = ((MINUTE, 5, "MIN"), (HOUR, 30, "HOUR"), (DAY, 200, "DAY"))
LIMITS: dict[str, tuple[tuple[float, int, str], ...]] = {
    "project": CREATION,
    "pool": CREATION,
    "pool clone": CREATION,
    "training": CREATION,
    "training clone": CREATION,
    "skill": ((MINUTE, 10, "MIN"), (DAY, 100, "DAY")),
    "aggregation": AGGREGATION,
    "list of aggregated answers": AGGREGATION,
    "task": ((MINUTE, 200_000, "MIN"), (DAY, 4_000_000, "DAY")),
    "task suite": ((MINUTE, 100_000, "MIN"), (DAY, 2_000_000, "DAY")),
    "change of a pool's overlap": ((HOUR, 10, "HOUR"),),
    "user skill": ((DAY, 100_000, "DAY"),),
    "bonus": ((DAY, 10_000, "DAY"),),
    "message": ((DAY, 100_000, "DAY"),),
    "message to everyone": ((DAY, 1, "DAY"),),
}
"""By kind: seconds, how many are allowed in them, and how the API names them."""


def count(state: State, kind: str, many: int = 1) -> None:
    """Note that so many of this kind are asked for now; 429, and nothing noted, when a quota allows less."""
    if not state.quotas:
        return
    for seconds, most, interval in LIMITS[kind]:
        if _window(state, kind, seconds).total(state.now) + many > most:
            message = f"at most {most} in {seconds:.0f} seconds: {kind}"
            raise Refused(429, "TOO_MANY_REQUESTS", message, {"interval": interval})
    for seconds, *_ in LIMITS[kind]:
        _window(state, kind, seconds).add(state.now, many)


def count_request(state: State) -> None:
    """Note a request; 429 when there were too many in this second, where that is bounded."""
    most = state.limits.requests
    if most is None:
        return
    window = _window(state, "request", 1.0)
    if window.total(state.now) >= most:
        raise Refused(429, "TOO_MANY_REQUESTS", f"at most {most} requests a second")
    window.add(state.now, 1)


def _window(state: State, kind: str, seconds: float) -> Window:
    return state.windows.setdefault((kind, seconds), Window(seconds))
