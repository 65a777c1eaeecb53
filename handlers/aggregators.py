"""Crowd-kit's aggregators of labels by name: their parameters, what each can be used for, and how it is fitted."""

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crowdkit import aggregation as crowdkit

from handlers.fits import Fit, Fitter, Lessons, Unfit, by_appearance, diagonal, plain, taught, unweighed, weighing
from handlers.votes import Votes
from store.errors import CrowdhookError

Number = int | float | str


class WrongMethod(CrowdhookError):
    """There is no such method of aggregation:"""


class TooMuch(CrowdhookError):
    """This method takes too long or too much memory here:"""


@dataclass(frozen=True, slots=True)
class Limit:
    """Up to how many `what` (answers, performers) a method is worth waiting for, and what more of them would take."""

    what: str
    most: int
    takes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregator:
    """One of crowd-kit's classes: its parameters with their defaults, and up to where it is worth waiting for."""

    make: Callable[..., Any]
    fit: Fitter
    parameters: Mapping[str, Number] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    fewest_labels: int = 1
    most_labels: int | None = None
    taught: bool = False  # learns who is right from tasks whose label is known


MINUTES = "minutes"
STRATEGIES = ("vb", "em")  # MACE's ways to take its steps
FAILURES = (ArithmeticError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)  # what crowd-kit may raise
AGGREGATORS: Mapping[str, Aggregator] = {
    "DawidSkene": Aggregator(make=crowdkit.DawidSkene, fit=plain(diagonal), parameters={"n_iter": 20, "tol": 1e-5}),
    "MajorityVote": Aggregator(make=crowdkit.MajorityVote, fit=plain(lambda model: model.skills_)),
    "OneCoinDawidSkene": Aggregator(
        make=crowdkit.OneCoinDawidSkene,
        fit=plain(lambda model: model.skills_),
        parameters={"n_iter": 20, "tol": 1e-5},
        limits=(Limit("performers", 20_000, MINUTES),),
    ),
    "Wawa": Aggregator(make=crowdkit.Wawa, fit=plain(lambda model: model.skills_)),
    "ZeroBasedSkill": Aggregator(
        make=crowdkit.ZeroBasedSkill,
        fit=plain(lambda model: model.skills_),
        parameters={"n_iter": 100, "lr_init": 1.0, "lr_steps_to_reduce": 20, "lr_reduce_factor": 0.5, "eps": 1e-5},
        limits=(Limit("answers", 500_000, MINUTES),),
    ),
    "GLAD": Aggregator(
        make=crowdkit.GLAD,
        fit=plain(lambda model: model.alphas_),
        parameters={"n_iter": 100, "tol": 1e-5, "m_step_max_iter": 25, "m_step_tol": 1e-2},
        limits=(Limit("answers", 100_000, MINUTES),),
        fewest_labels=2,
    ),
    "MMSR": Aggregator(
        make=crowdkit.MMSR,
        fit=weighing,
        parameters={"n_iter": 10_000, "tol": 1e-10, "random_state": 0},
        limits=(Limit("performers", 100, "gigabytes"), Limit("answers", 200_000, MINUTES)),
        fewest_labels=2,
    ),
    "MACE": Aggregator(
        make=crowdkit.MACE,
        fit=by_appearance,
        parameters={  # its restarts all begin with the same random numbers: one does what ten do
            "n_restarts": 1,
            "n_iter": 50,
            "method": "vb",
            "default_noise": 0.5,
            "alpha": 0.5,
            "beta": 0.5,
            "random_state": 0,
        },
        limits=(Limit("answers", 1_000_000, MINUTES),),
    ),
    "KOS": Aggregator(
        make=crowdkit.KOS,
        fit=unweighed,
        parameters={"n_iter": 100, "random_state": 0},
        limits=(Limit("answers", 1_000_000, MINUTES),),
        fewest_labels=2,
        most_labels=2,
    ),
    "GoldMajorityVote": Aggregator(make=crowdkit.GoldMajorityVote, fit=taught, taught=True),
}


@dataclass(frozen=True, slots=True)
class Method:
    """An aggregator by its name, with the parameters that were chosen."""

    name: str
    chosen: Mapping[str, Number] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Method":
        """Read `Name` or `Name:param=value,param=value`; raises WrongMethod."""
        name, _, rest = text.partition(":")
        if name not in AGGREGATORS:
            raise WrongMethod(
                f"{name or 'none was named'}. There are {', '.join(AGGREGATORS)}, and platform:DAWID_SKENE."
            )
        return cls(name, dict(_parameter(name, each) for each in rest.split(",") if each))

    def __str__(self) -> str:
        chosen = ",".join(f"{name}={value}" for name, value in self.chosen.items())
        return f"{self.name}:{chosen}" if chosen else self.name

    @property
    def aggregator(self) -> Aggregator:
        """Return what crowd-kit has under this name."""
        return AGGREGATORS[self.name]

    def check(self, votes: Votes, *, insist: bool = False) -> None:
        """Raise TooMuch, unless `insist`, where it would take minutes or gigabytes; Unfit where it cannot be used."""
        labels = votes.rows["label"].nunique()
        fewest, most = self.aggregator.fewest_labels, self.aggregator.most_labels
        if labels < fewest or (most is not None and labels > most):
            wanted = f"exactly {most}" if most else f"at least {fewest}"
            raise Unfit(f"{self.name} needs {wanted} labels, and there are {labels}.")
        if not insist:
            found = {"answers": len(votes), "performers": votes.rows["worker"].nunique()}
            for limit in self.aggregator.limits:
                self._check_size(limit, found[limit.what])

    def fit(self, votes: Votes, lessons: Lessons) -> Fit:
        """Fit it to the votes; raises Unfit where crowd-kit comes to nothing."""
        model = self.aggregator.make(**{**self.aggregator.parameters, **self.chosen})
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return self.aggregator.fit(model, votes.rows.copy(), lessons)
        except FAILURES as error:
            raise Unfit(f"{self} fails in crowd-kit ({type(error).__name__}: {error}).") from error

    def _check_size(self, limit: Limit, found: int) -> None:
        if found > limit.most:
            raise TooMuch(
                f"{self.name} takes {limit.takes} above {limit.most:,} {limit.what}, and there are {found:,}. "
                "Use DawidSkene, or insist (--insist)."
            )


def _parameter(name: str, text: str) -> tuple[str, Number]:
    known = AGGREGATORS[name].parameters
    parameter, _, value = text.partition("=")
    default = known.get(parameter)
    if default is None:
        there = f"There are {', '.join(known)}." if known else "It has none."
        raise WrongMethod(f"{name} has no parameter {parameter!r}. {there}")
    try:
        return parameter, _value(default, value)
    except ValueError as error:
        raise WrongMethod(f"{name}: {parameter} is {value!r}; {_wanted(default)} is wanted.") from error


def _value(default: Number, text: str) -> Number:
    if isinstance(default, str):
        if text not in STRATEGIES:
            raise ValueError(text)
        return text
    value = type(default)(text)
    if not (math.isfinite(value) and value >= _least(default)):
        raise ValueError(text)
    return value


def _least(default: int | float) -> int:
    """Return from what on a parameter of this default makes sense: counts from 1 on, seeds and shares from 0 on."""
    return 1 if isinstance(default, int) and default else 0


def _wanted(default: Number) -> str:
    if isinstance(default, str):
        return " or ".join(STRATEGIES)
    return f"a {'whole ' if isinstance(default, int) else ''}number from {_least(default)} on"
