"""What a run may spend: its caps, what it spent, what is in flight, and what follows from them."""

import math
from dataclasses import dataclass
from enum import StrEnum

DAY = 86400.0
SLACK = 1e-9  # dollars; sums of floats are not exact


class RunState(StrEnum):
    """Whether a run may buy answers."""

    READY = "ready"  # set up, never started
    STARTED = "started"
    PAUSED = "paused"  # nothing new is asked; what was asked goes on, and verdicts go out
    STOPPED = "stopped"  # likewise, and its pools were closed
    ENDED = "ended"  # put away: its pools are archived, nobody watches it any more


@dataclass(frozen=True, slots=True)
class RunControl:
    """What a person said about a run's money; caps are in dollars with the fee, None: no cap."""

    pipeline: str
    run: str
    state: RunState
    cap: float | None = None
    daily_cap: float | None = None  # of one day of platform time, UTC
    fee: float = 0.0  # the platform's share on top of every reward


@dataclass(frozen=True, slots=True)
class Purse:
    """What a run cost and can still cost without anything further being asked, in dollars with the fee."""

    paid: float
    paid_today: float  # since midnight, platform time, UTC
    reserved: float  # pages that wait for review: the cost if all are accepted
    open: float  # answers that were asked for and did not come yet, each at worst on a page of its own

    @property
    def in_flight(self) -> float:
        """Return what may still have to be paid if nothing more is asked."""
        return self.reserved + self.open

    @property
    def committed(self) -> float:
        """Return the most that the run can have cost in the end if nothing more is asked."""
        return self.paid + self.in_flight


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many more answers may be bought in a pool now, and what keeps it from more."""

    places: int | None  # None: no limit
    why: str = ""  # ready | paused | stopped | ended | cap | daily cap; "" when there is no limit
    cap: float | None = None  # dollars, of the cap that binds
    until: float | None = None  # platform time from which there may be more by itself

    @property
    def barred(self) -> bool:
        """Say whether nothing at all may be bought, for a person's word is missing."""
        return self.why in {RunState.READY, RunState.PAUSED, RunState.STOPPED, RunState.ENDED}


def allowance(control: RunControl, purse: Purse, reward: float, now: float) -> Allowance:
    """Return what a run may buy at platform time `now` in a pool that pays `reward` dollars a page."""
    if control.state is not RunState.STARTED:
        return Allowance(0, str(control.state))
    price = reward * (1 + control.fee)
    if not price:
        return Allowance(None)
    limits = []
    if control.cap is not None:
        limits.append(Allowance(_places(control.cap - purse.committed, price), "cap", control.cap))
    if control.daily_cap is not None:
        left = control.daily_cap - purse.paid_today - purse.in_flight
        limits.append(Allowance(_places(left, price), "daily cap", control.daily_cap, midnight(now)))
    return min(limits, key=lambda each: each.places or 0, default=Allowance(None))


def midnight(now: float) -> float:
    """Return when the day of a platform time ends, UTC."""
    return now - now % DAY + DAY


def _places(dollars: float, price: float) -> int:
    return max(0, math.floor((dollars + SLACK) / price))
