"""A deployment to be looked at: a database with one run on a simulated platform, subscriptions, secrets, a worker."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from app.cli import main
from app.config import Settings
from app.keyring import Keyring
from app.pipelines import find, remember
from app.worker import gateway_of
from handlers.gateway import Gateway
from handlers.provisioning import Provisioner
from handlers.routing import Running
from handlers.subscribing import Subscriptions
from simulator.crowd.performers import Crowd, answers_by_spec
from simulator.server import Simulator
from simulator.world.world import World
from store.migrations import migrate
from store.records import Event, Page
from store.sqlite import SqliteStore

URL = "http://localhost:1"
HOOK = f"{URL}/webhooks/toloka/main"
TOKEN = "the-right-token"


@dataclass
class Clinic:
    """What is looked at; `env` is what the doctor is told, and may be changed."""

    env: dict[str, str]
    settings: Settings
    world: World
    store: SqliteStore
    gateway: Gateway
    running: Running

    def doctor(self, *arguments: str) -> Result:
        clean = {name: None for name in os.environ if name.startswith(("CROWDHOOK_", "TOLOKA_"))}
        return CliRunner().invoke(main, ["doctor", *arguments], env={**clean, **self.env})

    def found(self, check: str) -> tuple[str, str]:
        """How a check stands, and what was found with what to do."""
        told = json.loads(self.doctor("--json").stdout)
        (found,) = [each for each in told["findings"] if each["check"] == check]
        return found["level"], f"{found['found']} -> {found['advice']}"

    def levels(self) -> dict[str, str]:
        told = json.loads(self.doctor("--json").stdout)
        return {each["check"]: each["level"] for each in told["findings"]}

    def pool_id(self, role: str) -> str:
        return self.running.pool_ids[role]

    def arrive(self, uuid: str, kind: str = "POOL_CLOSED", role: str = "checking", source: str = "webhook") -> None:
        self.store.append([(b"{}", [Event(uuid, kind, self.pool_id(role), time.time(), source=source)])])

    def handed_in(self, assignment_id: str, submitted: float) -> None:
        shown: dict[str, Any] = {"status": "SUBMITTED", "reward": 0.05, "created": submitted, "reviewed": None}
        page = Page(assignment_id, self.pool_id("outlining"), "bob", submitted=submitted, answers=(), **shown)
        self.store.fold([page])


@contextmanager
def opened(folder: Path) -> Iterator[Clinic]:
    with ExitStack() as ending:
        world = World(Crowd(), answers_by_spec, start=time.time())
        simulator = Simulator(world, gate=None, files=None, token=TOKEN)
        simulator.start()
        ending.callback(simulator.stop)
        env = {
            "TOLOKA_TOKEN": TOKEN,
            "TOLOKA_ENVIRONMENT": simulator.url,
            "CROWDHOOK_DATABASE": str(folder / "crowdhook.db"),
            "CROWDHOOK_RESULTS": str(folder / "results"),
            "CROWDHOOK_URL": URL,
        }
        settings = Settings.from_env(env)
        migrate(settings.database)
        store = ending.enter_context(closing(SqliteStore(settings.database, time.time)))
        gateway = ending.enter_context(closing(gateway_of(settings)[0]))
        yield Clinic(env, settings, world, store, gateway, _set_up(store, gateway, settings))


def _set_up(store: SqliteStore, gateway: Gateway, settings: Settings) -> Running:
    pipeline = find("image-segmentation")
    remember(store, pipeline, "image-segmentation")
    running = Provisioner(store, gateway, pipeline, "main", {"review_days": 10}).provide(time.time())
    secret = Keyring(settings.keyring).add("main").text
    for role, pool_id in running.pool_ids.items():
        pairs = [(pool_id, each) for each in pipeline.event_types(role)]
        Subscriptions(gateway).put(pairs, HOOK, secret)
    store.claim_identity(gateway.account()[0], settings.environment)
    store.beat()
    return running
