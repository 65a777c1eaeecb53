"""Who may look at the pages: this machine alone, or whoever knows the password."""

import hmac
import ipaddress
from collections.abc import Callable

from flask import Request, Response, request

from store.errors import CrowdhookError

_FORWARDED = ("Forwarded", "X-Forwarded-For", "Via")


class PasswordNeeded(CrowdhookError):
    """This page is behind a password."""


class LoopbackOnly(CrowdhookError):
    """Without a page password, these pages answer only on the machine itself; set one to look from elsewhere."""


def guard(password: str | None) -> Callable[[], Response | None]:
    """Return the check that runs before every page; it raises PasswordNeeded or LoopbackOnly."""
    if password == "":
        raise ValueError("an empty page password would let everybody in: leave it out, or set one")

    def check() -> None:
        if password is None and not from_this_machine(request):
            raise LoopbackOnly
        if password is not None and not knows(password, request):
            raise PasswordNeeded

    return check


def from_this_machine(request: Request) -> bool:
    """Tell whether the client is on loopback, speaks to a loopback name, and came through no proxy that says so."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    return _is_loopback(request.remote_addr or "") and _is_loopback(_host_name(request))


def knows(password: str, request: Request) -> bool:
    """Tell whether the request brings the password (HTTP Basic, any user name)."""
    if not request.headers.get("Authorization", "").isascii():
        return False
    given = request.authorization
    if given is None or given.type != "basic" or given.password is None:
        return False
    return hmac.compare_digest(given.password.encode(), password.encode())


def _host_name(request: Request) -> str:
    """Return the Host header without its port: a foreign name that resolves to loopback is not ours."""
    host = request.headers.get("Host", "")
    name = host[: host.rfind("]") + 1] if host.startswith("[") else host.partition(":")[0]
    return name.strip("[]")


def _is_loopback(name: str) -> bool:
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
