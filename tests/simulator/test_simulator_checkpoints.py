"""Selective checks: of the first tasks of each performer every third is given to more people, later fewer."""

from typing import Any

import httpx
import pytest
import toloka.client as toloka
from ruled import ONE_BY_ONE, alone, in_turn, pages_of, rules, single, work
from simulated import HOUR, Bench, checking_pool, serving, world
from toloka.client import actions, collectors, conditions
from toloka.client.quality_control import QualityControl
from toloka.client.task_distribution_function import TaskDistributionFunction

from simulator.crowd.performers import Crowd
from simulator.offering.distributions import chosen

Checkpoints = QualityControl.CheckpointsConfig


def every(*intervals: tuple[int, int | None, int], scope: str = "POOL", days: int = 30) -> TaskDistributionFunction:
    made = [TaskDistributionFunction.Interval(from_=low, to=high, frequency=often) for low, high, often in intervals]
    return TaskDistributionFunction(scope=scope, distribution="UNIFORM", window_days=days, intervals=made)


def checked(function: TaskDistributionFunction, target: int = 3, **settings: Any) -> dict[str, Any]:
    control = settings.pop("quality_control", QualityControl())
    settings_ = Checkpoints.Settings(target_overlap=target, task_distribution_function=function)
    control.checkpoints_config = Checkpoints(real_settings=settings_)
    return settings | {"quality_control": control}


def overlaps(bench: Bench, tasks: list[toloka.Task]) -> list[int]:
    return [bench.client.get_task(task.id).overlap for task in tasks]


def test_the_first_of_an_interval_is_chosen_and_then_every_so_many():
    function = {"intervals": [{"from": 1, "to": 100, "frequency": 5}, {"from": 101, "frequency": 25}]}
    picked = [nth for nth in range(1, 160) if chosen(function, nth)]
    assert picked == [*range(1, 101, 5), 101, 126, 151]
    three = {"intervals": [{"from": 1, "to": 8, "frequency": 3}]}
    assert [nth for nth in range(1, 12) if chosen(three, nth)] == [1, 4, 7]


def test_every_third_of_a_performers_first_tasks_is_given_to_more():
    with serving(alone([30] * 12)) as bench:
        pool = single(bench, **checked(every((1, 6, 3), (7, None, 4))))
        tasks = in_turn(bench, pool, 12)
        work(bench, pool)
        assert overlaps(bench, tasks) == [3, 1, 1, 3, 1, 1, 3, 1, 1, 1, 3, 1]
        assert bench.client.get_pool(pool.id).is_open()


def test_a_page_of_several_tasks_is_counted_by_tasks_and_more_is_not_made_less():
    with serving(alone([30] * 6)) as bench:
        mixer = toloka.pool.mixer_config.MixerConfig(
            real_tasks_count=3, mix_tasks_in_creation_order=True, shuffle_tasks_in_task_suite=False
        )
        pool = single(bench, **checked(every((1, None, 2)), mixer_config=mixer))
        tasks = in_turn(bench, pool, 4) + in_turn(bench, pool, 2, first=4, overlap=5)
        work(bench, pool)
        assert overlaps(bench, tasks) == [3, 1, 3, 1, 5, 5]


@pytest.mark.parametrize(("scope", "days", "picked"), [("POOL", 30, [0]), ("PROJECT", 30, [2]), ("PROJECT", 1, [0])])
def test_tasks_are_counted_here_or_in_the_project_and_for_some_days(scope, days, picked):
    """Of every three one is chosen; two were done in another pool, two days ago."""
    with serving(alone([30] * 5)) as bench:
        first = single(bench)
        in_turn(bench, first, 1)
        work(bench, first, 1)
        function = every((1, None, 3), scope=scope, days=days)
        second = bench.client.create_pool(checking_pool(first.project_id, **ONE_BY_ONE, **checked(function)))
        tasks = in_turn(bench, second, 3, first=1)
        bench.world.advance(bench.world.now + 48 * HOUR)
        work(bench, second, 1)
        assert [place for place, overlap in enumerate(overlaps(bench, tasks)) if overlap == 3] == picked


def test_a_majority_is_told_of_those_that_were_chosen():
    """Everybody is asked by majority vote in the chosen tasks alone: the others have one answer each."""
    with serving(world(Crowd(performers=6, skip=0.0, expire=0.0), lambda *_: {"result": "OK"})) as bench:
        skill = bench.client.create_skill(name="answers")
        count = actions.SetSkillFromOutputField(skill_id=skill.id, from_field="total_answers_count")
        vote = (collectors.MajorityVote(answer_threshold=2), [conditions.TotalAnswersCount > 0], count)
        pool = bench.checking(**checked(every((1, None, 4)), **rules(vote)))
        tasks = bench.fill(pool, 60, overlap=1)
        work(bench, pool)
        raised = [overlap for overlap in overlaps(bench, tasks) if overlap == 3]
        assert 0 < len(raised) < 60
        held = {each.user_id: each.value for each in bench.client.get_user_skills(skill_id=skill.id)}
        assert sum(held.values()) == 3 * len(raised)
        done = {page.user_id: 0 for page in pages_of(bench, pool)}
        assert held.keys() <= done.keys()


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"target_overlap": None}, "target_overlap", "VALUE_REQUIRED"),
        ({"intervals": []}, "intervals", "ARRAY_SIZE_LESS_THAN_MIN"),
        ({"intervals": [{"from": 5, "to": 4, "frequency": 1}]}, "intervals[0]", "VALUE_OUT_OF_BOUNDS"),
        ({"intervals": [{"frequency": 1}, {"from": 9, "frequency": 2}]}, "intervals[1]", "VALUE_OUT_OF_BOUNDS"),
        ({"intervals": [{"from": 1, "frequency": 0}]}, "intervals[0].frequency", "VALUE_LESS_THAN_MIN"),
        ({"scope": "WORLD"}, "scope", "UNKNOWN_ENUM_VALUE"),
        ({"window_days": 366}, "window_days", "VALUE_GREATER_THAN_MAX"),
        ({"distribution": None}, "distribution", "VALUE_REQUIRED"),
    ],
)
def test_what_is_wrong_is_named(bench, change, path, code):
    body = bench.checking(**checked(every((1, None, 2)))).unstructure() | {"reward_per_assignment": 0.01}
    settings = body["quality_control"]["checkpoints_config"]["real_settings"]
    inside = "target_overlap" not in change
    (settings["task_distribution_function"] if inside else settings).update(change)
    answer = httpx.post(f"{bench.url}/api/v1/pools", json=body, headers={"Authorization": "OAuth token"})
    where = "quality_control.checkpoints_config.real_settings."
    wanted = {where + ("task_distribution_function." if inside else "") + path: code}
    assert {name: each["code"] for name, each in answer.json()["payload"].items()} == wanted


def test_they_come_back_as_they_were_sent(bench):
    pool = bench.checking(**checked(every((1, 100, 5), (101, None, 25))))
    assert bench.client.get_pool(pool.id).quality_control == pool.quality_control
