"""Instructions in HTML: which pictures they show that are files, and these pictures' addresses put in their place."""

import re
from collections.abc import Callable, Mapping
from html import escape, unescape

_IMAGE = re.compile(r"""<img\b(?:"[^"]*"|'[^']*'|[^'">])*>""", re.IGNORECASE)
_SOURCE = re.compile(r"""(?P<name>\ssrc\s*=\s*)(?P<value>"[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)  # an address, not a file


def files_shown(html: str) -> list[str]:
    """Return the sources of images that are no addresses, as they are written, each once."""
    found: dict[str, None] = {}
    _each_source(html, lambda source: found.setdefault(source, None))
    return list(found)


def linked(html: str, addresses: Mapping[str, str]) -> str:
    """Return the HTML with each image's source replaced by its address, where there is one."""
    return _each_source(html, addresses.get)


def is_file(source: str) -> bool:
    """Say whether a picture's source is the name of a file, not an address."""
    return bool(source) and not _ELSEWHERE.match(source)


def _each_source(html: str, address: Callable[[str], str | None]) -> str:
    def replaced(match: re.Match[str]) -> str:
        source = unescape(match["value"].strip("\"'"))
        found = address(source) if is_file(source) else None
        return match[0] if found is None else f'{match["name"]}"{escape(found)}"'

    return _IMAGE.sub(lambda image: _SOURCE.sub(replaced, image[0], count=1), html)
