"""Lists of a pool's pages and tasks: every order and range gives what sorting and filtering all of them gives."""

from itertools import product
from typing import Any

import httpx
import pytest
from simulated import Bench, serving, world

from simulator.crowd.performers import Crowd

MOMENTS = ("created", "submitted", "accepted", "rejected", "skipped", "expired")
RANGES = ("id", *MOMENTS)


def listed(bench: Bench, what: str, **query: Any) -> dict[str, Any]:
    answer = httpx.get(f"{bench.url}/api/v1/{what}", params=query, headers={"Authorization": "OAuth token"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture(scope="module")
def reviewed():
    """Pages of a pool in every state, some of them paid after they were refused."""
    with serving(world(Crowd(skip=0.2, expire=0.2))) as bench:
        pool = bench.outlining()
        bench.fill(pool, 30)
        bench.client.open_pool(pool.id)
        bench.run(hours=0.4)
        for number, page in enumerate(bench.client.get_assignments(pool_id=pool.id, status="SUBMITTED")):
            if number % 3:
                bench.client.reject_assignment(page.id, "no")
            if number % 3 == 1:
                bench.run(hours=0.01)
                bench.client.accept_assignment(page.id, "yes")
        yield bench, pool, listed(bench, "assignments", pool_id=pool.id, limit=10_000)["items"]


def expected(pages: list[dict[str, Any]], order: str, bounds: dict[str, str]) -> list[str]:
    for name, value in bounds.items():
        column, _, sign = name.rpartition("_")
        pages = [page for page in pages if column in page and (page[column] >= value) == (sign == "gte")]
    for column in reversed(order.split(",")):
        pages = sorted(pages, key=lambda page: page.get(column.strip("-"), ""), reverse=column.startswith("-"))
    return [page["id"] for page in pages]


@pytest.mark.parametrize("column", RANGES)
def test_every_range_in_every_order(reviewed, column):
    bench, pool, pages = reviewed
    values = sorted(page[column] for page in pages if column in page)
    assert len(values) > 3
    assert len(values) < len(pages) or column in ("id", "created")
    low, high = values[1], values[-1]
    bounds: list[dict[str, str]] = [{}, {f"{column}_gte": low}, {f"{column}_gte": low, f"{column}_lt": high}]
    for bound, order in product(bounds, ("id", "-id", "created,id", "-submitted,-id", "submitted,-id", "rejected,id")):
        found = listed(bench, "assignments", pool_id=pool.id, sort=order, limit=10_000, **bound)
        assert [page["id"] for page in found["items"]] == expected(pages, order, bound), (order, bound)


def test_bounds_of_several_columns_are_all_applied(reviewed):
    bench, pool, pages = reviewed
    bounds = {"id_gte": sorted(page["id"] for page in pages)[3], "accepted_gte": "2000-01-01"}
    bounds["rejected_lt"] = max(page["accepted"] for page in pages if "accepted" in page)
    found = listed(bench, "assignments", pool_id=pool.id, limit=10_000, **bounds)
    assert [page["id"] for page in found["items"]] == expected(pages, "id", bounds)
    assert found["items"]


def test_pages_of_a_list_go_on_where_the_last_ended(reviewed):
    bench, pool, pages = reviewed
    first = listed(bench, "assignments", pool_id=pool.id, limit=7)
    rest = listed(bench, "assignments", pool_id=pool.id, id_gt=first["items"][-1]["id"], limit=len(pages) - 7)
    assert first["has_more"]
    assert not rest["has_more"]
    assert [page["id"] for page in (*first["items"], *rest["items"])] == expected(pages, "id", {})


def test_tasks_are_listed_alike(reviewed):
    bench, pool, _ = reviewed
    tasks = listed(bench, "tasks", pool_id=pool.id, limit=10_000)["items"]
    found = listed(bench, "tasks", pool_id=pool.id, sort="-created,-id", id_lte=tasks[9]["id"], limit=5)
    assert [task["id"] for task in found["items"]] == [task["id"] for task in reversed(tasks[5:10])]
    assert found["has_more"]
