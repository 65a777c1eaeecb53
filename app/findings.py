"""What `crowdhook doctor` finds: one thing looked at, how it stands, and what to do about it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from store.errors import CrowdhookError


class Level(StrEnum):
    """How a thing stands."""

    OK = "ok"
    WARN = "warn"  # works, and will not for long, or somebody waits
    FAIL = "fail"  # does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    level: Level
    found: str
    advice: str = ""  # what to do; "" when there is nothing to do


def ok(check: str, found: str) -> Finding:
    """Return that a thing is as it should be."""
    return Finding(check, Level.OK, found)


def warn(check: str, found: str, advice: str) -> Finding:
    """Return that somebody should look at a thing soon."""
    return Finding(check, Level.WARN, found, advice)


def fail(check: str, found: str, advice: str) -> Finding:
    """Return that a thing does not work."""
    return Finding(check, Level.FAIL, found, advice)


def looked(check: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield what a look finds; a look that cannot be finished is a finding of its own, and the others go on."""
    try:
        yield from look()
    except (CrowdhookError, OSError) as error:
        yield fail(check, str(error), "see what it says; the checks after it in this group were left out")


def span(seconds: float) -> str:
    """Write a length of time in its largest unit: 40 s, 5 min, 3 h, 12 days."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def mebibytes(size: int) -> str:
    """Write a number of bytes as MiB, large ones as GiB."""
    return f"{size / 2**30:.1f} GiB" if size >= 10 * 2**30 else f"{size / 2**20:.0f} MiB"
