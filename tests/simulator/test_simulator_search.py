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


def test_a_text_is_one_value_whatever_commas_are_in_it(bench):
    for name in ("exam", "exam,v2"):
        bench.client.create_skill(name=name)
    for asked, found in (("exam,v2", ["exam,v2"]), ("exam,other", []), ("exam", ["exam"]), ("None", [])):
        assert [skill.name for skill in bench.client.get_skills(name=asked)] == found


def test_several_values_of_an_enumeration_come_with_commas_or_one_by_one(bench):
    opened, closed, archived = (bench.outlining() for _ in range(3))
    bench.fill(opened, 1)
    bench.client.open_pool(opened.id)
    bench.client.archive_pool(archived.id)
    for query in ("status=OPEN,CLOSED", "status=OPEN&status=CLOSED"):
        found = bench.http.get(f"pools?{query}").json()["items"]
        assert {pool["id"] for pool in found} == {opened.id, closed.id}
    refused = bench.http.get("pools?status=OPEN&status=SHUT")
    assert refused.json()["payload"]["status"]["code"] == "UNKNOWN_ENUM_VALUE"


def test_several_ids_come_with_commas(bench):
    one, other, _ = (bench.outlining() for _ in range(3))
    found = bench.client.find_pools(project_id=f"{one.project_id},{other.project_id}").items
    assert {pool.id for pool in found} == {one.id, other.id}


def test_messages_are_found_in_folders_that_are_given_one_by_one(bench):
    answer = bench.http.get("message-threads?folder=INBOX&folder=NOWHERE")
    assert list(answer.json()["payload"]) == ["folder[1]"]


def test_dates_are_compared_exactly(three):
    created = three.client.find_skills(name="two").items[0].created.strftime("%Y-%m-%dT%H:%M:%S.%f")
    assert names(three, f"created_gte={created}&sort=created") == ["two", "three"]
    assert names(three, f"created_gt={created}") == ["three"]


@pytest.mark.parametrize(
    "query",
    [
        *("colour=red", "sort=colour", "created_gt=soon", "limit=0", "limit=" + "9" * 5000, "limit=many", "name_gt=a"),
        "name=one&name=two",
    ],
)
def test_what_is_not_known_is_refused_by_name(bench, query):
    answer = httpx.get(f"{bench.url}/api/v1/skills?{query}", headers={"Authorization": "OAuth token"})
    assert answer.status_code == 400
    assert list(answer.json()["payload"]) == [query.split("=")[0]]


def test_the_real_client_reads_all_pages(bench):
    made = {bench.client.create_skill(toloka.Skill(name=f"skill {n}")).id for n in range(23)}
    assert {skill.id for skill in bench.client.get_skills(batch_size=5)} == made
