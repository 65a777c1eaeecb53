from collections import Counter
from datetime import UTC, datetime

import pytest

from simulator.crowd import devices
from simulator.crowd.performers import Crowd
from simulator.crowd.profiles import Profile, Profiles


def drawn(**weights: object) -> list[Profile]:
    return [person.profile for person in Crowd(performers=2000, profiles=Profiles(**weights)).people()]


def shares(people: list[Profile], name: str) -> dict[object, float]:
    return {value: count / len(people) for value, count in Counter(getattr(who, name) for who in people).items()}


def test_countries_cities_and_clients_come_by_their_weights():
    people = drawn(country={"US": 3, "DE": 1}, city={"DE": {177: 1, 178: 3}}, client_type={"BROWSER": 1})
    german = [person for person in people if person.country == "DE"]
    assert len(german) / 2000 == pytest.approx(0.25, abs=0.04)
    assert sum(person.city == 178 for person in german) / len(german) == pytest.approx(0.75, abs=0.06)
    assert {person.city for person in people if person.country == "US"} == {None}
    assert {person.client_type for person in people} == {"BROWSER"}


def test_what_is_not_said_is_drawn_by_usual_shares():
    people = drawn()
    assert shares(people, "gender") == pytest.approx({"MALE": 0.55, "FEMALE": 0.45}, abs=0.04)
    assert shares(people, "education") == pytest.approx({"BASIC": 0.1, "MIDDLE": 0.4, "HIGH": 0.5}, abs=0.04)
    assert shares(people, "adult_allowed")[True] == pytest.approx(0.7, abs=0.04)
    assert {person.citizenship for person in people} == {"US"}


def test_people_live_in_the_regions_of_their_country_and_city():
    assert {person.region_by_ip for person in drawn()} == {(84, 202), (84, 200)}
    assert {person.region_by_phone for person in drawn(country={"ZZ": 1})} == {()}
    assert {person.region_by_phone for person in drawn(region_by_phone={213: 1})} == {(225, 213)}
    assert {person.region_by_ip for person in drawn(region_by_ip={54321: 1})} == {(54321,)}


def test_dates_of_birth_are_days_of_the_years_that_were_said():
    born = [datetime.fromtimestamp(person.date_of_birth, UTC) for person in drawn(date_of_birth=(1980, 1981))]
    assert {each.year for each in born} == {1980, 1981}
    assert {(each.hour, each.minute) for each in born} == {(0, 0)}
    assert len({each.date() for each in born}) > 600


def test_devices_systems_and_browsers_go_together():
    for who in drawn():
        assert who.os_family in devices.SYSTEMS[who.device_category]
        assert who.os_version in devices.SYSTEM_VERSIONS[who.os_family]
        if who.client_type == "TOLOKA_APP":
            assert (who.user_agent_type, who.user_agent_family, who.user_agent_version) == ("OTHER", None, None)
        else:
            desk = who.device_category == "PERSONAL_COMPUTER"
            assert who.user_agent_type == ("BROWSER" if desk else "MOBILE_BROWSER")
            assert who.user_agent_version in devices.BROWSER_VERSIONS[who.user_agent_family]


def test_languages_are_spoken_and_tested_by_their_shares():
    people = drawn(languages={"EN": 1.0, "DE": 0.3, "PL": 0.5}, verified_languages=0.4)
    assert all("EN" in who.languages for who in people)
    assert sum("DE" in who.languages for who in people) / 2000 == pytest.approx(0.3, abs=0.04)
    assert sum("EN" in who.verified_languages for who in people) / 2000 == pytest.approx(0.4, abs=0.04)
    assert all(who.verified_languages <= {"EN", "DE"} & {*who.languages} for who in people)
