"""A rehearsal: the simulator, the real service, and a clock that drives both, from nothing to quiescence."""

import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from app.config import Settings
from app.datasets import Item
from app.driver import Driver, Person
from app.folder import taken
from app.images import provide
from app.items import give
from app.pipelines import find, remember
from app.runs import gateway_of
from app.serve import WEB, WORKER, Supervisor, children
from app.subscriber import listening
from handlers.provisioning import Provisioner
from handlers.routing import Running
from handlers.subscribing import Subscriptions
from simulator.courier import Courier
from simulator.crowd.performers import Answers, Population
from simulator.elements.clock import Gate
from simulator.faults.file import read_plan
from simulator.records.hands import Hands
from simulator.server import Simulator
from simulator.world.world import World
from store.migrations import migrate
from store.spending import RunControl, RunState
from store.sqlite import SqliteStore
from webhooks.subscriptions import compared, registered

START = datetime(2025, 1, 6, 9, tzinfo=UTC).timestamp()  # platform time; always the same, so that runs can be compared
DATABASE = "crowdhook.db"
HISTORY = "world.jsonl"
REQUESTS = "requests.jsonl"
KEYRING = "crowdhook.keyring"
FILES = (
    KEYRING,
    HISTORY,
    REQUESTS,
    *(f"{DATABASE}{end}" for end in ("", "-wal", "-shm", ".beat", ".lock", ".queue")),
    "results",
)
TOKEN = "a-rehearsals-key"  # noqa: S105  (the simulator's; it opens nothing)


@dataclass(frozen=True, slots=True)
class Images:
    """Items' images that the program itself makes reachable, as on an account; else the simulator shows them."""

    files: Sequence[Item]  # under the keys of the items
    where: str  # serve, or s3://bucket/prefix; the environment says where the storage is
    public: bool = False
    console: Console = field(default_factory=lambda: Console(quiet=True))  # shows progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is rehearsed, by whom, with which faults, and where its files go."""

    pipeline: str  # a shipped pipeline's name, or a dotted module
    items: Sequence[Mapping[str, Any]]  # key, url (a path below /files/ or an address), …
    crowd: Population
    answers: Answers
    out: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    files: Path | None = None  # folder that the simulator serves at /files/
    images: Images | None = None
    hands: Hands = field(default_factory=Hands)  # what an operator clicks meanwhile on the site
    repeat: bool = False
    shuffle: bool = False
    lose: float = 0.0
    faults: Path | None = None  # TOML of what else goes wrong
    person: Callable[[SqliteStore, Running], Person | None] = lambda store, running: None  # decides what is held
    reconcile_seconds: float = 60.0
    run: str = "rehearsal"
    cap: float | None = None  # dollars that the run may cost, fee included
    daily_cap: float | None = None
    fee: float = 0.3  # the simulated platform's, as a share of rewards
    worker: Sequence[str] = WORKER
    web: str = WEB


@dataclass(slots=True)
class Stage:
    """Everything that runs during a rehearsal, for those who watch it or sum it up."""

    plan: Plan
    settings: Settings
    world: World
    courier: Courier
    simulator: Simulator
    store: SqliteStore
    driver: Driver
    running: Running

    def money(self) -> dict[str, float]:
        """Return the dollars charged so far by the pool's role, fee included, and in `total`."""
        spent = self.world.spent_by_pool()
        by_role = {role: round(spent.get(pool_id, 0.0), 4) for role, pool_id in self.running.pool_ids.items()}
        return {**by_role, "total": round(sum(spent.values()), 4)}


@contextmanager
def stage(plan: Plan, watch: Callable[[Stage], None] = lambda stage: None) -> Iterator[Stage]:
    """Rehearse in the plan's folder, which is made ready for it: see `staged`. Raises NotOurs, InUse, CannotWrite."""
    with taken(plan.out, FILES), staged(plan, watch) as at:
        yield at


