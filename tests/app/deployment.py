"""A deployment as it stands before it is subscribed: a simulated Toloka with two runs set up, and a real receiver."""

import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner, Result
from proxy import Proxy, passing

from app.cli import main
from app.config import Settings
from app.keyring import Keyring
from app.pipelines import find, remember
from app.runs import gateway_of
from app.web_config import gunicorn_command
from handlers.provisioning import Provisioner
from simulator.crowd.performers import Crowd, answers_by_spec
from simulator.records.notices import Subscription
from simulator.server import Simulator
from simulator.world.world import World
from store.migrations import migrate
from store.sqlite import SqliteStore

ROOT = Path(__file__).parents[2]
START = 1_736_154_000.0  # 2025-01-06 09:00 UTC
RUNS = ("live", "later")
TOKEN = "right"


@dataclass
class Live:
    """What is there; `pools` are pool ids by (run, role)."""

    world: World
    simulator: Simulator
    toloka: Proxy  # in front of the simulator; lets everything pass until it is told otherwise
    database: Path
    port: int
    pools: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def hook(self) -> str:
        return f"{self.url}/webhooks/toloka/main"

    @property
    def keyring(self) -> Keyring:
        return Keyring(self.database.with_suffix(".keyring"))

    @property
    def log(self) -> Path:
        """What the receiver wrote to standard error."""
        return self.database.with_suffix(".log")

    @property
    def env(self) -> dict[str, str]:
        return {
            "TOLOKA_TOKEN": TOKEN,
            "TOLOKA_ENVIRONMENT": self.toloka.url,
            "CROWDHOOK_DATABASE": str(self.database),
            "CROWDHOOK_RESULTS": str(self.database.with_name("results")),
            "CROWDHOOK_URL": self.url,
            "CROWDHOOK_REQUESTS_PER_SECOND": "10000",
            "PORT": str(self.port),
        }

    @property
    def settings(self) -> Settings:
        return Settings.from_env(self.env)

    def crowdhook(self, *arguments: str, answer: str = "", **env: str) -> Result:
        """Run a command as a person does; `answer` is what is typed."""
        clean = {name: None for name in os.environ if name.startswith(("CROWDHOOK_", "TOLOKA_"))}
        return CliRunner().invoke(main, arguments, env={**clean, **self.env, **env}, input=answer)

    def subscriptions(self) -> list[Subscription]:
        """What Toloka has registered, in the order in which it was."""
        with self.world.lock:
            return sorted(self.world.state.subscriptions.values(), key=lambda each: each.created)

    def pairs(self, url: str | None = None) -> set[tuple[str, str]]:
        """(pool id, event type) of what is sent to a URL, by default ours."""
        return {(each.pool_id, each.event_type) for each in self.subscriptions() if each.url == (url or self.hook)}

    def forget(self) -> None:
        """Let Toloka have nothing registered, and everything pass to it."""
        with self.world.lock:
            self.world.state.subscriptions.clear()
        self.toloka.decide = lambda request: None

    def stored(self, type: str) -> list[str | None]:
        """Assignment ids of the events of a type, one for each event that is stored."""
        with closing(SqliteStore(self.database, time.time)) as store:
            found, before = [], None
            while True:
                page = store.events(type=type, before=before, limit=500)
                found += [each.event.assignment_id for each in page.events]
                before = page.next_before
                if before is None:
                    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def deployed(folder: Path) -> Iterator[Live]:
    """Toloka, with two runs of the shipped pipeline set up; no receiver yet, and no secret."""
    with ExitStack() as ending:
        world = World(Crowd(), answers_by_spec, start=START)
        simulator = Simulator(world, gate=None, files=None, token=TOKEN)
        simulator.start()
        ending.callback(simulator.stop)
        toloka = ending.enter_context(passing(int(simulator.url.rpartition(":")[2]), lambda request: None))
        live = Live(world, simulator, toloka, folder / "crowdhook.db", free_port())
        migrate(live.database)
        store = ending.enter_context(closing(SqliteStore(live.database, time.time)))
        gateway, _ = gateway_of(live.settings)
        pipeline = find("image-segmentation")
        remember(store, pipeline, "image-segmentation")
        for run in RUNS:
            made = Provisioner(store, gateway, pipeline, run, {}).provide(world.now)
            live.pools |= {(run, role): pool_id for role, pool_id in made.pool_ids.items()}
        gateway.close()
        yield live


@contextmanager
def receiving(live: Live, **env: str) -> Iterator[None]:
    """Serve the receiver by the real command, until the block ends."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    given = {**clean, **live.env, **env}
    command = gunicorn_command(Settings.from_env(given))
    with live.log.open("ab") as log, subprocess.Popen(command, cwd=ROOT, env=given, stderr=log) as process:
        try:
            assert eventually(lambda: answers(f"http://127.0.0.1:{given['PORT']}/readyz")), live.log.read_text()
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def eventually(holds: Callable[[], bool], seconds: float = 30.0) -> bool:
    until, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < until:
        if holds():
            return True
        pause.wait(0.05)
    return holds()


def refused(result: Result, *words: str) -> str:
    """Status 2, and one line that names what is wrong."""
    assert result.exit_code == 2, result.output
    line = result.stderr.strip()
    assert line.startswith("crowdhook: ")
    assert "\n" not in line, line
    for word in words:
        assert word in line, line
    return line
