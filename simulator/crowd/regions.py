"""Where people live, by the region ids that filters ask for: some countries, and their large cities."""

from collections.abc import Mapping

COUNTRIES: Mapping[str, int] = {
    "AM": 168,
    "AU": 211,
    "AZ": 167,
    "BR": 94,
    "BY": 149,
    "CA": 95,
    "CN": 134,
    "DE": 96,
    "ES": 204,
    "FR": 124,
    "GB": 102,
    "GE": 169,
    "IL": 181,
    "IN": 994,
    "IT": 205,
    "JP": 137,
    "KG": 207,
    "KZ": 159,
    "MD": 208,
    "PL": 120,
    "RU": 225,
    "TJ": 209,
    "TM": 170,
    "TR": 983,
    "UA": 187,
    "US": 84,
    "UZ": 171,
}
"""A country's region id by its code (ISO 3166-1)."""
CITIES: Mapping[str, Mapping[int, float]] = {
    "BY": {157: 1.0},
    "DE": {177: 2.0, 178: 1.0},
    "FR": {10502: 1.0},
    "GB": {10393: 1.0},
    "KZ": {162: 2.0, 163: 1.0},
    "RU": {213: 2.0, 2: 1.0},
    "TR": {11508: 3.0, 11503: 1.0},
    "UA": {143: 1.0},
    "US": {202: 2.0, 200: 1.0},
}
"""Weights of city ids by country."""
_COUNTRY_OF = {city: country for country, cities in CITIES.items() for city in cities}


def around(region: int) -> tuple[int, ...]:
    """Return a region's id, and before it that of the country in which it is known to lie."""
    country = _COUNTRY_OF.get(region)
    return (region,) if country is None else (COUNTRIES[country], region)


def home(country: str, city: int | None) -> tuple[int, ...]:
    """Return the ids of the regions in which somebody of this country and city lives, as far as they are known."""
    known = COUNTRIES.get(country)
    return tuple(each for each in (known, city) if each is not None)
