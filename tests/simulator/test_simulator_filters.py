import inspect
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import toloka.client as toloka
import toloka.client.filter as kit
from blood import PATIENT, pool, project, tasks
from simulated import Bench, serving, world
from toloka.client.exceptions import AccessDeniedApiError, ValidationApiError
from toloka.client.filter import City, ClientType, Country, FilterAnd, FilterOr, Languages

from simulator.crowd.performers import Crowd
from simulator.crowd.profiles import VERIFIABLE, Profile, Profiles
from simulator.offering.filters import TRAITS

WHOEVER = Profiles(
    languages={"EN": 1.0, "DE": 0.5},
    country={"US": 2, "DE": 1},
    city={"DE": {177: 1, 178: 1}},
    citizenship={"US": 1, "DE": 1},
    client_type={"BROWSER": 0.7, "TOLOKA_APP": 0.3},
)
CROWD = Crowd(performers=80, skip=0.0, expire=0.0, likes=1.0, profiles=WHOEVER)
Fits = Callable[[Profile], bool]


@pytest.fixture(scope="module")
def toloka_of_all_sorts() -> Iterator[Bench]:
    with serving(world(CROWD)) as made:
        yield made


def came(bench: Bench, condition: object) -> set[str]:
    """Who takes a pool with this filter, when there is something for everybody."""
    made = bench.client.create_pool(pool(bench.client.create_project(project()).id, 1, 0, filter=condition))
    (task,) = tasks(made.id, 1, "real")
    task.infinite_overlap = True
    bench.client.create_task(task, async_mode=False)
    bench.client.open_pool(made.id)
    bench.run(2)
    bench.client.close_pool(made.id)
    return {page.user_id for page in bench.client.get_assignments(pool_id=made.id)}


def those(fits: Fits) -> set[str]:
    return {who.id for who in CROWD.people() if fits(who.profile)}


def version(of: tuple[int, int, int] | None) -> float:
    """As the kit compares versions; one that is not there is below and above nothing."""
    return float("nan") if of is None else float(f"{of[0]}.{of[1]}")


BY_KEY: dict[tuple[str, str], tuple[object, Fits]] = {
    ("profile", "gender"): (kit.Gender == "FEMALE", lambda who: who.gender == "FEMALE"),
    ("profile", "country"): (Country != "DE", lambda who: who.country == "US"),
    ("profile", "citizenship"): (kit.Citizenship == "DE", lambda who: who.citizenship == "DE"),
    ("profile", "education"): (kit.Education != "HIGH", lambda who: who.education in ("BASIC", "MIDDLE")),
    ("profile", "adult_allowed"): (kit.AdultAllowed == False, lambda who: not who.adult_allowed),  # noqa: E712
    ("profile", "verified"): (kit.Verified == True, lambda who: who.verified),  # noqa: E712
    ("profile", "date_of_birth"): (kit.DateOfBirth > 500_000_000, lambda who: who.date_of_birth > 500_000_000),
    ("profile", "city"): (City.not_in(177), lambda who: who.city != 177),
    ("profile", "languages"): (Languages.not_in("DE"), lambda who: who.languages == ("EN",)),
    ("computed", "region_by_phone"): (kit.RegionByPhone.in_(96), lambda who: who.country == "DE"),
    ("computed", "region_by_ip"): (kit.RegionByIp.not_in(178), lambda who: who.city != 178),
    ("computed", "client_type"): (ClientType == "TOLOKA_APP", lambda who: who.client_type == "TOLOKA_APP"),
    ("computed", "device_category"): (
        kit.DeviceCategory == "SMARTPHONE",
        lambda who: who.device_category == "SMARTPHONE",
    ),
    ("computed", "os_family"): (kit.OSFamily != "WINDOWS", lambda who: who.os_family != "WINDOWS"),
    ("computed", "os_version"): (kit.OSVersion >= 10.0, lambda who: version(who.os_version) >= 10),
    ("computed", "os_version_major"): (kit.OSVersionMajor < 13, lambda who: who.os_version[0] < 13),
    ("computed", "os_version_minor"): (kit.OSVersionMinor > 0, lambda who: who.os_version[1] > 0),
    ("computed", "os_version_bugfix"): (kit.OSVersionBugfix == 19045, lambda who: who.os_version[2] == 19045),
    ("computed", "user_agent_type"): (kit.UserAgentType == "BROWSER", lambda who: who.user_agent_type == "BROWSER"),
    ("computed", "user_agent_family"): (kit.UserAgentFamily != "CHROME", lambda who: who.user_agent_family != "CHROME"),
    ("computed", "user_agent_version"): (
        kit.UserAgentVersion <= 115.9,
        lambda who: version(who.user_agent_version) <= 115.9,
    ),
    ("computed", "user_agent_version_major"): (
        kit.UserAgentVersionMajor > 110,
        lambda who: bool(who.user_agent_version) and who.user_agent_version[0] > 110,
    ),
    ("computed", "user_agent_version_minor"): (
        kit.UserAgentVersionMinor == 0,
        lambda who: bool(who.user_agent_version) and who.user_agent_version[1] == 0,
    ),
    ("computed", "user_agent_version_bugfix"): (
        kit.UserAgentVersionBugfix != 1,
        lambda who: bool(who.user_agent_version) and who.user_agent_version[2] != 1,
    ),
}


