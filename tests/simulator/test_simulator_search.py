import httpx
import pytest
import toloka.client as toloka
from simulated import Bench


def names(bench: Bench, query: str) -> list[str]:
    answer = httpx.get(f"{bench.url}/api/v1/skills?{query}", headers={"Authorization": "OAuth token"})
    assert answer.status_code == 200, answer.text
    return [skill["name"] for skill in answer.json()["items"]]


@pytest.fixture
def three(bench):
    for name in ("one", "two", "three"):
        bench.client.create_skill(toloka.Skill(name=name))
        bench.world.advance(bench.world.now + 10)
    return bench


def test_lists_are_sorted_both_ways_and_cut(three):
    assert names(three, "sort=created") == ["one", "two", "three"]
    assert names(three, "sort=-created,id&limit=2") == ["three", "two"]


def test_bounds_of_one_column_are_all_applied(three):
    first, second, third = (skill.id for skill in three.client.get_skills())
    assert names(three, f"id_gt={first}&id_gte={first}&id_lt={third}") == ["two"]
    assert names(three, f"id_lte={second}&sort=id") == ["one", "two"]


def test_dates_are_compared_exactly(three):
    created = three.client.find_skills(name="two").items[0].created.strftime("%Y-%m-%dT%H:%M:%S.%f")
    assert names(three, f"created_gte={created}&sort=created") == ["two", "three"]
    assert names(three, f"created_gt={created}") == ["three"]


@pytest.mark.parametrize(
    "query",
    ["colour=red", "sort=colour", "created_gt=soon", "limit=0", "limit=" + "9" * 5000, "limit=many", "name_gt=a"],
)
def test_what_is_not_known_is_refused_by_name(bench, query):
    answer = httpx.get(f"{bench.url}/api/v1/skills?{query}", headers={"Authorization": "OAuth token"})
    assert answer.status_code == 400
    assert list(answer.json()["payload"]) == [query.split("=")[0]]


def test_the_real_client_reads_all_pages(bench):
    made = {bench.client.create_skill(toloka.Skill(name=f"skill {n}")).id for n in range(23)}
    assert {skill.id for skill in bench.client.get_skills(batch_size=5)} == made
