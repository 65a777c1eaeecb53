"""What may go wrong with a notification on its way: every kind, as a change to its fate."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from simulator.delivery.sending import STRAIGHT, Way
from simulator.elements.draws import waiting
from simulator.faults.plans import Detail, Kind, number, seconds

NOTICES: dict[str, Kind] = {}
"""Every kind of fault of notifications, by name."""
REVIVING = "haunt"
"""The kind that is for notifications whose subscription was deleted, and for no others."""
SPREADS: dict[str, Callable[[float, float], float]] = {
    "fixed": lambda mean, chance: mean,
    "uniform": lambda mean, chance: 2 * mean * chance,
    "exponential": waiting,
}
"""How a delay is drawn from its mean and a uniform chance: as it is, up to twice, or exponential, up to five times."""
SPREAD = Detail("fixed", "fixed, uniform or exponential", lambda value: value in list(SPREADS))


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one notification; times are platform seconds.

    It is `lost`, or put off by `delay`, or waits until others have gone, at most as long as `overtaken`. Its place in
    its delivery may be `shuffled`. It goes `again`, `repeated` later. The first attempt is spoiled in this `way`.
    """

    lost: bool = False
    delay: float = 0.0
    overtaken: float = 0.0
    shuffled: bool = False
    repeated: float | None = None
    again: bool = False
    way: Way = STRAIGHT

    @property
    def wait(self) -> float:
        """How long it waits before it is sent first."""
        return max(self.delay, self.overtaken)


Act = Callable[[Fate, Callable[[str], Any], float], Fate]
"""act(fate, detail, chance) -> the fate that this fault makes of it."""


def _kind(**details: Detail) -> Callable[[Act], Act]:
    def register(act: Act) -> Act:
        name = act.__name__.replace("_", "-")
        NOTICES[name] = Kind(name, "notices", act.__doc__ or "", details, act)
        return act

    return register


@_kind()
def lose(fate: Fate, detail: Callable[[str], Any], chance: float) -> Fate:
    """It is never sent."""
    return replace(fate, lost=True)


@_kind(seconds=seconds(0.0))
def repeat(fate: Fate, detail: Callable[[str], Any], chance: float) -> Fate:
    """It is sent twice: in the same delivery, or the second time so many platform `seconds` later."""
    return replace(fate, repeated=detail("seconds"))


@_kind(seconds=seconds(60.0), spread=SPREAD)
def delay(fate: Fate, detail: Callable[[str], Any], chance: float) -> Fate:
    """It is sent later, by platform `seconds` as their `spread` says: fixed, uniform (up to twice) or exponential."""
    return replace(fate, delay=SPREADS[detail("spread")](detail("seconds"), chance))


@_kind()
def shuffle(fate: Fate, detail: Callable[[str], Any], chance: float) -> Fate:
    """It changes places with others that are struck in the same delivery."""
    return replace(fate, shuffled=True)


@_kind(seconds=seconds(600.0))
def overtake(fate: Fate, detail: Callable[[str], Any], chance: float) -> Fate:
    """It is sent only after the next delivery, and at the latest so many platform `seconds` later."""
    return replace(fate, overtaken=detail("seconds"))


@_kind()
def sign_wrongly(fate: Fate, detail: Callable[[str], Any], chance: float) -> Fate:
    """Its first attempt is signed with another secret, if its subscription has one."""
    return replace(fate, way=replace(fate.way, wrongly_signed=True))


@_kind()
def truncate(fate: Fate, detail: Callable[[str], Any], chance: float) -> Fate:
    """Its first attempt ends after half of the body, whose whole length was announced."""
    return replace(fate, way=replace(fate.way, truncated=True))


@_kind(seconds=Detail(3600.0, "a number of seconds; below 0 is behind", number(-3.2e8, 3.2e8)))
def skew(fate: Fate, detail: Callable[[str], Any], chance: float) -> Fate:
    """Its `event_time` and the time in its signature are so many `seconds` ahead."""
    return replace(fate, way=replace(fate.way, skew=detail("seconds")))


@_kind()
def haunt(fate: Fate, detail: Callable[[str], Any], chance: float) -> Fate:
    """It is sent although its subscription was deleted."""
    return replace(fate, lost=False)
