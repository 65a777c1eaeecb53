"""How much may be created in a minute, an hour and a day; measured in platform time."""

from simulator.errors import Refused
from simulator.state import State

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
LIMITS = {
    "project": ((MINUTE, 20, "MIN"), (DAY, 100, "DAY")),
    "pool": ((MINUTE, 20, "MIN"), (DAY, 100, "DAY")),
    "training": ((MINUTE, 20, "MIN"), (DAY, 100, "DAY")),
    "pool clone": ((MINUTE, 20, "MIN"), (DAY, 100, "DAY")),
    "training clone": ((MINUTE, 20, "MIN"), (DAY, 100, "DAY")),
    "skill": ((MINUTE, 10, "MIN"), (DAY, 100, "DAY")),
    "message to everyone": ((DAY, 1, "DAY"),),
    "message": ((DAY, 100_000, "DAY"),),
    "bonus": ((DAY, 10_000, "DAY"),),
    "aggregation": ((MINUTE, 5, "MIN"), (HOUR, 30, "HOUR"), (DAY, 200, "DAY")),
}
"""By kind: seconds, how many may be created in them, and how the API names them."""


def count(state: State, kind: str) -> None:
    """Note that an object of this kind is created now; 429 when a quota is used up."""
    if not state.quotas:
        return
    times = state.created_at[kind]
    for seconds, most, interval in LIMITS[kind]:
        if sum(at > state.now - seconds for at in times) >= most:
            message = f"{most} {kind}s in {seconds:.0f} seconds are allowed"
            raise Refused(429, "TOO_MANY_REQUESTS", message, {"interval": interval})
    times.append(state.now)
