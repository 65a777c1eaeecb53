"""Addresses on the web: whether anything can be posted to one."""

import re
from ipaddress import IPv6Address
from urllib.parse import urlsplit

LONGEST_HOST = 253
_WRITTEN = re.compile(r"[!-~]+")
_LABEL = r"[A-Za-z0-9_-]{1,63}"
_PLACE = re.compile(rf"(?:\[(?P<number>[0-9A-Fa-f:.]+)\]|(?P<name>{_LABEL}(?:\.{_LABEL})*\.?))(?::[0-9]*)?")


def postable(url: str) -> bool:
    """Whether this is an http or https address as RFC 3986 writes it, with a host and a port that there may be.

    One with a user's name in it is none: how Toloka would send that is not known.
    """
    try:
        parts = urlsplit(url)
        place = _PLACE.fullmatch(parts.netloc)
        if not place or parts.port == 0:
            return False
        if place["number"]:
            IPv6Address(place["number"])
    except ValueError:
        return False
    written = parts.scheme in ("http", "https") and _WRITTEN.fullmatch(url)
    return bool(written) and len(place["name"] or "") <= LONGEST_HOST
