import json
from decimal import Decimal
from typing import Any

import httpx
import toloka.client as toloka
from blood import PATIENT, Classes, answer, pool, tasks
from simulated import Bench, serving, world
from toloka.client.filter import Languages, Skill

from simulator.crowd.performers import Crowd
from simulator.records.nobody import Replenish

EVERYBODY = Crowd(performers=12, likes=1.0, skip=0.0, expire=0.0)


def opened(bench: Bench, count: int = 3, overlap: int = 20, **settings: Any) -> toloka.Pool:
    """A pool whose work everybody likes and 12 people cannot do, after a day."""
    made = bench.outlining(**settings)
    bench.fill(made, count, overlap=overlap)
    bench.client.open_pool(made.id)
    bench.run(24)
    return made


def told(bench: Bench, *kinds: str) -> list[dict[str, Any]]:
    """Lines of these kinds in the history, as the server gives it."""
    lines = httpx.get(f"{bench.url}/history").text.splitlines()
    return [line for line in map(json.loads, lines) if line["kind"] in kinds]


def test_when_everybody_had_the_work_it_is_said_when_that_began_and_why():
    with serving(world(EVERYBODY)) as bench:
        made = opened(bench)
        (line,) = told(bench, "POOL_STRANDED", "POOL_RELIEVED")
        submitted = max(page.submitted for page in bench.client.get_assignments(pool_id=made.id))
    assert (line["id"], line["tasks"], line["why"]) == (made.id, 3, {"had_all": 12})
    assert 0 <= toloka_seconds(line["at"]) - submitted.timestamp() < 3600


def toloka_seconds(text: str) -> float:
    return toloka.Pool.structure({"created": text}).created.timestamp()


def test_each_is_counted_by_what_keeps_him_away():
    with serving(world(EVERYBODY)) as bench:
        skill = bench.client.create_skill(name="able")
        able, banned, other, *_ = (person.id for person in EVERYBODY.people())
        for user_id in (able, banned, other):
            bench.client.set_user_skill(skill_id=skill.id, user_id=user_id, value=Decimal(50))
        bench.client.set_user_restriction(
            toloka.user_restriction.AllProjectsUserRestriction(user_id=banned, private_comment="rude")
        )
        made = opened(bench, filter=Skill(skill.id) >= 50)
        noted = bench.world.stranded()[made.id]
        assert (noted.tasks, noted.why) == (3, {"banned": 1, "filtered_out": 9, "had_all": 2})


def test_who_lacks_the_training_and_whose_page_never_fills_is_counted_so():
    with serving(world(EVERYBODY)) as bench:
        full = bench.checking()
        full.mixer_config.force_last_assignment = False
        bench.client.update_pool(full.id, full)
        bench.fill(full, 3)
        bench.client.open_pool(full.id)
        bench.run(24)
        assert bench.world.stranded()[full.id].why == {"waiting": 12}
    with serving(world(PATIENT, answer)) as bench:
        classes = Classes(bench)
        trained = pool(classes.project.id, 1, 0)
        trained.set_training_requirement(training_pool_id=classes.training.id, training_passing_skill_value=50)
        made = bench.client.create_pool(trained)
        bench.client.create_tasks(tasks(made.id, 1, "real"), allow_defaults=True)
        bench.client.open_pool(made.id)
        bench.run(2)
        assert set(bench.world.stranded()[made.id].why) == {"uninterested", "untrained"}


def test_it_is_over_when_somebody_takes_a_page_or_the_pool_is_closed():
    with serving(world(EVERYBODY)) as bench:
        made = opened(bench, filter=Languages.in_("DE"))
        made.filter = None
        bench.client.close_pool(made.id)
        bench.client.update_pool(made.id, made)
        bench.client.open_pool(made.id)
        bench.run(24)
        lines = told(bench, "POOL_STRANDED", "POOL_RELIEVED")
        assert [line["kind"] for line in lines] == ["POOL_STRANDED", "POOL_RELIEVED", "POOL_STRANDED"]
        (task, *_) = bench.client.get_tasks(pool_id=made.id)
        bench.client.create_task(toloka.Task(pool_id=made.id, input_values=task.input_values, overlap=1))
        bench.run(24)
        assert [line["kind"] for line in told(bench, "POOL_STRANDED", "POOL_RELIEVED")][3:] == [
            "POOL_RELIEVED",
            "POOL_STRANDED",
        ]


def test_fresh_people_come_until_the_work_is_done():
    with serving(world(EVERYBODY, replenish=Replenish(at_a_time=3, at_most=100))) as bench:
        made = opened(bench)
        assert bench.client.get_pool(made.id).is_closed()
        came = [line["id"] for line in told(bench, "PERFORMER_ARRIVED")]
        assert len(came) == len(set(came)) == 9
        pages = list(bench.client.get_assignments(pool_id=made.id))
        assert {page.user_id for page in pages} == {*came, *(person.id for person in EVERYBODY.people())}
        assert bench.world.stranded() == {}


def test_no_more_come_than_were_allowed_and_none_who_would_find_nothing():
    with serving(world(EVERYBODY, replenish=Replenish(at_a_time=5, at_most=7))) as bench:
        made = opened(bench, overlap=30)
        assert len(told(bench, "PERFORMER_ARRIVED")) == 7
        assert bench.world.stranded()[made.id].why == {"had_all": 19}
    with serving(world(EVERYBODY, replenish=Replenish())) as bench:
        made = opened(bench, filter=Languages.in_("DE"))
        assert told(bench, "PERFORMER_ARRIVED") == []
        assert bench.world.stranded()[made.id].why == {"filtered_out": 12}


def test_the_same_people_come_in_the_same_world():
    histories = []
    for _ in range(2):
        with serving(world(EVERYBODY, replenish=Replenish(at_a_time=3))) as bench:
            opened(bench)
            histories.append(bench.world.history())
    assert histories[0] == histories[1]


def test_an_instant_world_logs_at_once_that_nobody_is_left(caplog):
    with serving(world(EVERYBODY, instant=True)) as bench:
        made = bench.outlining(filter=Languages.in_("DE"))
        bench.fill(made, 2)
        assert bench.client.open_pool(made.id).is_open()
    (record,) = [each for each in caplog.records if each.name == "simulator.world.stranding"]
    assert (record.pool_id, str(record.tasks), str(record.why)) == (made.id, "2", "12 are not let in by the filter")
