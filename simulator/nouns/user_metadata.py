"""What the API tells of a performer: parts of his profile."""

from collections.abc import Iterable

from simulator.crowd.performers import Performer
from simulator.crowd.profiles import Profile
from simulator.crowd.regions import COUNTRIES
from simulator.records.state import Json

CODES = {region: code for code, region in COUNTRIES.items()}


def view(performer: Performer) -> Json:
    """A performer's metadata as the API shows it."""
    profile = performer.profile
    return {
        "id": performer.id,
        "country": profile.country,
        "languages": list(profile.languages),
        "adult_allowed": profile.adult_allowed,
        "attributes": _attributes(profile),
    }


def _attributes(profile: Profile) -> Json:
    """What the platform sees of his phone and device; a country is missing where nothing tells it."""
    major, minor, bugfix = profile.os_version
    seen = {
        "country_by_phone": _country(profile.region_by_phone),
        "country_by_ip": _country(profile.region_by_ip),
        "client_type": profile.client_type,
        "user_agent_type": profile.user_agent_type,
        "device_category": profile.device_category,
        "os_family": profile.os_family,
        "os_version": float(f"{major}.{minor}"),
        "os_version_major": major,
        "os_version_minor": minor,
        "os_version_bugfix": bugfix,
    }
    return {name: value for name, value in seen.items() if value is not None}


def _country(regions: Iterable[int]) -> str | None:
    return next((CODES[region] for region in regions if region in CODES), None)
