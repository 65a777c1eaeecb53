"""Whether anything was done twice is seen in the histories: of a careless script, and of a careful one."""

import json
from collections.abc import Callable
from uuid import UUID

import httpx
from simulated import Bench, outlining_project, serving

from simulator.faults.file import read_plan
from simulator.memory.twice import done_twice


def after(script: Callable[[Bench], None], *faults: str) -> list[str]:
    with serving(faults=read_plan(options=faults)) as bench:
        script(bench)
        bench.world.advance(bench.world.now + 3600)
        requests = bench.simulator.history.after(0, 1000).splitlines()
        return done_twice(bench.world.history(), map(json.loads, requests))


def project(bench: Bench) -> None:
    bench.client.create_project(outlining_project())


def tasks(bench: Bench) -> None:
    bench.fill(bench.checking(), 5)


def named_tasks(bench: Bench) -> None:
    pool = bench.checking()
    bodies = [{"pool_id": pool.id, "input_values": {"image": "http://a/1", "assignment_id": "x"}, "overlap": 1}]
    for _ in range(3):
        url = f"{bench.url}/api/v1/tasks?async_mode=true&operation_id={UUID(int=1)}"
        try:
            httpx.post(url, json=bodies, headers={"Authorization": "OAuth t"})
        except httpx.TransportError:
            continue


def test_a_project_whose_answer_was_lost_is_created_twice():
    assert after(project, "answer-lost,nth=1") == ["POST /api/v1/projects was done 2 times: 1, 2"]


def test_so_is_one_that_was_applied_late():
    assert after(project, "applied-late,nth=1") == ["POST /api/v1/projects was done 2 times: 1, 2"]


def test_tasks_are_not_because_of_their_operation():
    assert after(tasks, "answer-lost,nth=1,path=/tasks", "applied-late,nth=1,path=/tasks") == []
    assert after(named_tasks, "answer-lost,nth=1,path=/tasks") == []


def test_what_was_not_done_is_not_done_twice():
    assert after(project, "unavailable,nth=1", "reset,nth=1") == []


def test_a_pool_may_be_opened_again():
    def opened_and_closed(bench: Bench) -> None:
        pool = bench.outlining()
        bench.fill(pool, 3)
        for _ in range(2):
            bench.client.open_pool(pool.id)
            bench.client.close_pool(pool.id)

    assert after(opened_and_closed, "slow-drip=1,seconds=0,path=/pools/*/open") == []


def test_what_was_wanted_twice_is_all_right():
    def twice(bench: Bench) -> None:
        project(bench)
        project(bench)

    assert after(twice) == []
    assert after(twice, "clock-skew=1") == []


def test_a_page_that_was_paid_or_decided_twice_is_told():
    line = {"id": "page", "what": "charged", "kind": "MONEY"}
    assert done_twice([line, line], []) == ["page was paid 2 times"]
    yes, no = ({"id": "page", "kind": f"ASSIGNMENT_{what}"} for what in ("APPROVED", "REJECTED"))
    assert done_twice([yes, yes], []) == ["page was accepted 2 times"]
    assert done_twice([no, yes], []) == done_twice([yes], []) == []
