"""Known tasks that come often at first and seldom later, in the place of real ones."""

import blood
import httpx
import pytest
import toloka.client as toloka
from ruled import pages_of, work
from simulated import Bench, serving, world
from test_simulator_checkpoints import every
from toloka.client.pool.mixer_config import MixerConfig

from simulator.crowd.performers import Crowd

ONE = Crowd(performers=1, skip=0.0, expire=0.0)


def varied(real: int = 5, **functions: object) -> MixerConfig:
    return MixerConfig(real_tasks_count=real, mix_tasks_in_creation_order=True, min_real_tasks_count=1, **functions)


def kinds(bench: Bench, mixer: MixerConfig, golden: int, real: int, training: int = 0) -> list[str]:
    """The kinds of tasks on the pages of a pool's only performer, in the order in which he had the pages."""
    made = bench.client.create_project(blood.project())
    pool = bench.client.create_pool(blood.pool(made.id, 1, 0, mixer_config=mixer))
    tasks = blood.tasks(pool.id, golden, "golden") + blood.tasks(pool.id, training, "training")
    bench.client.create_tasks(tasks + blood.tasks(pool.id, real, "real"), allow_defaults=True)
    work(bench, pool, 5)
    return ["".join(sorted(_letter(task) for task in page.tasks)) for page in pages_of(bench, pool)]


def _letter(task: toloka.Task) -> str:
    if not task.known_solutions:
        return "r"
    return "t" if task.message_on_unknown_solution else "g"


@pytest.fixture
def lonely():
    with serving(world(ONE, blood.answer)) as bench:
        yield bench


def test_of_the_first_ten_tasks_every_second_is_known_and_then_every_tenth(lonely):
    """Pages of five: 1, 3, 5, then 7, 9, then 11, none, 21 …"""
    mixer = varied(golden_task_distribution_function=every((1, 10, 2), (11, None, 10)))
    assert kinds(lonely, mixer, golden=20, real=22)[:5] == ["gggrr", "ggrrr", "grrrr", "rrrrr", "grrrr"]


def test_training_tasks_have_a_function_of_their_own(lonely):
    mixer = varied(
        golden_task_distribution_function=every((1, None, 5)),
        training_task_distribution_function=every((1, 5, 2)),
    )
    assert kinds(lonely, mixer, golden=9, real=12, training=9)[:3] == ["grttt", "grrrr", "grrrr"]


def test_where_known_tasks_run_out_real_ones_are_in_their_place(lonely):
    mixer = varied(golden_task_distribution_function=every((1, None, 1)), real=3)
    assert kinds(lonely, mixer, golden=4, real=5) == ["ggg", "grr", "rrr"]


def test_what_is_wrong_is_named(bench):
    body = bench.checking().unstructure() | {"reward_per_assignment": 0.01}
    function = {"scope": "POOL", "distribution": "UNIFORM", "window_days": 7, "intervals": [{"frequency": 3}]}
    mixer = {"real_tasks_count": 5, "golden_tasks_count": 1, "training_tasks_count": 0}
    mixer |= {"golden_task_distribution_function": function}
    flawed = mixer | {"training_task_distribution_function": function | {"scope": None}}
    with httpx.Client(base_url=f"{bench.url}/api/v1", headers={"Authorization": "OAuth token"}) as http:
        answer = http.post("/pools", json=body | {"mixer_config": flawed}).json()["payload"]
        assert set(answer) == {"mixer_config.training_task_distribution_function.scope"}
        answer = http.post("/pools", json=body | {"mixer_config": mixer}).json()["payload"]
        assert set(answer) == {"mixer_config.golden_tasks_count"}
        good = http.post("/pools", json=body | {"mixer_config": mixer | {"golden_tasks_count": 0}})
    read = bench.client.get_pool(good.json()["id"]).mixer_config
    assert read.golden_task_distribution_function.intervals[0].frequency == 3
