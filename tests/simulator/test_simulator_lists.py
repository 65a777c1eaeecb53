"""Every list of the API knows every parameter that it is documented with, and refuses all others by name."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
import toloka.client as toloka
from openapi import FILE, NEEDED
from simulated import Bench, serving, world
from toloka.client.user_restriction import PoolUserRestriction

from simulator.crowd.performers import Crowd

MOMENT = "2023-11-14T22:13:20.000"
VALUES = {"limit": "7", "overlap": "2", "global": "false", "status": "OPEN", "scope": "ALL_PROJECTS"}
OF_A_PATH = {
    ("/projects", "status"): "ACTIVE",
    ("/assignments", "status"): "ACCEPTED,ACTIVE",
    ("/operations", "status"): "SUCCESS",
    ("/operations", "type"): "POOL.OPEN",
    ("/message-threads", "folder"): "INBOX",
    ("/message-threads", "folder_ne"): "UNREAD",
    ("/attachments", "type"): "ASSIGNMENT_ATTACHMENT",
    ("/webhook-subscriptions", "event_type"): "POOL_CLOSED",
    ("/user-restrictions", "pool_id"): "5",
}
"""A value that each parameter may have; other filters are ids."""
IDS = ("pool_id=", "assignment_id=")
OF_A_POOL = ("/tasks", "/task-suites", "/assignments", "/attachments")


Full = tuple[Bench, dict[str, str]]


@pytest.fixture(scope="module")
def full() -> Iterator[Full]:
    """A world with something in every list, and the query that each list needs."""
    with serving(world(Crowd(performers=30, skip=0.0, expire=0.0))) as bench:
        pool = bench.outlining()
        bench.fill(pool, 4)
        bench.client.open_pool(pool.id)
        bench.run()
        user_id = bench.world.state.crowd.people()[0].id
        bench.client.set_user_skill(skill_id=bench.client.create_skill(name="s").id, user_id=user_id, value=Decimal(5))
        bench.client.set_user_restriction(PoolUserRestriction(user_id=user_id, pool_id=pool.id))
        done = bench.client.aggregate_solutions_by_pool(
            type="DAWID_SKENE", pool_id=pool.id, fields=[{"name": "nothing"}]
        )
        yield (
            bench,
            {
                "/aggregated-solutions/{operationId}": f"/aggregated-solutions/{done.id}?",
                **{path: f"{path}?pool_id={pool.id}&" for path in OF_A_POOL},
            },
        )


def ask(full: Full, path: str, query: str) -> httpx.Response:
    bench, starts = full
    return bench.http.get(starts.get(path, f"{path}?") + query)


def lists() -> list[tuple[str, list[dict[str, Any]]]]:
    if not FILE.exists():
        return []
    paths = json.loads(FILE.read_text(encoding="utf-8"))["paths"]
    found = [(path, methods["get"].get("parameters", [])) for path, methods in paths.items() if "get" in methods]
    return [(path, told) for path, told in found if any(each["name"] == "sort" for each in told)]


@NEEDED
@pytest.mark.parametrize(("path", "told"), lists(), ids=[path for path, _ in lists()])
def test_a_list_knows_every_parameter_of_the_openapi_file(full, path, told):
    queries, start = [], full[1].get(path, "")
    for each in told:
        name = each["name"]
        column, _, sign = name.rpartition("_")
        if name == "sort":
            columns = re.findall(r"- `(\w+)`", each["description"])
            queries += [f"sort={mark}{column}" for column in columns for mark in ("", "-")]
        elif sign in ("gt", "gte", "lt", "lte"):
            value = "5" if column.endswith("id") or column == "overlap" else MOMENT
            queries.append(f"{name}={value}")
        elif name not in ("task_id", "task_suite_id", "operationId") and f"{name}=" not in start:
            queries.append(f"{name}={OF_A_PATH.get((path, name), VALUES.get(name, '5'))}")
    assert queries
    for query in queries:
        answer = ask(full, path, query)
        assert answer.status_code in ((200, 404) if query.startswith(IDS) else (200,)), (query, answer.text)


PATHS = (
    "/projects",
    "/pools",
    "/trainings",
    "/skills",
    "/user-skills",
    "/user-restrictions",
    "/operations",
    "/webhook-subscriptions",
    "/tasks",
    "/task-suites",
    "/assignments",
    "/attachments",
    "/user-bonuses",
    "/message-threads",
    "/aggregated-solutions/{operationId}",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_list_refuses_by_name_what_it_does_not_know(full, path):
    for query in ("colour=red", "sort=colour", "colour_gt=5", "id_near=5", "limit=0", "limit=many", "created_gt=soon"):
        answer = ask(full, path, query)
        assert (answer.status_code, list(answer.json()["payload"])) == (400, [query.partition("=")[0]]), query


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/projects", "status=OPEN", "UNKNOWN_ENUM_VALUE"),
        ("/pools", "status=OPEN,SHUT", "UNKNOWN_ENUM_VALUE"),
        ("/trainings", "status=ACTIVE", "UNKNOWN_ENUM_VALUE"),
        ("/assignments", "status=APPROVED", "UNKNOWN_ENUM_VALUE"),
        ("/operations", "type=POOL", "UNKNOWN_ENUM_VALUE"),
        ("/webhook-subscriptions", "event_type=TEST", "UNKNOWN_ENUM_VALUE"),
        ("/user-restrictions", "scope=WORLD", "UNKNOWN_ENUM_VALUE"),
        ("/skills", "global=perhaps", "UNKNOWN_ENUM_VALUE"),
        ("/tasks", "overlap=two", "INTEGER_EXPECTED"),
        ("/task-suites", "overlap_gte=two", "INTEGER_EXPECTED"),
    ],
)
def test_a_value_that_nothing_can_have_is_refused(full, path, query, code):
    answer = ask(full, path, query)
    assert answer.status_code == 400
    assert answer.json()["payload"][query.partition("=")[0]]["code"] == code


def test_tasks_and_suites_are_bounded_by_their_overlap(bench):
    pool, own = bench.outlining(), bench.checking(mixer_config=None)
    for overlap in (1, 2, 3):
        bench.fill(pool, 1, overlap=overlap)
        suite = toloka.TaskSuite(
            pool_id=own.id,
            tasks=[toloka.Task(input_values={"image": "http://x", "assignment_id": "1"})],
            overlap=overlap,
        )
        bench.client.create_task_suite(suite)
    bench.fill(pool, 1, infinite_overlap=True)
    for get, of in ((bench.client.get_tasks, pool), (bench.client.get_task_suites, own)):
        assert {each.overlap for each in get(pool_id=of.id, overlap_gt=1, overlap_lte=3)} == {2, 3}
        assert {each.overlap for each in get(pool_id=of.id, overlap_gte=2, overlap_lt=3)} == {2}
        assert {each.overlap for each in get(pool_id=of.id, overlap=3)} == {3}


def test_projects_are_sorted_by_name_and_comment_and_belong_to_the_requester(bench):
    spec = bench.client.get_project(bench.outlining().project_id)
    for name, comment in (("b", "2"), ("a", None), ("c", "1")):
        spec.public_name, spec.private_comment = name, comment
        bench.client.create_project(spec)
    names = [each.public_name for each in bench.client.find_projects(sort=["-public_name"]).items]
    assert names == ["c", "b", "a", "Outline cells"]
    comments = [each.private_comment for each in bench.client.find_projects(sort=["private_comment", "id"]).items]
    assert comments == [None, None, "1", "2"]
    owner = bench.http.get("projects").json()["items"][0]["owner"]["id"]
    found = [bench.http.get(f"projects?owner={each}").json()["items"] for each in (owner, "somebody")]
    assert [len(each) for each in found] == [4, 0]


def test_skills_are_bounded_by_when_they_were_changed(bench):
    first, second = (bench.client.create_skill(name=name) for name in ("first", "second"))
    bench.run(1)
    first.hidden = False
    bench.client.update_skill(first.id, first)
    since = second.created.strftime("%Y-%m-%dT%H:%M:%S.%f")
    for sign, names in (("gt", ["first"]), ("gte", ["first", "second"]), ("lte", ["second"]), ("lt", [])):
        found = bench.http.get(f"skills?global=false&modified_{sign}={since}").json()["items"]
        assert sorted(each["name"] for each in found) == names


def test_a_page_is_fifty_long_and_at_most_what_its_list_allows(bench):
    pool = bench.checking()
    bench.fill(pool, 51)
    for _ in range(101):
        bench.client.create_skill(name="skill")
    found = bench.client.find_tasks(pool_id=pool.id)
    assert (len(found.items), found.has_more) == (50, True)
    assert [each.id for each in found.items] == sorted(each.id for each in found.items)
    everything = bench.client.find_tasks(pool_id=pool.id, limit=51)
    assert (len(everything.items), everything.has_more) == (51, False)
    most = bench.client.find_skills(limit=300)
    assert (len(most.items), most.has_more) == (100, True)
