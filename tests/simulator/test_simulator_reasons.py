"""What a stranded pool is said to lack: in its history, on the page and in the log, through the real client."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx
import pytest
import toloka.client as toloka
from blood import LABELS, answer, pool, project, tasks
from simulated import Bench, serving, world
from toloka.client.pool.mixer_config import MixerConfig

from simulator.crowd.performers import Crowd, Performer
from simulator.crowd.recorded import Recorded, Vote
from simulator.records.nobody import Replenish, Stranded, in_words

EVERYBODY = Crowd(performers=12, likes=1.0, skip=0.0, expire=0.0)


def stranded(bench: Bench, given: Mapping[str, int], mixed: Mapping[str, int]) -> Stranded:
    """What is noted after a day of a pool with so many tasks of each kind, whose pages have so many of each."""
    made = pool(bench.client.create_project(project()).id, 1, 0, filter=None)
    names = ("real", "golden", "training")
    made.mixer_config = MixerConfig(**{f"{kind}_tasks_count": mixed.get(kind, 0) for kind in names})
    made.set_defaults(default_overlap_for_new_tasks=20, default_overlap_for_new_task_suites=20)
    made = bench.client.create_pool(made)
    for kind, count in given.items():
        new = tasks(made.id, count, kind)
        for task in new if "real" not in given else ():
            task.overlap = 20
        bench.client.create_tasks(new, allow_defaults=True)
    bench.client.open_pool(made.id)
    bench.run(24)
    noted = bench.world.stranded()[made.id]
    (*_, line) = (each for each in bench.world.history() if each["kind"] == "POOL_STRANDED")
    assert line["why"] == noted.why
    shown = httpx.get(f"{bench.url}/").text
    assert all(said in shown for said in (in_words(noted.why), *noted.causes, noted.fresh))
    return noted


@pytest.mark.parametrize(
    ("given", "mixed", "why", "causes"),
    [
        (
            {"real": 3},
            {"real": 1, "golden": 1},
            "12 lack control tasks for a page",
            ["pages need 1 control task, and the pool has 0"],
        ),
        (
            {"real": 3},
            {"real": 1, "training": 2},
            "12 lack training tasks for a page",
            ["pages need 2 training tasks, and the pool has 0"],
        ),
        (
            {"real": 3, "golden": 2},
            {"real": 1, "golden": 1},
            "12 lack control tasks for a page",
            ["pages need 1 control task that the performer has not had, and the pool has 2"],
        ),
        (
            {"golden": 2},
            {"golden": 3},
            "12 lack control tasks for a page",
            ["pages need 3 control tasks, and the pool has 2"],
        ),
        (
            {"golden": 2},
            {"real": 1, "golden": 1},
            "12 lack real tasks for a page",
            ["pages need 1 real task, and the pool has 0"],
        ),
        ({"real": 3, "golden": 3}, {"real": 1, "golden": 1}, "12 had all that they may get", []),
        ({"golden": 3}, {"golden": 3}, "12 had all that they may get", []),
    ],
)
def test_a_pool_that_lacks_tasks_of_a_kind_says_which_and_how_many(given, mixed, why, causes):
    with serving(world(EVERYBODY, answer)) as bench:
        noted = stranded(bench, given, mixed)
    assert (in_words(noted.why), noted.causes, noted.fresh) == (why, causes, "")


def test_it_is_said_why_no_fresh_people_come():
    with serving(world(EVERYBODY, answer, replenish=Replenish(at_most=40))) as bench:
        noted = stranded(bench, {"real": 1}, {"real": 1, "golden": 1})
        assert noted.fresh == "none who was looked at would find anything to do"
    with serving(world(EVERYBODY, answer, replenish=Replenish(at_most=5))) as bench:
        noted = stranded(bench, {"real": 1}, {"real": 1})
        assert (noted.why, noted.fresh) == ({"had_all": 17}, "all 5 who may come have come")


def raises(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
    raise LookupError("no such picture")


@pytest.mark.parametrize("answers", [raises, lambda task, project, performer: {"result": "PLATELET"}])
@pytest.mark.parametrize("given", [{"real": 2}, {"real": 2, "golden": 1}])
def test_answers_that_are_not_allowed_are_the_reason_where_pages_were_skipped_for_them(given, answers):
    with serving(world(EVERYBODY, answers)) as bench:
        noted = stranded(bench, given, dict.fromkeys(given, 1))
    assert noted.why == {"answers_not_allowed": 12}
    pages = 12 if "golden" in given else 24
    assert noted.causes == [f"{pages} pages skipped for want of an answer that the project allows"]


def test_one_answer_that_was_not_allowed_is_no_reason_for_what_else_is_left():
    flawed: list[str] = []

    def once(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        flawed.append(task["id"])
        return {"result": "PLATELET" if len(flawed) == 1 else LABELS[0]}

    with serving(world(EVERYBODY, once)) as bench:
        noted = stranded(bench, {"real": 3}, {"real": 1})
    assert in_words(noted.why) == "1 gave no answer that is allowed, 11 had all that they may get"
    assert noted.causes == ["1 page skipped for want of an answer that the project allows"]


def test_recorded_people_without_an_answer_to_what_is_left_are_told_so():
    votes = [Vote(f"another-{who}", f"w/{who}", LABELS[0]) for who in range(3)]
    crowd = Recorded(votes, task_of=lambda inputs: str(inputs["image"]))
    with serving(world(crowd, crowd, replenish=Replenish())) as bench:
        noted = stranded(bench, {"real": 2}, {"real": 1})
    assert in_words(noted.why) == "3 have no recorded answer to it"
    assert noted.fresh == "there is nobody else"


def test_the_log_says_in_words_what_is_wrong(caplog):
    with serving(world(EVERYBODY, answer, instant=True, replenish=Replenish())) as bench:
        skilled = bench.client.create_skill(name="able")
        made = pool(bench.client.create_project(project()).id, 1, 1, filter=toloka.filter.Skill(skilled.id) >= 50)
        one = EVERYBODY.people()[0].id
        bench.client.set_user_skill(skill_id=skilled.id, user_id=one, value=Decimal(60))
        made = bench.client.create_pool(made)
        bench.client.create_tasks(tasks(made.id, 2, "real"), allow_defaults=True)
        bench.client.open_pool(made.id)
    (told,) = (vars(each) for each in caplog.records if each.name == "simulator.world.stranding")
    assert told["why"] == "11 are not let in by the filter, 1 lacks control tasks for a page"
    assert told["cause"] == "pages need 1 control task, and the pool has 0"
    assert told["fresh_people"] == "none who was looked at would find anything to do"
