"""How the courier works when nothing goes wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retry:
    """What becomes of a notification that was not answered with 2xx; times are platform seconds.

    It is sent again after `first`, then after pauses that grow by `factor` up to `longest`; when `give_up_after` have
    passed since it was due it is given up.
    """

    first: float = 5.0
    factor: float = 2.0
    longest: float = 600.0
    give_up_after: float = 86_400.0

    def pause(self, tries: int) -> float:
        """The pause after so many tries, from 1 on."""
        try:
            grown = self.first * float(self.factor) ** (tries - 1)
        except OverflowError:
            return float(self.longest)
        return min(grown, float(self.longest))


@dataclass(frozen=True, slots=True)
class Habits:
    """At most `batch_max` notifications in a request, which is given up after `timeout` machine seconds.

    Without `retry` a driven run insists: time stands still until all are answered. `submitted_in_auto_accept` says
    whether pools that accept by themselves tell of ASSIGNMENT_SUBMITTED, too.
    """

    batch_max: int = 20
    timeout: float = 10.0
    retry: Retry | None = None
    submitted_in_auto_accept: bool = True


USUAL = Habits()