@contextmanager
def staged(plan: Plan, watch: Callable[[Stage], None]) -> Iterator[Stage]:
    """Set everything up, drive the time to quiescence calling `watch` after each tick, and yield what then stands.

    Raises BadFaults.
    """
    with ExitStack() as ending:
        faults = read_plan(plan.faults, _disturbances(plan), plan.crowd.seed)
        world, gate = World(plan.crowd, plan.answers, start=START, hands=plan.hands), Gate()
        written: dict[str, Any] = {"faults": faults, "requests": plan.out / REQUESTS}
        simulator = Simulator(world, gate=gate, files=plan.files, token=TOKEN, **written)
        ending.callback(simulator.stop)
        simulator.start()
        settings = _settings(plan, simulator.url)
        migrate(settings.database)
        store = SqliteStore(settings.database, time.time)
        ending.callback(store.close)
        supervisor = Supervisor(children(settings, plan.worker, plan.web), _environment(settings))
        ending.enter_context(supervisor.in_background())
        running = _set_up(plan, settings, store, world.now)
        give(store, running, _seen(plan, settings, store), world.now)
        courier = Courier(world, time.time, strikes=simulator.strikes, history=simulator.history)
        ending.callback(courier.close)
        driver = Driver(
            world,
            courier,
            gate,
            plan.reconcile_seconds,
            lambda: watch(at),
            supervisor.check,
            plan.person(store, running),
        )
        at = Stage(plan, settings, world, courier, simulator, store, driver, running)
        driver.run()
        world.write_history(plan.out / HISTORY)
        yield at


def _disturbances(plan: Plan) -> list[str]:
    """Return what goes wrong with notifications by the plan itself, as options name it."""
    shares = {"repeat": float(plan.repeat), "shuffle": float(plan.shuffle), "lose": plan.lose}
    return [f"{kind}={share}" for kind, share in shares.items() if share]


def _seen(plan: Plan, settings: Settings, store: SqliteStore) -> list[dict[str, Any]]:
    """Return the items with the addresses at which they are seen."""
    items = [{**item, "url": _absolute(item["url"], settings.environment)} for item in plan.items]
    if plan.images is None:
        return items
    images, name = plan.images, find(plan.pipeline).name
    at = provide(store, settings, name, plan.run, images.files, images.where, images.console, public=images.public)
    return [{**item, "url": at.get(item["key"], item["url"])} for item in items]


def _settings(plan: Plan, url: str) -> Settings:
    port = _free_port()
    return Settings(
        database=(plan.out / DATABASE).absolute(),
        keyring=(plan.out / KEYRING).absolute(),
        results=(plan.out / "results").absolute(),
        port=port,
        url=f"http://127.0.0.1:{port}",
        s3_endpoint=Settings.from_env(os.environ).s3_endpoint if plan.images else None,
        webhook_secrets={"rehearsal": (secrets.token_urlsafe(32),)},
        token=TOKEN,
        environment=url,
        requests_per_second=10_000.0,
        reconcile_seconds=plan.reconcile_seconds,
        gate=url,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(settings: Settings) -> dict[str, str]:
    """Return the environment in which web and worker read back these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    tag, (secret,) = next(iter(settings.webhook_secrets.items()))
    return kept | {
        "CROWDHOOK_DATABASE": str(settings.database),
        "CROWDHOOK_RESULTS": str(settings.results),
        "CROWDHOOK_HOST": settings.host,
        "PORT": str(settings.port),
        "CROWDHOOK_WEBHOOK_SECRETS": f"{tag}:{secret}",
        "TOLOKA_TOKEN": TOKEN,
        "TOLOKA_ENVIRONMENT": settings.environment,
        "CROWDHOOK_REQUESTS_PER_SECOND": str(settings.requests_per_second),
        "CROWDHOOK_RECONCILE_SECONDS": str(settings.reconcile_seconds),
        "CROWDHOOK_GATE": settings.gate or "",
        "CROWDHOOK_S3_ENDPOINT": settings.s3_endpoint or "",
        "GUNICORN_CMD_ARGS": "--log-level=error",
    }


def _set_up(plan: Plan, settings: Settings, store: SqliteStore, now: float) -> Running:
    """Create the projects, pools and skills, and subscribe to their events."""
    pipeline = find(plan.pipeline)
    remember(store, pipeline, plan.pipeline)
    tag, (secret,) = next(iter(settings.webhook_secrets.items()))
    url = f"http://{settings.host}:{settings.port}/webhooks/toloka/{tag}"
    gateway, _ = gateway_of(settings)
    store.write_run(RunControl(pipeline.name, plan.run, RunState.STARTED, plan.cap, plan.daily_cap, plan.fee))
    with closing(gateway):
        running = Provisioner(
            store, gateway, pipeline, plan.run, _absolute(plan.settings, settings.environment)
        ).provide(now)
        wanted = compared(listening([running]), [], url)
        registered(Subscriptions(gateway), wanted, url, secret)
    return running


def _absolute(value: Any, url: str) -> Any:
    """Put the simulator's address before every path below /files/."""
    if isinstance(value, str):
        return f"{url}{value}" if value.startswith("/files/") else value
    if isinstance(value, Mapping):
        return {key: _absolute(each, url) for key, each in value.items()}
    return [_absolute(each, url) for each in value] if isinstance(value, Sequence) else value
