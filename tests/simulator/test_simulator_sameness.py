"""The same seed gives the same world, with everything that the simulator can do, and whatever the notifications do."""

import time

import conformance_dealings  # noqa: F401  the steps join the list
import conformance_rules  # noqa: F401
import conformance_steps  # noqa: F401
import toloka.client as toloka
from blood import Classes, answer
from conformance import STEPS, Stand, standing
from receiver import receiving
from simulated import world

from simulator.account.subscriptions import EVENT_TYPES
from simulator.courier import Courier
from simulator.crowd.performers import Crowd, answers_by_spec
from simulator.faults.file import read_plan
from simulator.faults.strikes import Strikes


def say(task, project, performer):
    """Cells are known to people; anything else is answered by its specification."""
    cells = "cells.example" in str(task["input_values"].get("image"))
    return answer(task, project, performer) if cells else answers_by_spec(task, project, performer)


def unsure(stand: Stand) -> toloka.Pool:
    """A pool that goes on asking until it is sure."""
    field = toloka.pool.DynamicOverlapConfig.Field(name="result")
    skill = stand.kit.create_skill(name="weight of votes")
    sure = toloka.pool.DynamicOverlapConfig(
        type="BASIC", max_overlap=5, min_confidence=0.9, answer_weight_skill_id=skill.id, fields=[field]
    )
    return stand.bench.checking(dynamic_overlap_config=sure)


def lived(*faults: str) -> tuple[list[str], int]:
    """The history of a world in which everything was done, and how many notifications were displaced."""
    crowd = Crowd(performers=150, skip=0.05, expire=0.05, replies=0.5)
    with receiving() as inbox, standing(world(crowd, say)) as stand:
        strikes = Strikes(read_plan(options=faults), stand.bench.world.now)
        courier = Courier(stand.bench.world, time.time, strikes=strikes)
        for step in STEPS:
            step.run(stand)
        classes, asked = Classes(stand.bench), unsure(stand)
        stand.bench.fill(asked, 10)
        for pool in (classes.exam, classes.main, asked):
            inbox.subscribe(stand.bench, pool.id, *EVENT_TYPES)
        stand.kit.open_pool(asked.id)
        classes.open()
        for _ in range(12):
            stand.bench.run(4)
            courier.deliver()
        courier.close()
        return list(stand.bench.world.history_lines()), courier.total.displaced


def test_a_world_in_which_everything_was_done_is_the_same_again() -> None:
    (calm, none), (disturbed, displaced) = lived(), lived("shuffle=1", "repeat=1")
    assert calm == disturbed
    assert none == 0 < displaced
    kinds = {line.split('"kind":"')[1].split('"')[0] for line in calm}
    assert len(kinds) > 25
