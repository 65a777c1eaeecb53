"""What a crowd file may say, and what its entries mean."""

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from simulator.crowd import devices
from simulator.crowd.conduct import DAYS, Ability, Hours, Learning, Speed
from simulator.crowd.performers import KINDS_OF_PEOPLE
from simulator.crowd.profiles import Profiles
from simulator.toml.forms import (
    COUNT,
    SHARE,
    Read,
    Wrong,
    at,
    code,
    flag,
    mapping,
    meant,
    number,
    pair,
    record,
    text,
    weights,
    word,
)

KINDS = ("careful", *KINDS_OF_PEOPLE)
REGION = re.compile("[0-9]{1,9}")
CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")
A_DAY = 24 * 60  # minutes
SECONDS = number(0.001, 1e9)


def region(value: Any) -> int:
    """A region's id: a number, or the same as a key."""
    if isinstance(value, bool) or not REGION.fullmatch(str(value)):
        raise Wrong(f"{value!r} is not the id of a region")
    return int(value)


def clock(value: Any) -> int:
    """A time of the day, as minutes."""
    found = CLOCK.fullmatch(value) if isinstance(value, str) else None
    if not found or int(found[1]) * 60 + int(found[2]) > A_DAY:
        raise Wrong(f"{value!r} is not a time such as 09:30")
    return int(found[1]) * 60 + int(found[2])


def zone(value: Any) -> str:
    """A time zone."""
    if value not in (zones := sorted(available_timezones())):
        raise Wrong(f"{value!r} is no time zone{meant(str(value), zones)}")
    return str(value)


def days(value: Any) -> tuple[str, ...]:
    """Days of the week."""
    if not isinstance(value, list) or not value:
        raise Wrong(f"{value!r} is not a list of days")
    return tuple(at(place, word(*DAYS), each) for place, each in enumerate(value))


def hours(value: Any) -> Hours:
    """When people work."""
    known = {"zone": zone, "from": clock, "to": clock, "days": days}
    read = record(known, "zone", "from", "to")(value)
    if (read["from"] - read["to"]) % A_DAY == 0 and read["from"] != 0:
        raise Wrong("from and to are the same", "to")
    return Hours(read["zone"], read["from"], read["to"], read.get("days", DAYS))


def speed(value: Any) -> Speed:
    """Seconds: a mean, or a mean and a spread."""
    if not isinstance(value, dict):
        return Speed(SECONDS(value))
    return Speed(**record({"mean": SECONDS, "spread": number(0, 1e9)}, "mean")(value))


def confusion(value: Any) -> dict[str, float]:
    """For what a class is taken, with which chance."""
    found: dict[str, float] = mapping(text, SHARE)(value)
    if sum(found.values()) > 1 + 1e-9:
        raise Wrong(f"the chances add up to {sum(found.values()):g}, more than 1")
    return found


def learning(value: Any) -> Learning:
    """How accuracy grows."""
    return Learning(**record({"per_page": SHARE, "per_example": SHARE, "up_to": SHARE})(value))


ABILITY: Mapping[str, Read] = {
    "accuracy": SHARE,
    "classes": mapping(text, SHARE),
    "confusions": mapping(text, confusion),
}


def ability(value: Mapping[str, Any]) -> Ability:
    """How likely somebody is right, out of what was read of a group, project or output field."""
    return Ability(**{name: value[name] for name in ABILITY if name in value})


FIELDS = mapping(text, record(ABILITY))
PROJECT = {**ABILITY, "fields": FIELDS, "likes": SHARE, "seconds_per_task": speed}
COUNTRY, LANGUAGE = code("[A-Z]{2}", "country"), code("[A-Z]{2}(-[A-Z]+)?", "language")


def _languages(value: Any) -> dict[str, float]:
    """Shares of people who speak a language; of those in a list everybody does."""
    if isinstance(value, list):
        return dict.fromkeys((at(place, LANGUAGE, each) for place, each in enumerate(value)), 1.0)
    found: dict[str, float] = mapping(LANGUAGE, SHARE)(value)
    return found


PROFILE: Mapping[str, Read] = {
    "languages": _languages,
    "verified_languages": SHARE,
    "country": weights(COUNTRY),
    "city": mapping(COUNTRY, weights(region)),
    "citizenship": weights(COUNTRY),
    "gender": weights(word("MALE", "FEMALE")),
    "education": weights(word("BASIC", "MIDDLE", "HIGH")),
    "date_of_birth": pair(number(1900, 2100, whole=True)),
    "adult_allowed": SHARE,
    "verified": SHARE,
    "rating": pair(number(0, 100)),
    "region_by_phone": weights(region),
    "region_by_ip": weights(region),
    "client_type": weights(word(*devices.BY_CLIENT)),
    "device_category": weights(word(*devices.SYSTEMS)),
    "os_family": weights(word(*devices.SYSTEM_VERSIONS)),
    "user_agent_family": weights(word(*devices.BROWSER_VERSIONS)),
}


def profiles(value: Any) -> Profiles:
    """Out of what people's profiles are drawn."""
    return Profiles(**record(PROFILE)(value))


GROUP: Mapping[str, Read] = {
    "name": text,
    "count": COUNT,
    "share": number(0.000001, 1),
    "kind": word(*KINDS),
    **ABILITY,
    "fields": FIELDS,
    "carelessness": SHARE,
    "skip": SHARE,
    "expire": SHARE,
    "replies": SHARE,
    "likes": SHARE,
    "seconds_per_task": speed,
    "seconds_per_page": pair(SECONDS),
    "colludes": flag,
    "hours": hours,
    "learning": learning,
    "leaves_after": record({"refusal": SHARE, "ban": SHARE}),
    "projects": mapping(text, record(PROJECT)),
    "profile": profiles,
}
"""The entries of a group."""
