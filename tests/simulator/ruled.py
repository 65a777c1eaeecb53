"""Quality rules for tests: pools that have some, and what the rules did."""

from collections.abc import Iterable
from typing import Any

import toloka.client as toloka
from simulated import HOUR, Bench, world
from toloka.client import actions
from toloka.client.pool.mixer_config import MixerConfig
from toloka.client.quality_control import QualityControl

from simulator.crowd.recorded import Recorded, Vote
from simulator.world.world import World

ONE_BY_ONE = {"filter": None, "mixer_config": MixerConfig(real_tasks_count=1, mix_tasks_in_creation_order=True)}


def rules(*each: tuple[Any, list[Any], Any]) -> dict[str, QualityControl]:
    """Settings of a pool with these rules: collector, conditions, action."""
    control = QualityControl()
    for collector, condition, action in each:
        control.add_action(collector=collector, conditions=condition, action=action)
    return {"quality_control": control}


def written_down(bench: Bench, collector: Any, condition: Any, values: Iterable[int]) -> tuple[str, dict[str, Any]]:
    """A skill, and rules that write the counted value, where it is one of these, into it."""
    skill = bench.client.create_skill(name=f"skill {len(bench.world.state.skills)}")
    acts = ((n, actions.SetSkill(skill_id=skill.id, skill_value=n)) for n in values)
    return skill.id, rules(*((collector, [condition == n], act) for n, act in acts))


def course(bench: Bench, skill_id: str) -> list[float]:
    """All values that a skill had, in time; of one performer, or of all together."""
    told = [line for line in bench.world.history() if line["kind"] == "USER_SKILL" and line["skill_id"] == skill_id]
    return [line["value"] for line in told]


def banned(bench: Bench, **where: Any) -> set[str]:
    return {each.user_id for each in bench.client.get_user_restrictions(**where)}


def pages_of(bench: Bench, pool: toloka.Pool, **where: Any) -> list[toloka.Assignment]:
    """The pool's pages in the order in which they were begun."""
    return sorted(bench.client.get_assignments(pool_id=pool.id, **where), key=lambda page: (page.created, page.id))


def alone(seconds: Iterable[float]) -> World:
    """A world of one performer, who does one task of the checking pools after the other in so many seconds."""
    votes = [Vote(f"page-{number}", "one", "OK", each) for number, each in enumerate(seconds)]
    recorded = Recorded(votes, task_of=lambda inputs: str(inputs["assignment_id"]))
    return world(recorded, recorded)


def single(bench: Bench, **settings: Any) -> toloka.Pool:
    """A checking pool whose pages have one task, in the order of creation, for everybody."""
    return bench.checking(**(ONE_BY_ONE | settings))


def in_turn(bench: Bench, pool: toloka.Pool, count: int, first: int = 0, **fields: Any) -> list[toloka.Task]:
    """Create tasks page-0, page-1 … of a checking pool, each in a moment of its own, so that they are taken in turn."""
    made = []
    for number in range(first, first + count):
        values = {"image": f"{bench.url}/files/{number}.png", "assignment_id": f"page-{number}"}
        task = toloka.Task(pool_id=pool.id, input_values=values, overlap=1)
        for name, value in fields.items():
            setattr(task, name, value)
        made.append(bench.client.create_task(task, async_mode=False))
        bench.world.advance(bench.world.now + 1)
    return made


def work(bench: Bench, pool: toloka.Pool, hours: float = 3) -> None:
    bench.client.open_pool(pool.id)
    bench.world.advance(bench.world.now + hours * HOUR)
