"""What answers in several fields come to: each field by itself, as sure as the least certain."""

from decimal import Decimal
from typing import Any

import httpx
import pytest
import toloka.client as toloka
from ruled import ONE_BY_ONE, work
from simulated import VIEW, Bench, checking_pool, serving, world
from toloka.client.aggregation import WeightedDynamicOverlapTaskAggregatedSolutionRequest
from toloka.client.pool.dynamic_overlap_config import DynamicOverlapConfig
from toloka.client.project.field_spec import BooleanSpec, IntegerSpec, StringSpec
from toloka.client.project.task_spec import TaskSpec

from simulator.crowd.performers import Crowd

THREE = Crowd(performers=3, skip=0.0, expire=0.0)
FIRST, SECOND, THIRD = (person.id for person in THREE.people())


def says(task: Any, project: Any, performer: Any) -> dict[str, Any]:
    """All see a cat; the third takes it for a large one of two years, the others for a small one of one."""
    said = {"animal": "cat", "large": performer.id == THIRD, "years": 2 if performer.id == THIRD else 1}
    return said if performer.id != FIRST else {name: value for name, value in said.items() if name != "years"}


def animals(bench: Bench, *names: str, **settings: Any) -> tuple[toloka.Pool, toloka.Task, toloka.Skill]:
    """One task that three people answer, of whom the skill is 80."""
    spec = TaskSpec(
        input_spec={"text": StringSpec()},
        output_spec={
            "animal": StringSpec(allowed_values=["cat", "dog", "cow"]),
            "large": BooleanSpec(),
            "years": IntegerSpec(min_value=1, max_value=4, required=False),
        },
        view_spec=VIEW,
    )
    project = bench.client.create_project(
        toloka.Project(public_name="Animals", public_description="Which?", task_spec=spec)
    )
    skill = bench.client.create_skill(name="zoology")
    for user_id in (FIRST, SECOND, THIRD):
        bench.client.set_user_skill(skill_id=skill.id, user_id=user_id, value=Decimal(80))
    if names:
        settings["dynamic_overlap_config"] = DynamicOverlapConfig(
            type="BASIC",
            max_overlap=3,
            min_confidence=0.94,
            answer_weight_skill_id=skill.id,
            fields=[DynamicOverlapConfig.Field(name) for name in names],
        )
    pool = bench.client.create_pool(checking_pool(project.id, **ONE_BY_ONE, **settings))
    overlap = 1 if names else 3
    task = bench.client.create_task(toloka.Task(pool_id=pool.id, input_values={"text": "miaow"}, overlap=overlap))
    work(bench, pool)
    return pool, bench.client.get_task(task.id), skill


def together(bench: Bench, task: toloka.Task, skill: toloka.Skill, *names: str) -> tuple[dict[str, Any], float]:
    fields = [DynamicOverlapConfig.Field(name) for name in names]
    found = bench.client.aggregate_solutions_by_task(
        WeightedDynamicOverlapTaskAggregatedSolutionRequest(
            task_id=task.id, pool_id=task.pool_id, answer_weight_skill_id=skill.id, fields=fields
        )
    )
    return found.output_values, float(found.confidence)


def test_each_field_is_weighed_by_its_own_number_of_answers():
    cat = 0.8**3 / (0.8**3 + 2 * 0.1**3)
    small = 0.8**2 * 0.2 / (0.8**2 * 0.2 + 0.2**2 * 0.8)
    with serving(world(THREE, says)) as bench:
        _, task, skill = animals(bench)
        assert together(bench, task, skill, "animal") == ({"animal": "cat"}, pytest.approx(cat))
        assert together(bench, task, skill, "large") == ({"large": False}, pytest.approx(small))
        values, sure = together(bench, task, skill, "years")
        assert values["years"] in (1, 2)
        assert sure == pytest.approx(0.8 * 0.2 / 3 / (2 * 0.8 * 0.2 / 3 + 2 * (0.2 / 3) ** 2))
        assert sure < 0.5
        both = together(bench, task, skill, "animal", "large")
        assert both == ({"animal": "cat", "large": False}, pytest.approx(small))


@pytest.mark.parametrize(("names", "overlap"), [(["animal"], 2), (["animal", "large"], 3)])
def test_the_least_certain_field_decides_how_often_a_task_is_asked(names, overlap):
    """Two who see a cat are believed; whether it is large, three do not agree."""
    with serving(world(THREE, says)) as bench:
        pool, task, _ = animals(bench, *names)
        asked = {page.user_id for page in bench.client.get_assignments(pool_id=pool.id)}
        assert len(asked) == task.overlap
        assert task.overlap == overlap or (task.overlap == 2 and THIRD not in asked)


def test_a_field_that_the_project_loses_is_not_asked_for_any_more():
    with serving(world(THREE, lambda *_: {"animal": "cat", "large": True})) as bench:
        pool, _, _ = animals(bench, "animal", "large")
        body = bench.client.get_project(pool.project_id).unstructure()
        del body["task_spec"]["output_spec"]["large"]
        bench.world.state.answers = lambda *_: {"animal": "cat"}
        url = f"{bench.url}/api/v1/projects/{pool.project_id}"
        assert httpx.put(url, json=body, headers={"Authorization": "OAuth token"}).status_code == 200
        late = bench.client.create_task(toloka.Task(pool_id=pool.id, input_values={"text": "miaow"}, overlap=1))
        work(bench, pool)
        told = [line for line in bench.world.history() if line["kind"] == "DYNAMIC_OVERLAP" and line["id"] == late.id]
        assert [line["output_values"] for line in told] == [{"animal": "cat"}]
