"""A small Toloka for tests: a world behind a real server, the real client, and the pools that pipelines use."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx
import toloka.client as toloka
from toloka.client.filter import FilterAnd, FilterOr, Languages, Skill
from toloka.client.pool.mixer_config import MixerConfig
from toloka.client.project.field_spec import BooleanSpec, JsonSpec, StringSpec, UrlSpec
from toloka.client.project.task_spec import TaskSpec
from toloka.client.project.view_spec import ClassicViewSpec

from simulator.crowd.performers import Answers, Crowd, answers_by_spec
from simulator.elements.clock import Gate
from simulator.server import Simulator
from simulator.world.world import World

START = 1_700_000_000.0
HOUR = 3600.0
VIEW = ClassicViewSpec(script="", markup="", styles="", assets={})


def world(crowd: Crowd | None = None, answers: Answers = answers_by_spec, **settings: Any) -> World:
    """A world without quotas, unless they are asked for: tests create much in no time."""
    return World(crowd or Crowd(skip=0.0, expire=0.0), answers, start=START, **{"quotas": False, **settings})


class Bench:
    """A running simulator, its world, and the real client that talks to it."""

    def __init__(self, world: World, url: str, simulator: Simulator | None = None) -> None:
        self.world, self.url = world, url
        self.running = simulator
        self.client = toloka.TolokaClient("token", url=url, verify=False)  # loads no certificates for plain HTTP
        self.http = httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": "OAuth token"})

    @property
    def simulator(self) -> Simulator:
        assert self.running is not None
        return self.running

    def close(self) -> None:
        """The client never closes its connections: it drops them when it has had 128 others."""
        self.client._session.close()
        self.http.close()

    def outlining(self, **settings: Any) -> toloka.Pool:
        project = self.client.create_project(outlining_project())
        return self.client.create_pool(outlining_pool(project.id, **settings))

    def checking(self, **settings: Any) -> toloka.Pool:
        project = self.client.create_project(checking_project())
        return self.client.create_pool(checking_pool(project.id, **settings))

    def fill(self, pool: toloka.Pool, count: int, **fields: Any) -> list[toloka.Task]:
        tasks = [toloka.Task(pool_id=pool.id, input_values=inputs(pool, n, self.url), **fields) for n in range(count)]
        made = self.client.create_tasks(tasks, allow_defaults=True)
        return [made.items[str(number)] for number in range(count)]

    def run(self, hours: float = 12) -> None:
        self.world.advance(self.world.now + hours * HOUR)


def inputs(pool: toloka.Pool, number: int, url: str) -> dict[str, Any]:
    image = f"{url}/files/{number}.png"
    return {"image": image, "assignment_id": f"page-{number}"} if "check" in pool.private_name else {"image": image}


@contextmanager
def serving(of: World | None = None, *, gate: Gate | None = None, **settings: Any) -> Iterator[Bench]:
    simulator = Simulator(of or world(), gate=gate, files=settings.pop("files", None), **settings)
    simulator.start()
    bench = Bench(simulator.world, simulator.url, simulator)
    try:
        yield bench
    finally:
        bench.close()
        simulator.stop()


def until(happens: Callable[[], bool]) -> None:
    """Wait for something, at most a minute."""
    for _ in range(6000):
        if happens():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it does not happen")


def outlining_project() -> toloka.Project:
    spec = TaskSpec(
        input_spec={"image": UrlSpec()},
        output_spec={"result": JsonSpec(required=False), "nothing": BooleanSpec()},
        view_spec=VIEW,
    )
    return toloka.Project(public_name="Outline cells", public_description="Draw boxes", task_spec=spec)


def checking_project() -> toloka.Project:
    spec = TaskSpec(
        input_spec={"image": UrlSpec(), "assignment_id": StringSpec(hidden=True)},
        output_spec={"result": StringSpec(allowed_values=["OK", "BAD"])},
        view_spec=VIEW,
    )
    return toloka.Project(public_name="Check outlines", public_description="Right?", task_spec=spec)


def _pool(project_id: str, name: str, **settings: Any) -> toloka.Pool:
    given: dict[str, Any] = {
        "project_id": project_id,
        "private_name": name,
        "may_contain_adult_content": True,
        "will_expire": datetime(2030, 1, 1),
        "reward_per_assignment": 0.01,
        "assignment_max_duration_seconds": 1200,
        "filter": Languages.in_("EN"),
    }
    return toloka.Pool(**(given | settings))


def outlining_pool(project_id: str, **settings: Any) -> toloka.Pool:
    given: dict[str, Any] = {
        "auto_accept_solutions": False,
        "auto_accept_period_day": 1,
        "defaults": toloka.Pool.Defaults(default_overlap_for_new_tasks=1, default_overlap_for_new_task_suites=1),
        "mixer_config": MixerConfig(real_tasks_count=1, golden_tasks_count=0, training_tasks_count=0),
    }
    return _pool(project_id, "outlining", **(given | settings))


def checking_pool(project_id: str, **settings: Any) -> toloka.Pool:
    given: dict[str, Any] = {
        "defaults": toloka.Pool.Defaults(default_overlap_for_new_task_suites=2),
        "mixer_config": MixerConfig(
            real_tasks_count=10,
            golden_tasks_count=0,
            training_tasks_count=0,
            force_last_assignment=True,
            force_last_assignment_delay_seconds=60,
            mix_tasks_in_creation_order=True,
        ),
    }
    return _pool(project_id, "checking", **(given | settings))


def without_skill(skill_id: str) -> FilterAnd:
    return FilterAnd([Languages.in_("EN"), FilterOr([Skill(skill_id) == None])])  # noqa: E711 the kit builds filters by ==
