import httpx
import pytest
import toloka.client as toloka
from blood import Classes, project, training
from ruled import alone, course, in_turn, single, work, written_down
from simulated import Bench, serving, world
from toloka.client.collectors import AnswerCount
from toloka.client.conditions import AssignmentsAcceptedCount
from toloka.client.exceptions import ApiError, IncorrectActionsApiError
from toloka.client.operations import PoolCloneOperation, TrainingCloneOperation

AUTH = {"Authorization": "OAuth token"}
OWN = {"id", "created", "last_started", "last_stopped", "last_close_reason"}


def settings(of: toloka.Pool | toloka.Training) -> dict[str, object]:
    """All that was set, the uuids of collectors included."""
    return {name: value for name, value in of.unstructure().items() if name not in OWN}


def test_a_cloned_pool_has_the_same_settings_and_collectors_and_no_tasks(bench):
    classes = Classes(bench)
    bench.client.open_pool(classes.main.id)
    made = bench.client.clone_pool(classes.main.id)
    old = bench.client.get_pool(classes.main.id)
    assert made.id != old.id
    assert settings(made) == settings(old) | {"status": "CLOSED"}
    uuids = [[config.collector_config.uuid for config in each.quality_control.configs] for each in (old, made)]
    assert uuids[0] == uuids[1] != []
    assert list(bench.client.get_tasks(pool_id=made.id)) == []
    assert made.last_started is None
    with pytest.raises(IncorrectActionsApiError):
        bench.client.open_pool(made.id)
    (line,) = (line for line in bench.world.history() if line["id"] == made.id)
    assert (line["kind"], line["clone_of"]) == ("POOL_CREATED", old.id)


def test_a_change_of_the_clone_does_not_reach_the_pool(bench):
    pool = bench.checking()
    made = bench.client.clone_pool(pool.id)
    made.mixer_config.real_tasks_count = 3
    bench.client.update_pool(made.id, made)
    assert bench.client.get_pool(pool.id).mixer_config.real_tasks_count == 10


def test_a_cloned_training_is_one(bench):
    old = bench.client.create_training(training(bench.client.create_project(project()).id))
    made = bench.client.clone_training(old.id)
    assert settings(made) == settings(old)
    assert {each.id for each in bench.client.get_trainings()} == {old.id, made.id}
    assert bench.client.get_pool(made.id).type.value == "TRAINING"


@pytest.mark.parametrize("reuse", [True, False])
def test_a_collector_counts_in_its_clones_together(reuse):
    with serving(alone([10.0] * 4)) as bench:
        skill_id, settings = written_down(bench, AnswerCount(), AssignmentsAcceptedCount, range(1, 5))
        first = single(bench, **settings)
        second = bench.client.clone_pool(first.id)
        if not reuse:
            for config in second.quality_control.configs:
                config.collector_config.uuid = None
            bench.client.update_pool(second.id, second)
        for number, pool in enumerate((first, second)):
            in_turn(bench, pool, 2, first=2 * number)
            work(bench, pool)
        assert course(bench, skill_id) == ([1, 2, 3, 4] if reuse else [1, 2, 1, 2])


def test_operations_tell_which_was_cloned_and_what_it_became(bench):
    pool = bench.checking()
    taught = bench.client.create_training(training(pool.project_id))
    cloned = bench.client.clone_pool_async(pool.id), bench.client.clone_training_async(taught.id)
    assert isinstance(cloned[0], PoolCloneOperation)
    assert isinstance(cloned[1], TrainingCloneOperation)
    assert (cloned[0].parameters.pool_id, cloned[1].parameters.training_id) == (pool.id, taught.id)
    assert bench.client.get_pool(cloned[0].details.pool_id).private_name == pool.private_name
    assert bench.client.get_training(cloned[1].details.training_id).private_name == taught.private_name


@pytest.mark.parametrize("reuse", [True, False])
def test_a_whole_project_is_cloned_by_the_kit(bench, reuse):
    classes = Classes(bench)
    made = bench.client.clone_project(classes.main.project_id, reuse_controllers=reuse)
    assert {pool.private_name for pool in made.pools} == {"main", "exam"}
    asked = {pool.private_name: pool.quality_control.training_requirement for pool in made.pools}
    assert asked["exam"].training_pool_id == made.trainings[0].id != classes.training.id
    old = {config.collector_config.uuid for config in classes.main.quality_control.configs}
    new = {config.collector_config.uuid for pool in made.pools for config in pool.quality_control.configs}
    assert (old <= new) is reuse


def test_a_pool_of_an_archived_project_and_one_that_is_not_there_are_not_cloned(bench):
    pool = bench.checking()
    bench.client.archive_pool(pool.id)
    assert bench.client.clone_pool(pool.id).is_closed()
    for each in bench.client.get_pools(status="CLOSED"):
        bench.client.archive_pool(each.id)
    bench.client.archive_project(pool.project_id)
    with pytest.raises(ApiError) as caught:
        bench.client.clone_pool(pool.id)
    assert (caught.value.status_code, caught.value.code) == (409, "PROJECT_INAPPROPRIATE_STATUS")
    for path in ("pools", "trainings"):
        assert httpx.post(f"{bench.url}/api/v1/{path}/404/clone", headers=AUTH).status_code == 404
    assert httpx.post(f"{bench.url}/api/v1/trainings/{pool.id}/clone", headers=AUTH).status_code == 404


def cloned(bench: Bench, pool_id: str, count: int) -> list[int]:
    url = f"{bench.url}/api/v1/pools/{pool_id}/clone"
    return [httpx.post(url, headers=AUTH).status_code for _ in range(count)]


def test_clones_have_a_quota_of_their_own():
    with serving(world(quotas=True)) as bench:
        pool = bench.checking()
        assert cloned(bench, pool.id, 21) == [202] * 20 + [429]
        bench.world.advance(bench.world.now + 60)
        assert cloned(bench, pool.id, 1) == [202]