@pytest.mark.parametrize("key", BY_KEY, ids=lambda key: key[1])
def test_those_come_who_are_as_the_filter_says(toloka_of_all_sorts, key):
    condition, fits = BY_KEY[key]
    assert 0 < len(those(fits)) < 80
    assert came(toloka_of_all_sorts, condition) == those(fits)


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        (Country == "DE", lambda who: who.country == "DE"),
        (City.in_(177), lambda who: who.city == 177),
        (ClientType != "TOLOKA_APP", lambda who: who.client_type == "BROWSER"),
        (Languages.in_(["DE", "FR"]), lambda who: "DE" in who.languages),
        (Languages.in_("DE", verified=True), lambda who: "DE" in who.verified_languages),
        (
            FilterAnd([Country == "DE", FilterOr([ClientType == "BROWSER", City.in_(178)])]),
            lambda who: who.country == "DE" and (who.client_type == "BROWSER" or who.city == 178),
        ),
    ],
)
def test_conditions_may_be_turned_and_joined(toloka_of_all_sorts, condition, fits):
    assert came(toloka_of_all_sorts, condition) == those(fits) != set()


def test_no_filter_of_the_kit_is_forgotten():
    conditions = [each for _, each in inspect.getmembers(kit, inspect.isclass) if issubclass(each, kit.Condition)]
    bases = {"profile": kit.Profile, "computed": kit.Computed}
    keys = {(name, each.key.value) for name, base in bases.items() for each in conditions if base in each.__mro__[1:]}
    assert keys == {(name, each.value) for name, base in bases.items() for each in base.Key} == set(BY_KEY)
    assert set(TRAITS) == keys | {("computed", "rating")}
    assert VERIFIABLE == Languages.VERIFIED_LANGUAGES_TO_SKILLS


def test_ratings_can_be_asked_for_too(toloka_of_all_sorts):
    """The kit has no class for it."""
    condition = toloka.filter.FilterCondition.structure(
        {"category": "computed", "key": "rating", "operator": "GTE", "value": 80}
    )
    assert came(toloka_of_all_sorts, condition) == those(lambda who: who.rating >= 80)


def test_a_filter_comes_back_as_it_was_sent():
    with serving(world(CROWD)) as bench:
        both = FilterAnd([Country == "DE", FilterOr([ClientType == "BROWSER", City.in_(178)])])
        made = bench.client.create_pool(pool(bench.client.create_project(project()).id, 1, 0, filter=both))
        assert bench.client.get_pool(made.id).filter == made.filter


def test_the_platforms_own_skills_are_there_and_nobody_elses():
    with serving(world(PATIENT)) as bench:
        own = bench.client.create_skill(name="own")
        assert [skill.id for skill in bench.client.get_skills()] == [own.id]
        access = {"Authorization": "OAuth token"}
        listed = httpx.get(f"{bench.url}/api/v1/skills?global=true", headers=access).json()["items"]
        assert {skill["id"] for skill in listed} == set(VERIFIABLE.values())
        english = bench.client.get_skill("26366")
        assert (english.name, english.owner) == ("EN language test", None)
        with pytest.raises(AccessDeniedApiError):
            bench.client.update_skill("26366", english)
        deleted = httpx.delete(f"{bench.url}/api/v1/skills/26366", headers=access)
        assert (deleted.status_code, deleted.json()["code"]) == (403, "ACCESS_DENIED")


