import httpx
import pytest
from blood import pool
from blood import project as classes
from simulated import checking_pool, checking_project, without_skill
from toloka.client.exceptions import ValidationApiError

AUTH = {"Authorization": "OAuth token"}
OFTEN = {"scope": "POOL", "distribution": "UNIFORM", "window_days": 7, "intervals": [{"frequency": 2}]}
CHECKED = {"target_overlap": 5, "task_distribution_function": OFTEN}
MIXED = {"real_tasks_count": 2, "golden_tasks_count": 0, "training_tasks_count": 0}
EASY = {"category": "profile", "key": "country", "operator": "EQ", "value": "US"}


@pytest.mark.parametrize(
    ("setting", "path"),
    [
        ({"reward_per_assignment": 0.001}, "reward_per_assignment"),
        ({"assignment_max_duration_seconds": 1}, "assignment_max_duration_seconds"),
        ({"auto_accept_period_day": 30}, "auto_accept_period_day"),
        ({"filter": without_skill("404")}, "filter.and[1].or[0].key"),
        ({"auto_accept_solutions": False}, "auto_accept_period_day"),
    ],
)
def test_a_setting_out_of_bounds_or_unknown_is_named(bench, setting, path):
    with pytest.raises(ValidationApiError) as caught:
        bench.checking(**setting)
    assert list(caught.value.payload) == [path]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"colour": "red"}, "colour"),
        ({"dynamic_pricing_config": {"type": "SKILL"}}, "dynamic_pricing_config"),
        ({"type": "TRAINING"}, "type"),
        ({"will_expire": "soon"}, "will_expire"),
        ({"quality_control": 5}, "quality_control"),
        (
            {"quality_control": {"training_requirement": {"training_passing_skill_value": 50}}},
            "quality_control.training_requirement.training_pool_id",
        ),
        ({"quality_control": {"checkpoints_config": {"x": 1}}}, "quality_control.checkpoints_config.x"),
        ({"filter": {"category": "profile", "key": "languages", "operator": "EQ", "value": "EN"}}, "filter.operator"),
        ({"filter": {"category": "skill", "key": "1", "operator": "LIKE", "value": 1}}, "filter.operator"),
        (
            {"quality_control": {"checkpoints_config": {"real_settings": CHECKED}}, "mixer_config": None},
            "quality_control.checkpoints_config",
        ),
        ({"assignments_issuing_config": {"hurry": True}}, "assignments_issuing_config.hurry"),
        (
            {"assignments_issuing_config": {"issue_task_suites_in_creation_order": "yes"}},
            "assignments_issuing_config.issue_task_suites_in_creation_order",
        ),
        ({"project_id": "404"}, "project_id"),
        ({"mixer_config": {"golden_tasks_count": 2}}, "mixer_config.real_tasks_count"),
        (
            {"mixer_config": MIXED | {"golden_tasks_count": 2, "min_golden_tasks_count": 3}},
            "mixer_config.min_golden_tasks_count",
        ),
        ({"mixer_config": {"real_tasks_count": 2, "golden_tasks_count": 0}}, "mixer_config.training_tasks_count"),
        ({"mixer_config": {}}, "mixer_config.golden_tasks_count"),
        ({"mixer_config": MIXED | {"mixed": True}}, "mixer_config.mixed"),
        ({"private_name": ""}, "private_name"),
        ({"defaults": {"default_overlap_for_new_task": 5}}, "defaults.default_overlap_for_new_task"),
        ({"filter": EASY | {"mood": "good"}}, "filter.mood"),
        ({"filter": {"and": [EASY, EASY | {"mood": "good"}]}}, "filter.and[1].mood"),
        ({"filter": {"and": [EASY], "or": [EASY]}}, "filter.or"),
        ({"filter": {"and": [EASY]} | EASY}, "filter.category"),
        ({"reward_per_assignment": "much"}, "reward_per_assignment"),
        ({"auto_close_after_complete_delay_seconds": 259_201}, "auto_close_after_complete_delay_seconds"),
        ({"mixer_config": {"real_tasks_count": -1}}, "mixer_config.real_tasks_count"),
        ({"defaults": {"default_overlap_for_new_tasks": 0}}, "defaults.default_overlap_for_new_tasks"),
        ({"filter": {"and": [{"category": "skill", "key": "1"}]}}, "filter.and[0].operator"),
    ],
)
def test_what_the_simulator_does_not_know_is_refused_by_name(bench, change, path):
    project = bench.client.create_project(checking_project())
    body = checking_pool(project.id).unstructure() | {"will_expire": "2030-01-01T00:00:00"} | change
    answer = httpx.post(f"{bench.url}/api/v1/pools", json={k: _plain(v) for k, v in body.items()}, headers=AUTH)
    assert answer.status_code == 400
    assert path in answer.json()["payload"]


def _plain(value):
    return value if value is None or isinstance(value, str | int | dict | list | bool) else float(value)


def test_a_page_may_be_free_only_where_there_are_no_real_tasks(bench):
    project = bench.client.create_project(classes())
    free = bench.client.create_pool(pool(project.id, 0, 2, type="EXAM"))
    assert bench.client.get_pool(free.id) == free
    assert (free.reward_per_assignment, free.type.value) == (0, "EXAM")
    for real, price in ((1, 0.0), (1, 0.004), (0, 0.004)):
        with pytest.raises(ValidationApiError) as caught:
            bench.client.create_pool(pool(project.id, real, 2, reward_per_assignment=price))
        assert list(caught.value.payload) == ["reward_per_assignment"]


def test_a_training_that_a_pool_requires_must_be_one(bench):
    project = bench.client.create_project(classes())
    other = bench.client.create_pool(pool(project.id, 0, 2))
    for identity in ("404", other.id):
        asking = pool(project.id, 0, 2)
        asking.set_training_requirement(training_pool_id=identity, training_passing_skill_value=50)
        with pytest.raises(ValidationApiError) as caught:
            bench.client.create_pool(asking)
        assert list(caught.value.payload) == ["quality_control.training_requirement.training_pool_id"]
