import httpx
import pytest
import toloka.client as toloka
from blood import PATIENT, pool, project, tasks
from simulated import Bench, serving, world
from toloka.client.exceptions import ValidationApiError
from toloka.client.filter import City, ClientType, Country, DeviceCategory, FilterAnd, FilterOr, Languages, RegionByIp

from simulator.performers import Crowd

CROWD = Crowd(
    performers=80,
    skip=0.0,
    expire=0.0,
    likes=1.0,
    languages=("EN", "DE"),
    countries={"US": 2, "DE": 1},
    cities={"DE": {177: 1, 178: 1}},
    clients={"BROWSER": 0.5, "TOLOKA_APP": 0.5},
)


def came(bench: Bench, condition: object) -> set[str]:
    """Who takes a pool with this filter, when there is something for everybody."""
    made = bench.client.create_pool(pool(bench.client.create_project(project()).id, 1, 0, filter=condition))
    (task,) = tasks(made.id, 1, "real")
    task.infinite_overlap = True
    bench.client.create_task(task)
    bench.client.open_pool(made.id)
    bench.run(24)
    return {page.user_id for page in bench.client.get_assignments(pool_id=made.id)}


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        (Country == "DE", lambda who: who.country == "DE"),
        (Country != "DE", lambda who: who.country == "US"),
        (City.in_(177), lambda who: who.city == 177),
        (City.not_in(177), lambda who: who.city != 177),
        (ClientType == "TOLOKA_APP", lambda who: who.client == "TOLOKA_APP"),
        (ClientType != "TOLOKA_APP", lambda who: who.client == "BROWSER"),
        (Languages.in_("DE"), lambda who: True),
        (Languages.not_in("DE"), lambda who: False),
        (
            FilterAnd([Country == "DE", FilterOr([ClientType == "BROWSER", City.in_(178)])]),
            lambda who: who.country == "DE" and (who.client == "BROWSER" or who.city == 178),
        ),
    ],
)
def test_those_come_who_are_as_the_filter_says(condition, fits):
    with serving(world(CROWD)) as bench:
        assert came(bench, condition) == {who.id for who in CROWD.people() if fits(who)}


def test_a_filter_comes_back_as_it_was_sent():
    with serving(world(CROWD)) as bench:
        both = FilterAnd([Country == "DE", FilterOr([ClientType == "BROWSER", City.in_(178)])])
        made = bench.client.create_pool(pool(bench.client.create_project(project()).id, 1, 0, filter=both))
        assert bench.client.get_pool(made.id).filter == made.filter


@pytest.mark.parametrize("condition", [City.in_(177), DeviceCategory == "SMARTPHONE", RegionByIp.in_(177)])
def test_what_nobody_has_and_what_is_not_simulated_is_refused(condition):
    with serving(world(PATIENT)) as bench, pytest.raises(ValidationApiError) as caught:
        came(bench, condition)
    assert list(caught.value.payload) == ["filter.and[0].or[0]"]
    assert str(condition.key.value) in caught.value.payload["filter.and[0].or[0]"]["message"]


@pytest.mark.parametrize(
    ("category", "key", "sign", "value"),
    [
        ("profile", "country", "IN", "DE"),
        ("profile", "country", "EQ", 5),
        ("profile", "city", "IN", "Berlin"),
        ("profile", "city", "EQ", 177),
        ("computed", "client_type", "GT", "BROWSER"),
        ("computed", "country", "EQ", "DE"),
    ],
)
def test_an_operator_or_a_value_that_does_not_fit_is_refused(category, key, sign, value):
    with serving(world(CROWD)) as bench:
        made = pool(bench.client.create_project(project()).id, 1, 0, will_expire=None).unstructure()
        condition = {"category": category, "key": key, "operator": sign, "value": value}
        sent = made | {"filter": condition, "will_expire": "2030-01-01T00:00:00"}
        answer = httpx.post(f"{bench.url}/api/v1/pools", json=sent, headers={"Authorization": "OAuth token"})
        assert (answer.status_code, list(answer.json()["payload"])) == (400, ["filter"])


def test_a_skill_may_be_asked_for_without_a_value(bench):
    """The kit sends null for nobody's skill, other clients leave the value out."""
    skill = bench.client.create_skill(toloka.Skill(name="quality"))
    made = pool(bench.client.create_project(project()).id, 1, 0, will_expire=None).unstructure()
    condition = {"category": "skill", "key": skill.id, "operator": "EQ"}
    sent = made | {"filter": condition, "will_expire": "2030-01-01T00:00:00"}
    answer = httpx.post(f"{bench.url}/api/v1/pools", json=sent, headers={"Authorization": "OAuth token"})
    assert (answer.status_code, answer.json()["filter"]) == (201, condition)