def refusal(bench: Bench, node: object) -> dict[str, Any]:
    """What is said of a pool with this filter."""
    made = pool(bench.client.create_project(project()).id, 1, 0, will_expire=None).unstructure()
    sent = made | {"filter": node, "will_expire": "2030-01-01T00:00:00"}
    answer = httpx.post(f"{bench.url}/api/v1/pools", json=sent, headers={"Authorization": "OAuth token"})
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    return answer.json()["payload"]


@pytest.mark.parametrize(
    ("category", "key", "sign", "value", "wrong"),
    [
        ("profile", "country", "IN", "DE", "operator"),
        ("profile", "country", "EQ", 5, "value"),
        ("profile", "country", "EQ", "Germany", "value"),
        ("profile", "gender", "EQ", "X", "value"),
        ("profile", "adult_allowed", "EQ", 1, "value"),
        ("profile", "adult_allowed", "GT", True, "operator"),
        ("profile", "date_of_birth", "GT", "1990-01-01", "value"),
        ("profile", "languages", "IN", ["EN"], "value"),
        ("profile", "languages", "IN", None, "value"),
        ("profile", "city", "IN", "Berlin", "value"),
        ("profile", "city", "EQ", 177, "operator"),
        ("computed", "client_type", "GT", "BROWSER", "operator"),
        ("computed", "os_version_major", "GT", 10.5, "value"),
        ("computed", "os_family", "EQ", "TEMPLEOS", "value"),
        ("computed", "country", "EQ", "DE", "key"),
        ("computed", "last_visit", "GT", 1, "key"),
        ("skill", "12345", "GT", 5, "key"),
        ("skill", "26366", "IN", 5, "operator"),
        ("skill", "26366", "GT", None, "operator"),
        ("skill", "26366", "EQ", "high", "value"),
        ("skill", True, "EQ", 5, "key"),
    ],
)
def test_a_condition_that_does_not_fit_is_refused_where_it_is_wrong(bench, category, key, sign, value, wrong):
    condition = {"category": category, "key": key, "operator": sign, "value": value}
    path = "filter.and[1].or[0]"
    usual = {"category": "profile", "key": "country", "operator": "EQ", "value": "DE"}
    assert list(refusal(bench, {"and": [{"or": [usual]}, {"or": [condition]}]})) == [f"{path}.{wrong}"]


def test_the_kit_tells_what_is_wrong(bench):
    condition = FilterAnd([FilterOr([Country == "Germany"])])
    with pytest.raises(ValidationApiError) as caught:
        bench.client.create_pool(pool(bench.client.create_project(project()).id, 1, 0, filter=condition))
    assert "code of a country" in caught.value.payload["filter.and[0].or[0].value"]["message"]


def test_a_filter_has_at_most_ten_thousand_characters(bench):
    condition = {"category": "profile", "key": "languages", "operator": "IN", "value": "EN"}
    (path, wrong) = next(iter(refusal(bench, {"and": [{"or": [condition] * 200}]}).items()))
    assert (path, wrong["params"]) == ("filter", {"max": 10_000})


@pytest.mark.parametrize("key", [str, int])
def test_a_skill_may_be_asked_for_without_a_value_and_by_a_number(bench, key):
    """The kit sends null for nobody's skill, other clients leave the value out."""
    skill = bench.client.create_skill(toloka.Skill(name="quality"))
    made = pool(bench.client.create_project(project()).id, 1, 0, will_expire=None).unstructure()
    condition = {"category": "skill", "key": key(skill.id), "operator": "EQ"}
    sent = made | {"filter": condition, "will_expire": "2030-01-01T00:00:00"}
    answer = httpx.post(f"{bench.url}/api/v1/pools", json=sent, headers={"Authorization": "OAuth token"})
    assert (answer.status_code, answer.json()["filter"]) == (201, condition)
