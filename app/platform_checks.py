"""The platform as this deployment sees it: token, account, money, clock; then every pool of every run."""

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from urllib.parse import urlsplit

from app.config import Settings
from app.findings import Finding, fail, looked, ok, span, warn
from app.pipelines import watched
from app.run_checks import Place, look_at
from app.runs import gateway_of
from handlers.client import PlatformClock
from handlers.gateway import Gateway
from handlers.routing import Running
from handlers.trouble import TolokaTrouble, TroubleKind
from store.contract import Store

MOST_SKEW = 60.0  # seconds
LEFT_OUT = "the checks of the platform were left out"


def platform(settings: Settings, store: Store | None) -> Iterator[Finding]:
    """Look at the platform; `store` is None when there is no database to compare it with."""
    if settings.token is None:
        yield fail("token", f"not set: {LEFT_OUT}", "set TOLOKA_TOKEN or TOLOKA_TOKEN_FILE")
        return
    gateway, clock = gateway_of(settings)
    with closing(gateway):
        try:
            account, balance = gateway.account()
        except TolokaTrouble as error:
            yield _not_let_in(settings, error)
            return
        yield ok("token", f"accepted by {settings.environment}, account {account}")
        yield _skew(clock.skew or 0.0)
        if store is None:
            yield ok("balance", f"{balance:.2f} dollars")
            return
        yield _identity(settings, store, account)
        yield from looked("runs", lambda: _runs(settings, store, gateway, clock, balance))


def seen_from_outside(settings: Settings) -> Iterator[Finding]:
    """Ask this deployment for its pages the way a stranger would, by its own address."""
    if settings.url is None or urlsplit(settings.url).hostname in ("localhost", "127.0.0.1", "::1"):
        return
    try:
        with urllib.request.urlopen(f"{settings.url}/", timeout=5):  # noqa: S310  (an http address, by its setting)
            yield fail("pages", f"{settings.url}/ shows them to everybody", "set CROWDHOOK_PAGE_PASSWORD")
    except urllib.error.HTTPError as error:
        yield ok("pages", f"{settings.url}/ does not show them to strangers ({error.code})")
    except OSError as error:
        why = getattr(error, "reason", error)
        yield warn("pages", f"{settings.url}/ is not reached from here ({why})", "see name, firewall and proxy")


def _not_let_in(settings: Settings, error: TolokaTrouble) -> Finding:
    where = settings.environment
    if error.trouble.kind is TroubleKind.AUTH:
        return fail("token", f"{where} does not accept it: {LEFT_OUT}", "see TOLOKA_TOKEN and TOLOKA_ENVIRONMENT")
    return fail("token", f"{where} is not reached ({error.detail}): {LEFT_OUT}", "see the network, and Toloka's status")


def _skew(skew: float) -> Finding:
    said = f"{span(abs(skew))} {'behind' if skew > 0 else 'ahead of'} the platform's"
    if abs(skew) > MOST_SKEW:
        return warn("clock", said, "set the machine's clock (NTP): signatures and deadlines are dated by it")
    return ok("clock", said)


def _identity(settings: Settings, store: Store, account: str) -> Finding:
    bound = store.identity()
    if bound is None:
        return ok("identity", "the database belongs to no account yet")
    if bound == (account, settings.environment):
        return ok("identity", "the database belongs to this account and environment")
    advice = "use the database of this account and environment, or this one's token"
    return fail("identity", f"the database belongs to account {bound[0]}, {bound[1]}", advice)


def _runs(
    settings: Settings, store: Store, gateway: Gateway, clock: PlatformClock, balance: float
) -> Iterator[Finding]:
    runs = watched(store).runs
    if not runs:
        yield ok("runs", "none is set up")
    for place in _places(runs, settings, clock):
        yield from looked(place.name, partial(look_at, place, store, gateway))
    purses = [store.purse(each.pipeline.name, each.run, clock()) for each in runs]
    yield _money(balance, sum(each.in_flight for each in purses))


def _places(runs: tuple[Running, ...], settings: Settings, clock: PlatformClock) -> Iterator[Place]:
    for running in runs:
        for role in running.pool_ids:
            yield Place(running, role, time.time(), clock(), settings.url)


def _money(balance: float, cost: float) -> Finding:
    said = f"{balance:.2f} dollars, at most {cost:.2f} for what is under way"
    return warn("balance", said, "top the account up, or pools will close") if balance < cost else ok("balance", said)
