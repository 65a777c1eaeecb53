"""Runs by name, and the door to the platform that they live on."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from app.config import Settings
from app.pipelines import find, registry
from handlers.client import Budget, PacedClient, PlatformClock, base_url
from handlers.gateway import Gateway
from handlers.routing import Running
from handlers.trouble import TolokaTrouble, TroubleKind
from store.contract import Store
from store.errors import CrowdhookError


class UnknownRun(CrowdhookError):
    """This database has no such run:"""


class NotAgreed(CrowdhookError):
    """Nothing was done."""


class NoToloka(CrowdhookError):
    """Toloka cannot be used: check TOLOKA_ENVIRONMENT, TOLOKA_TOKEN and the network."""


class WrongToken(CrowdhookError):
    """Toloka does not take TOLOKA_TOKEN: the sandbox and production each have tokens of their own."""


@dataclass(frozen=True, slots=True)
class Account:
    """An open door to the platform, and whose it is."""

    gateway: Gateway
    clock: PlatformClock
    id: str
    balance: float  # dollars

    @property
    def now(self) -> float:
        """Return platform time."""
        return self.clock()


def find_run(store: Store, pipeline: str, run: str | None) -> Running:
    """Return a run of a pipeline, None: its only one. Raises UnknownPipeline, UnknownRun."""
    name = find(pipeline).name
    runs = {each.run: each for each in registry(store).runs if each.pipeline.name == name}
    found = next(iter(runs.values())) if run is None and len(runs) == 1 else runs.get(run or "")
    if found is None:
        known = f"those of {name} are {', '.join(sorted(runs))}" if runs else f"it has none of {name}"
        raise UnknownRun(f"{run or 'none was named'}; {known}.")
    return found


def gateway_of(settings: Settings) -> tuple[Gateway, PlatformClock]:
    """Open the door to Toloka that the settings name, and the clock that reads its time."""
    clock = PlatformClock(time.monotonic, time.time)
    budget = Budget(settings.requests_per_second, time.monotonic)
    client = PacedClient(settings.require_token(), base_url(settings.environment), budget, clock)
    return Gateway(client, pause=0.05 if settings.gate else 0.5), clock


def sign_in(settings: Settings, store: Store, gateway: Gateway) -> tuple[str, float]:
    """Return the account's id and balance, once it is sure that the database is that account's.

    Raises WrongToken, NoToloka, ForeignDatabase.
    """
    try:
        account, balance = gateway.account()
    except TolokaTrouble as error:
        kind = WrongToken if error.trouble.kind is TroubleKind.AUTH else NoToloka
        raise kind(f"({settings.environment}) {error.detail}") from error
    store.claim_identity(account, settings.environment)
    return account, balance


@contextmanager
def signed_in(settings: Settings, store: Store) -> Iterator[Account]:
    """Open the door, say who is there, and close it at the end."""
    gateway, clock = gateway_of(settings)
    with closing(gateway):
        account, balance = sign_in(settings, store, gateway)
        yield Account(gateway, clock, account, balance)
