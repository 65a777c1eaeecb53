"""Methods tried on a pool: the labels each would publish, those it gives control tasks, and what more votes bring."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import pandas

from app.label_pool import LabelPool
from app.label_scores import right
from app.quality import Share
from handlers.aggregation import Aggregation, adopt, aggregate, label_controls
from handlers.aggregators import Method
from handlers.fits import Unfit
from handlers.platform_aggregation import PlatformAggregation
from handlers.votes import Votes

MOST_VOTES = 10  # on a task, up to which it is tried what more votes bring


@dataclass(frozen=True, slots=True)
class OverlapPoint:
    """What so many votes on each task would have come to."""

    votes: int  # on each task, at most
    answers: int  # on tasks that are no control tasks
    cost: float | None  # dollars for these answers, fee included; None: not known
    right: Share


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """What a method came to on a pool."""

    published: Aggregation
    seconds: float  # that the published labels took
    controls: pandas.DataFrame  # control tasks with the labels given to them, as Aggregation.labels
    curve: tuple[OverlapPoint, ...] = ()

    @property
    def method(self) -> str:
        """Return the method as it is written."""
        return self.published.method


class Trial(Protocol):
    """A method that can be tried."""

    def steps(self, pool: LabelPool) -> int:
        """Return how many steps it takes, for a progress bar."""

    def __call__(self, pool: LabelPool, step: Callable[[], object]) -> Tried:
        """Try it, and call `step` after each step."""


@dataclass(frozen=True, slots=True)
class OurTrial:
    """A method of crowd-kit's; `fee` is the platform's share on top of every reward."""

    method: Method
    fee: float
    insist: bool = False  # however many answers there are

    def steps(self, pool: LabelPool) -> int:
        """Return how many fits it takes."""
        return 2 + len(_overlaps(pool))

    def __call__(self, pool: LabelPool, step: Callable[[], object]) -> Tried:
        """Fit what is published, the control tasks, and each overlap. Raises TooMuch, Unfit."""
        started = time.perf_counter()
        published = aggregate(pool.votes, self.method, pool.known, insist=self.insist)
        seconds = time.perf_counter() - started
        step()
        controls = label_controls(pool.votes, self.method, pool.known, insist=self.insist)
        step()
        made = published.labels if pool.truth else controls
        return Tried(published, seconds, controls, tuple(self._curve(pool, made, step)))

    def _curve(self, pool: LabelPool, made: pandas.DataFrame, step: Callable[[], object]) -> Iterator[OverlapPoint]:
        """Yield a point for each overlap with which the method can be used at all; `made` are those of all votes."""
        for most in _overlaps(pool):
            votes = pool.votes.at_most(most, all_on=pool.known if pool.truth else ())
            answers = len(votes.not_on(pool.known))
            cost = None if pool.price is None else answers * pool.price * (1 + self.fee)
            with suppress(Unfit):
                labels = made if len(votes) == len(pool.votes) else self._labels(pool, votes)
                yield OverlapPoint(most, answers, cost, right(labels, pool.judged_by))
            step()

    def _labels(self, pool: LabelPool, votes: Votes) -> pandas.DataFrame:
        if pool.truth:
            return aggregate(votes, self.method, pool.known, insist=self.insist).labels
        return label_controls(votes, self.method, pool.known, insist=self.insist)


@dataclass(frozen=True, slots=True)
class PlatformTrial:
    """Toloka's own aggregation: one fit for published and control tasks, over all that was answered."""

    name: str
    platform: PlatformAggregation
    wait: Callable[[], bool]  # see PlatformAggregation.labels

    def steps(self, pool: LabelPool) -> int:
        """Return the one."""
        return 1

    def __call__(self, pool: LabelPool, step: Callable[[], object]) -> Tried:
        """Have it aggregated, or follow what was started. Raises what PlatformAggregation raises."""
        started = time.perf_counter()
        labels = self.platform.labels(self.wait)
        seconds = time.perf_counter() - started
        step()
        everything = adopt(pool.votes, self.name, labels, {}).labels
        controls = everything[everything["task"].isin(pool.known)]
        return Tried(adopt(pool.votes, self.name, labels, pool.known), seconds, controls)


def _overlaps(pool: LabelPool) -> Sequence[int]:
    return range(1, min(pool.most_votes, MOST_VOTES) + 1) if pool.judged_by else ()
