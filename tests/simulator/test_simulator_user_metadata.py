import pytest
from simulated import serving, world
from toloka.client.exceptions import DoesNotExistApiError

from simulator.crowd.performers import Crowd
from simulator.crowd.profiles import Profiles


def test_a_performers_profile_is_shown():
    profiles = Profiles(languages={"EN": 1.0, "FR": 1.0}, country={"FR": 1.0}, client_type={"TOLOKA_APP": 1.0})
    with serving(world(Crowd(profiles=profiles, skip=0.0, expire=0.0))) as bench:
        pool = bench.outlining()
        bench.fill(pool, 1)
        bench.client.open_pool(pool.id)
        bench.run()
        (page,) = bench.client.get_assignments(pool_id=pool.id)
        read = bench.client.get_user(page.user_id)
        assert (read.id, read.country, read.languages) == (page.user_id, "FR", ["EN", "FR"])
        seen, profile = read.attributes, bench.world.state.people[page.user_id].performer.profile
        assert read.adult_allowed is profile.adult_allowed
        assert (seen.country_by_phone, seen.country_by_ip) == ("FR", "FR")
        assert (seen.client_type, seen.user_agent_type) == ("TOLOKA_APP", "OTHER")
        assert (seen.device_category, seen.os_family) == (profile.device_category, profile.os_family)
        assert (seen.os_version_major, seen.os_version_minor, seen.os_version_bugfix) == profile.os_version
        assert int(seen.os_version) == seen.os_version_major


def test_a_country_that_nothing_tells_is_missing():
    profiles = Profiles(country={"AT": 1.0})
    with serving(world(Crowd(profiles=profiles, skip=0.0, expire=0.0))) as bench:
        read = bench.client.get_user(min(bench.world.state.people))
        assert (read.country, read.attributes.country_by_phone) == ("AT", None)


def test_nobody_is_known_who_is_not_there(bench):
    with pytest.raises(DoesNotExistApiError):
        bench.client.get_user("nobody")
