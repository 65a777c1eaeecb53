"""What `crowdhook subscribe` does: the URL is checked and proved, Toloka is told, and a table says what came of it."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.acts import date
from app.config import BadSetting, Settings
from app.keyring import Keyring
from app.pipelines import find, registry
from app.runs import UnknownRun, signed_in
from app.signing import Signing
from app.subscriber import Prove, Subscriber, Tried, listening
from handlers.client import base_url
from handlers.subscribing import Subscriptions
from store.sqlite import SqliteStore
from webhooks.deployment import Deployment, addresses_of, checked, read_url
from webhooks.proof import Proof
from webhooks.subscriptions import Line, Listening, State

WIDE = 200  # columns of a table that nobody looks at through a terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person asked for: whose subscriptions, and where they are sent."""

    settings: Settings
    pipeline: str | None = None  # None: all of them
    run: str | None = None
    url: str | None = None  # None: CROWDHOOK_URL
    tag: str = "main"

    @property
    def at(self) -> Deployment:
        """Return the deployment that notifications are sent to; raises BadUrl, BadSetting."""
        url = self.url or self.settings.url
        if not url:
            raise BadSetting(
                "CROWDHOOK_URL is not set. Set it, or --url, to where the outside reaches this deployment."
            )
        return read_url(url)

    def addresses(self) -> list[str]:
        """Return the addresses that the deployment's host leads to, checked; raises BadUrl."""
        return checked(self.at, base_url(self.settings.environment), addresses_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What an order is carried out with. `chosen` are the pools that were asked for, of those of all runs."""

    order: Order
    store: SqliteStore
    subscriber: Subscriber
    chosen: Sequence[Listening]

    def lines(self, *states: State) -> list[Line]:
        """Return the chosen pools' subscriptions that stand so; with all pools, those of nobody at our URL, too."""
        everything = self.order.pipeline is None and self.order.run is None
        lines = (line for line in self.subscriber.lines() if everything or line.pool in self.chosen)
        return [line for line in lines if line.state in states]

    def prover(self, addresses: Sequence[str]) -> Prove:
        """Return what proves that the receiver at these addresses is ours."""
        return Proof(self.order.at, addresses, self.order.tag, self.store, time.time).of


@contextmanager
def opened(order: Order, tell: Callable[[str], None] = click.echo) -> Iterator[Desk]:
    """Open the store and the door to Toloka for an order.

    Raises BadSetting, BadUrl, BadTag, UnknownPipeline, UnknownRun, WrongToken, NoToloka, and what the store raises.
    """
    settings, url = order.settings, order.at.hook(order.tag)
    signing = Signing(Keyring(settings.keyring), settings.webhook_secrets, order.tag, time.time)
    settings.require_token()
    with closing(SqliteStore(settings.database, time.time)) as store:
        pools = listening(registry(store).runs)
        chosen = _chosen(pools, order)
        with signed_in(settings, store) as account:
            toloka = Subscriptions(account.gateway)
            subscriber = Subscriber(platform=toloka, pools=pools, url=url, signing=signing, tell=tell)
            yield Desk(order=order, store=store, subscriber=subscriber, chosen=chosen)


def _chosen(pools: Sequence[Listening], order: Order) -> list[Listening]:
    name = find(order.pipeline).name if order.pipeline else None
    found = [each for each in pools if name in {None, each.pipeline} and order.run in {None, each.run}]
    if not found:
        known = sorted({f"{each.pipeline} --run {each.run}" for each in pools})
        asked = " --run ".join(filter(None, (order.pipeline, order.run))) or "none is set up yet"
        raise UnknownRun(f"{asked}; it has {', '.join(known) or 'none'}.")
    return found


def subscribe(order: Order) -> bool:
    """Register the order's subscriptions and have Toloka try them; True when all work."""
    addresses = order.addresses()
    with opened(order) as desk:
        return _told(desk, desk.subscriber.subscribe(desk.chosen, desk.prover(addresses)))


def rotate(order: Order, grace_hours: float) -> bool:
    """Have all subscriptions at our URL signed with a new secret; True when all work and the old one is retired."""
    addresses = order.addresses()
    with opened(order) as desk:
        worked = _told(desk, desk.subscriber.rotate(grace_hours * 3600.0, desk.prover(addresses)))
    if order.settings.webhook_secrets.get(order.tag):
        click.echo(f"CROWDHOOK_WEBHOOK_SECRETS holds a secret of {order.tag}, too: believed until you take it out.")
    return worked


def show(order: Order) -> None:
    """Print what is registered and what should be; nothing is changed."""
    with opened(order) as desk:
        lines = desk.lines(*State)
        _print(_listed(lines, desk.subscriber.url))
    counts = Counter(line.state for line in lines)
    click.echo(f"{', '.join(f'{counts[state]} {state}' for state in State)}.")


def remove(order: Order, *, yes: bool) -> None:
    """Delete the subscriptions at our URL, and no others; a person is asked first, unless `yes`."""
    with opened(order) as desk:
        lines = desk.lines(State.PRESENT, State.SUPERFLUOUS)
        if not lines:
            click.echo(f"Nothing is sent to {desk.subscriber.url}.")
            return
        _print(_listed(lines, desk.subscriber.url))
        if not yes:
            click.confirm(f"Delete these {len(lines)}? Toloka tells us nothing of their pools then", abort=True)
        click.echo(f"Deleted: {desk.subscriber.remove(lines)} subscriptions.")


def _told(desk: Desk, tried: Sequence[Tried]) -> bool:
    table = Table("pool", "event type", "subscription", "Toloka's test call")
    for each in tried:
        table.add_row(*map(Text, (_pool(each.line), each.line.event_type, _id(each.line), each.result)))
    _print(table)
    elsewhere = desk.lines(State.ELSEWHERE)
    if elsewhere:
        click.echo(f"Sent elsewhere, too, and left alone: {len(elsewhere)}; `crowdhook subscribe --list` shows them.")
    failed = sum(not each.works for each in tried)
    click.echo(f"{failed} of {len(tried)} do not work." if failed else f"All {len(tried)} work.")
    return not failed


def _listed(lines: Sequence[Line], url: str) -> Table:
    table = Table("pool", "event type", "", "created", "subscription", "sent to", title=f"Subscriptions at {url}")
    for line in lines:
        there = line.subscription
        created, to = (date(there.created), "" if there.url == url else _shown(there.url)) if there else ("", "")
        table.add_row(*map(Text, (_pool(line), line.event_type, line.state, created, _id(line), to)))
    return table


def _pool(line: Line) -> str:
    pool = line.pool
    return f"{pool.pipeline} {pool.run} {pool.role}" if pool else f"{line.pool_id}, none of this database"


def _id(line: Line) -> str:
    return line.subscription.subscription_id if line.subscription else ""


def _shown(url: str) -> str:
    """Return another's URL without what may be secret in it: a password, a query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _print(table: Table) -> None:
    console = Console()
    (console if console.is_terminal else Console(width=WIDE)).print(table)
