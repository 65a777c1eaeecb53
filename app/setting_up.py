"""`crowdhook setup`: say what would be created and what it would cost, ask, and do it; a second time it goes on."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from app.config import Settings
from app.datasets import Item
from app.examples import write_left_out
from app.images import provide
from app.items import give, given, intake
from app.keyring import Keyring
from app.material import Data, Material, read_material
from app.orders import settings_of
from app.pipelines import find, remember
from app.plan_report import Plan, show
from app.runs import Account, NotAgreed, signed_in
from handlers.client import base_url
from handlers.pipeline import Pipeline
from handlers.provisioning import Changed, Provisioner, running
from handlers.routing import Running
from handlers.trouble import TolokaTrouble, TroubleKind
from store.contract import Store
from store.errors import CrowdhookError
from store.migrations import migrate
from store.sqlite import SqliteStore

TAG = "main"  # of the webhook secret that is made


class BrokeOff(CrowdhookError):
    """Set-up broke off; nothing is lost, run the same command again and it goes on:"""


class QuotaReached(CrowdhookError):
    """Toloka creates only so much at once (20 pools and 20 projects a minute, 100 a day); wait, and run it again."""


class NoAddress(CrowdhookError):
    """Performers could not see these images, they are files here: say --images serve, or --images s3://bucket/prefix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be set up."""

    pipeline: str
    run: str = "main"
    values: Mapping[str, Any] = field(default_factory=dict)  # the pipeline's settings
    data: Data = field(default_factory=Data)
    images: str | None = None  # how performers reach files: serve, or s3://bucket/prefix
    public: bool = False  # in the bucket for everybody to see
    left_out: Path | None = None  # where it is written what of the data cannot be used
    apply: bool = False  # change what stands otherwise than declared


def set_up(settings: Settings, order: Order, console: Console, agree: Callable[[], bool]) -> Running:
    """Set a run up, and give it its items; `agree` is asked before anything is created.

    Raises Changed, NotAgreed, BrokeOff, QuotaReached, and what settings, data set, account and platform raise.
    """
    pipeline = find(order.pipeline)
    chosen = settings_of(pipeline, order.values)
    if not _is_simulator(settings):
        pipeline.check_live(chosen)
    material = read_material(pipeline, chosen, order.data)
    if order.left_out:
        write_left_out(material.left_out, order.left_out)
    _check_addresses(order, material.images)
    migrate(settings.database)
    with closing(SqliteStore(settings.database, time.time)) as store, signed_in(settings, store) as account:
        values = _with_data(store, pipeline, order)
        with _told():
            provisioner = Provisioner(store, account.gateway, pipeline, order.run, values)
            plan = _plan(store, provisioner, material, account.now)
        show(console, plan, chosen, account.balance, settings.fee)
        if plan.changed and not order.apply:
            raise Changed
        if not agree():
            raise NotAgreed
        addresses = _published(settings, order, store, pipeline, material.images, console)
        values |= material.values(addresses)
        provisioner = Provisioner(store, account.gateway, pipeline, order.run, values)
        return _carry_out(settings, order, store, account, provisioner, material.items(addresses))


def _is_simulator(settings: Settings) -> bool:
    return base_url(settings.environment).startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))


def _plan(store: Store, provisioner: Provisioner, material: Material, now: float) -> Plan:
    pipeline, objects = provisioner.pipeline, provisioner.plan(now)
    there = running(pipeline, provisioner.run, provisioner.settings, provisioner.ids)
    before = given(store, there) if intake(pipeline) in there.pool_ids else {}
    new = [item for item in material.items({}) if item["key"] not in before]
    notes = pipeline.check_items(provisioner.settings, [*before.values(), *new]) if new or not before else ()
    changes = provisioner.settings_changes()
    return Plan(pipeline, provisioner.run, objects, changes, new, notes, material.left_out)


def _carry_out(
    settings: Settings,
    order: Order,
    store: SqliteStore,
    account: Account,
    provisioner: Provisioner,
    items: Sequence[Mapping[str, Any]],
) -> Running:
    keyring = Keyring(settings.keyring)
    if not settings.webhook_secrets and not keyring.tags():
        keyring.add(TAG)
    remember(store, provisioner.pipeline, order.pipeline)
    with _told():
        made = provisioner.provide(account.now, apply=order.apply)
    give(store, made, items, account.now)
    return made


def _check_addresses(order: Order, items: Sequence[Item]) -> None:
    missing = [item.key for item in items if item.url is None]
    if missing and order.images is None:
        raise NoAddress(f"({len(missing)}, such as {missing[0]})")


def _published(
    settings: Settings, order: Order, store: Store, pipeline: Pipeline, items: Sequence[Item], console: Console
) -> dict[str, str]:
    """Make the images reachable and return their addresses by key."""
    if order.images is None:
        return {item.key: str(item.url) for item in items}
    return provide(store, settings, pipeline.name, order.run, items, order.images, console, public=order.public)


def _with_data(store: Store, pipeline: Pipeline, order: Order) -> dict[str, Any]:
    """Return the order's settings, with those that came from data before and are not given anew."""
    text = store.notes().get(f"settings:{pipeline.name}:{order.run}")
    before: Mapping[str, Any] = json.loads(text) if text else {}
    kept = {name: before[name] for name in pipeline.from_data if name in before}
    return {**kept, **order.values}


@contextmanager
def _told() -> Iterator[None]:
    """Say of the platform's troubles what a person can do about them."""
    try:
        yield
    except TolokaTrouble as error:
        kind = QuotaReached if error.trouble.kind is TroubleKind.QUOTA else BrokeOff
        raise kind(f"({error.detail})") from error
