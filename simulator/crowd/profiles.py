"""What people say of themselves and what the platform sees of them: all that filters ask for, drawn by weights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, TypeVar

from simulator.crowd import devices, regions

Thing = TypeVar("Thing")
Weights = Mapping[str, float]
Version = tuple[int, int, int]
"""Major, minor and bugfix number."""
Draw = Callable[..., float]
"""draw(*what) -> a uniform number in [0, 1) that depends on what is asked."""
VERIFIABLE = {
    "AR": "30724",
    "DE": "26377",
    "EN": "26366",
    "ES": "32346",
    "FR": "26711",
    "HE": "44954",
    "HU": "54378",
    "ID": "39821",
    "JA": "26513",
    "PT": "26714",
    "RU": "26296",
    "SV": "29789",
    "UK": "48836",
    "ZH-HANS": "44742",
}
"""Languages that there is a test of, with the global skill that is 100 for those who passed it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One person as filters see him, under the names of Toloka's filters.

    `date_of_birth` is in UNIX seconds; regions are ids, a country's before a city's; who uses the app has no browser.
    """

    languages: tuple[str, ...] = ()
    verified_languages: frozenset[str] = frozenset()
    country: str = "US"
    city: int | None = None
    citizenship: str = "US"
    gender: str = "FEMALE"
    education: str = "MIDDLE"
    date_of_birth: int = 0
    adult_allowed: bool = True
    verified: bool = True
    rating: float = 100.0
    region_by_phone: tuple[int, ...] = ()
    region_by_ip: tuple[int, ...] = ()
    client_type: str = "BROWSER"
    device_category: str = "PERSONAL_COMPUTER"
    os_family: str = "WINDOWS"
    os_version: Version = (10, 0, 19045)
    user_agent_type: str = "BROWSER"
    user_agent_family: str | None = None
    user_agent_version: Version | None = None


@dataclass(frozen=True, slots=True)
class Profiles:
    """Out of what people's profiles are drawn: weights, unless it says something else; an empty mapping is the usual.

    `languages` are shares of people who speak each, `verified_languages` the share of speakers who passed its test;
    `adult_allowed` and `verified` are shares. `date_of_birth` are the first and the last year, `rating` the lowest and
    the highest. `city` is by country. Citizens live in their country, regions are those of country and city, and
    devices, systems and browsers go with the client.
    """

    languages: Mapping[str, float] = field(default_factory=lambda: {"EN": 1.0})
    verified_languages: float = 0.6
    country: Weights = field(default_factory=lambda: {"US": 1.0})
    city: Mapping[str, Mapping[int, float]] = field(default_factory=lambda: regions.CITIES)
    citizenship: Weights = field(default_factory=dict)
    gender: Weights = field(default_factory=lambda: {"MALE": 0.55, "FEMALE": 0.45})
    education: Weights = field(default_factory=lambda: {"BASIC": 0.1, "MIDDLE": 0.4, "HIGH": 0.5})
    date_of_birth: tuple[int, int] = (1965, 2005)
    adult_allowed: float = 0.7
    verified: float = 0.8
    rating: tuple[float, float] = (60.0, 100.0)
    region_by_phone: Mapping[int, float] = field(default_factory=dict)
    region_by_ip: Mapping[int, float] = field(default_factory=dict)
    client_type: Weights = field(default_factory=lambda: {"BROWSER": 0.6, "TOLOKA_APP": 0.4})
    device_category: Weights = field(default_factory=dict)
    os_family: Weights = field(default_factory=dict)
    user_agent_family: Weights = field(default_factory=dict)

    def draw(self, draw: Draw) -> Profile:
        """One person's profile; `draw` is his own chance."""
        country = chosen(self.country, draw("country"))
        city = chosen({None: 0.0, **self.city.get(country, {})}, draw("city"))
        client = chosen(self.client_type, draw("client"))
        languages = tuple(code for code, share in self.languages.items() if draw("speaks", code) < share)
        return Profile(
            languages=languages,
            verified_languages=frozenset(
                code for code in languages if code in VERIFIABLE and draw("verified", code) < self.verified_languages
            ),
            country=country,
            city=city,
            citizenship=chosen(self.citizenship or {country: 1.0}, draw("citizenship")),
            gender=chosen(self.gender, draw("gender")),
            education=chosen(self.education, draw("education")),
            date_of_birth=_born(self.date_of_birth, draw("date_of_birth")),
            adult_allowed=draw("adult_allowed") < self.adult_allowed,
            verified=draw("verified") < self.verified,
            rating=round(_between(self.rating, draw("rating")), 2),
            region_by_phone=_regions(self.region_by_phone, draw("region_by_phone"), country, city),
            region_by_ip=_regions(self.region_by_ip, draw("region_by_ip"), country, city),
            client_type=client,
            **self._device(client, draw),
        )

    def _device(self, client: str, draw: Draw) -> dict[str, Any]:
        device = chosen(self.device_category or devices.BY_CLIENT[client], draw("device_category"))
        system = chosen(self.os_family or devices.SYSTEMS[device], draw("os_family"))
        found = {
            "device_category": device,
            "os_family": system,
            "os_version": chosen(devices.SYSTEM_VERSIONS[system], draw("os_version")),
            "user_agent_type": devices.agent_type(client, device),
        }
        if client == "TOLOKA_APP":
            return found
        browser = chosen(self.user_agent_family or devices.browsers(device, system), draw("user_agent_family"))
        version = chosen(devices.BROWSER_VERSIONS[browser], draw("user_agent_version"))
        return found | {"user_agent_family": browser, "user_agent_version": version}


def chosen(weights: Mapping[Thing, float], chance: float) -> Thing:
    """The one on which a uniform `chance` falls, each having its weight; without any weight the first."""
    ordered = sorted(weights, key=str)
    up_to = list(accumulate(weights[each] for each in ordered))
    return next((each for each, bound in zip(ordered, up_to, strict=True) if chance * up_to[-1] < bound), ordered[0])


def _between(bounds: tuple[float, float], chance: float) -> float:
    low, high = bounds
    return low + (high - low) * chance


def _born(years: tuple[int, int], chance: float) -> int:
    """The beginning of a day between the first day of the first year and the last of the last."""
    first, last = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (years[0], years[1] + 1))
    return int(_between((first, last), chance) // 86_400) * 86_400


def _regions(weights: Mapping[int, float], chance: float, country: str, city: int | None) -> tuple[int, ...]:
    return regions.around(chosen(weights, chance)) if weights else regions.home(country, city)
