import pytest
from blood import pool, project, tasks
from simulated import Bench

from simulator.offering import shelves
from simulator.records.state import Pool, Task


def filled(bench: Bench, **mixer: object) -> tuple[Pool, list[Task]]:
    made = pool(bench.client.create_project(project()).id, 1, 1)
    for name, value in mixer.items():
        setattr(made.mixer_config, name, value)
    made = bench.client.create_pool(made)
    for task in tasks(made.id, 9, "real") + tasks(made.id, 3, "golden"):
        if not task.known_solutions:
            task.overlap = 1
        bench.client.create_task(task, async_mode=False)
        bench.world.advance(bench.world.now + 1)
    state = bench.world.state
    return state.pools[made.id], [state.tasks[identity] for identity in state.pools[made.id].task_ids]


def shelf(of: Pool, kind: str) -> list[str]:
    return [identity for _, identity in of.shelves[kind].open]


def test_tasks_stand_in_order_of_creation_where_the_pool_says_so(bench):
    kept, made = filled(bench, mix_tasks_in_creation_order=True)
    assert [len(shelf(kept, kind)) for kind in ("real", "golden", "training")] == [9, 3, 0]
    assert shelf(kept, "real") == [task.id for task in made if task.kind == "real"]


def test_otherwise_they_stand_by_chance_and_a_pool_may_change_its_mind(bench):
    kept, made = filled(bench)
    drawn, straight = shelf(kept, "real"), [task.id for task in made if task.kind == "real"]
    assert drawn != straight
    assert sorted(drawn) == sorted(straight)
    read = bench.client.get_pool(kept.id)
    read.mixer_config.mix_tasks_in_creation_order = True
    bench.client.update_pool(kept.id, read)
    assert shelf(kept, "real") == straight
    read.mixer_config.mix_tasks_in_creation_order = False
    bench.client.update_pool(kept.id, read)
    assert shelf(kept, "real") == drawn


def test_a_task_without_places_leaves_and_comes_back_with_one(bench):
    kept, made = filled(bench)
    task, state = made[0], bench.world.state
    before = shelf(kept, "real")
    task.issued = 1
    shelves.look_at(state, task)
    assert (shelves.remaining(task), task.id in shelf(kept, "real")) == (0, False)
    task.issued = 0
    shelves.look_at(state, task)
    assert shelf(kept, "real") == before


@pytest.mark.parametrize("kind", ["real", "golden"])
def test_a_pool_is_complete_when_its_finite_tasks_are_issued(bench, kind):
    kept, made = filled(bench)
    state = bench.world.state
    if kind == "golden":
        for task in made:
            shelves.take_away(state, task)
        made = made[-2:]
        for task in made:
            task.overlap = 1
            shelves.put(state, task)
    finite = [task for task in made if task.overlap is not None]
    assert not shelves.complete(kept)
    for task in finite:
        task.issued = 1
        shelves.look_at(state, task)
        assert shelves.complete(kept) == (task is finite[-1])


def test_what_is_endless_is_never_complete(bench):
    kept, made = filled(bench)
    for task in made:
        if task.overlap is not None:
            shelves.take_away(bench.world.state, task)
    assert len(shelf(kept, "golden")) == 3
    assert not shelves.complete(kept)
