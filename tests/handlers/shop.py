"""A whole small service without its processes: a simulated Toloka over HTTP, a store in a file, and a tiny pipeline."""

import datetime
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import toloka.client as toloka
from front import Front, standing_in_front

from handlers.carrying import Carrier
from handlers.client import Budget, PacedClient, PlatformClock
from handlers.deciding import Decider, Observer, Patience, Step
from handlers.dispatcher import Dispatcher
from handlers.gateway import Gateway
from handlers.pipeline import Buffer, Pipeline, Pool
from handlers.provisioning import Provisioner
from handlers.routing import Registry, Running
from simulator.crowd.performers import Crowd
from simulator.server import Simulator
from simulator.world.world import World
from store.migrations import migrate
from store.records import Decision, Event, Lane
from store.spending import RunControl, RunState
from store.sqlite import SqliteStore
from webhooks.reconciler import Reconciler

START = 1_700_000_000.0
HOUR = 3600.0
LEASE = 60.0
IDENTITY = "requester|simulator"


class Clock:
    """Machine time that a test moves."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def say_yes(task: Mapping[str, Any], project: Mapping[str, Any], performer: Any) -> dict[str, Any]:
    return {"answer": "yes"}


def project(name: str) -> Callable[[Any], toloka.Project]:
    def declared(settings: Any) -> toloka.Project:
        text = toloka.project.StringSpec
        return toloka.Project(
            public_name=name,
            public_description=name,
            task_spec=toloka.project.task_spec.TaskSpec(
                input_spec={
                    "question": text(),
                    "assignment_id": text(required=False, hidden=True),
                    "task_id": text(required=False, hidden=True),
                },
                output_spec={"answer": text(allowed_values=["yes", "no"])},
                view_spec=toloka.project.ClassicViewSpec(script="", markup="", styles="", assets={}),
            ),
        )

    return declared


def pool(role: str, *, reviewed: bool, tasks: int = 1) -> Callable[[Any, Mapping[str, str], float], toloka.Pool]:
    def declared(settings: Any, ids: Mapping[str, str], now: float) -> toloka.Pool:
        made = toloka.Pool(
            project_id=ids[f"project:{role}"],
            private_name=role,
            may_contain_adult_content=False,
            will_expire=datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC),
            reward_per_assignment=0.01,
            assignment_max_duration_seconds=600,
            auto_accept_solutions=not reviewed,
            auto_accept_period_day=14 if reviewed else None,
            filter=toloka.filter.Languages.in_("EN"),
        )
        made.set_mixer_config(real_tasks_count=tasks, force_last_assignment_delay_seconds=5)
        return made

    return declared


@dataclass
class Small:
    """The tiny pipeline: reviewed work, and automatically accepted checks of it. Tests register their handlers."""

    pipeline: Pipeline
    work: Pool
    checks: Pool


def small(buffer: Buffer | None = None, work_tasks: int = 1) -> Small:
    pipeline = Pipeline("small", skills={"checking": "Checks"})
    work = pipeline.pool("work", project=project("Work"), pool=pool("work", reviewed=True, tasks=work_tasks))
    declared = pool("checks", reviewed=False)
    return Small(pipeline, work, pipeline.pool("checks", project=project("Check"), pool=declared, buffer=buffer))


@dataclass
class Shop:
    """What is running; `running` and what follows from it are there after `set_up`."""

    world: World
    simulator: Simulator
    front: Front
    gateway: Gateway
    store: SqliteStore
    clock: Clock
    database: Path
    steps: list[Step] = field(default_factory=list)
    published: list[Decision] = field(default_factory=list)

    def set_up(self, pipeline: Pipeline, **values: Any) -> Running:
        self.store.write_run(RunControl(pipeline.name, "test", RunState.STARTED))
        self.running = Provisioner(self.store, self.gateway, pipeline, "test", values).provide(self.world.now)
        self.registry = Registry([self.running])
        return self.running

    def decider(self, owner: str = "ann", attempts: int = 3) -> Decider:
        return Decider(
            self.store,
            self.gateway,
            self.registry,
            owner=owner,
            machine_clock=self.clock,
            observe=self.steps.append,
            patience=Patience(attempts, 1.0),
        )

    def carrier(self, observe: Observer | None = None) -> Carrier:
        return Carrier(
            self.store,
            self.gateway,
            self.registry,
            identity=IDENTITY,
            machine_clock=self.clock,
            observe=observe or self.steps.append,
            publish=self.published.append,
        )

    def dispatcher(self, owner: str = "ann", observe: Observer | None = None) -> Dispatcher:
        return Dispatcher(
            self.store,
            self.gateway,
            self.registry,
            owner=owner,
            identity=IDENTITY,
            machine_clock=self.clock,
            publish=self.published.append,
            observe=observe or self.steps.append,
            patience=Patience(3, 1.0),
        )

    def until_idle(self, dispatcher: Dispatcher) -> None:
        """Cycle until nothing is left to do at the platform's present moment."""
        for _ in range(50):
            if not dispatcher.cycle(self.world.now):
                return
        raise AssertionError("there is no end to it")

    def give(self, *questions: str, role: str = "work") -> None:
        """Append an ITEMS_ADDED event of these questions."""
        payload = {"items": list(questions)}
        uuid = f"items-{'-'.join(questions)}"
        event = Event(uuid, "ITEMS_ADDED", self.running.pool_ids[role], self.world.now, payload=payload)
        self.store.append([(b"{}", [event])])

    def tell(self, event_type: str, assignment_id: str, pool_id: str, at: float | None = None) -> None:
        """Append one event about an assignment, as a notification would."""
        key = f"{event_type}:{assignment_id}"
        moment = self.world.now if at is None else at
        self.store.append([(b"{}", [Event(key, event_type, pool_id, moment, key, assignment_id)])])

    def sweep(self) -> int:
        """Append what happened on the platform, found by asking it."""
        watched = {
            pool_id: frozenset(self.running.pipeline.event_types(role))
            for role, pool_id in self.running.pool_ids.items()
        }
        return Reconciler(self.store, self.gateway, watched).sweep(self.world.now + 60.0)

    def work(self, hours: float = 1.0) -> None:
        """Let the performers work."""
        self.world.advance(self.world.now + hours * HOUR)

    def tasks(self, role: str, *questions: str, overlap: int = 1, **more: Any) -> list[toloka.Task]:
        """Create tasks past the program and open their pool."""
        pool_id = self.running.pool_ids[role]
        tasks = [
            toloka.Task(pool_id=pool_id, input_values={"question": each, **more}, overlap=overlap) for each in questions
        ]
        made = self.gateway.client.create_tasks(tasks, async_mode=False, open_pool=True)
        return [made.items[str(at)] for at in range(len(tasks))]

    def pages(self, role: str = "work") -> list[str]:
        """Ids of the assignments of a pool, in order."""
        return sorted(self.world.state.pools[self.running.pool_ids[role]].assignment_ids)

    def lane(self, role: str = "work", owner: str = "ann") -> Lane:
        lane = self.store.hold_lane(self.running.pool_ids[role], owner, LEASE)
        assert lane is not None
        return lane

    def happened(self, kind: str) -> list[dict[str, Any]]:
        """Lines of the world's history of one kind."""
        return [line for line in self.world.history() if line["kind"] == kind]

    def states(self, kind: str) -> dict[str, str]:
        """Decisions of a kind: key -> state."""
        return {each.key: str(each.state) for each in self.store.decisions(kind=kind)}


def gateway_to(url: str, clock: Clock | None = None) -> Gateway:
    machine = clock or Clock()
    return Gateway(PacedClient("token", url, Budget(1e9, machine), PlatformClock(machine, machine)), pause=0.0)


@contextmanager
def opened(directory: Path, **settings: Any) -> Iterator[Shop]:
    with ExitStack() as at_end:
        crowd = Crowd(performers=12, skip=0.0, expire=0.0)
        world = World(crowd, settings.pop("answers", say_yes), start=START, **settings)
        simulator = Simulator(world, gate=None, files=None, token="token")
        simulator.start()
        at_end.callback(simulator.stop)
        front = at_end.enter_context(standing_in_front(simulator.url))
        clock, database = Clock(), directory / "crowdhook.db"
        migrate(database)
        gateway, store = gateway_to(front.url, clock), SqliteStore(database, clock)
        at_end.callback(store.close)
        at_end.callback(gateway.close)
        yield Shop(world, simulator, front, gateway, store, clock, database)
