"""How much there may be of what, at most; Toloka's own numbers unless a world says otherwise."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """A pool's pages, after which it closes, and its tasks; requests to the API in a platform second, None for any."""

    assignments: int = 2_000_000
    tasks: int = 2_000_000
    requests: int | None = None


TOLOKAS = Limits()
