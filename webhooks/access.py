"""Who may look at the pages: this machine alone, or whoever knows the password."""

import hmac
import ipaddress
from collections.abc import Callable

from flask import Request, Response, request

from store.errors import CrowdhookError
from webhooks.throttle import Throttle

_FORWARDED = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"})


class PasswordNeeded(CrowdhookError):
    """This page is behind a password."""


class TooManyWrong(CrowdhookError):
    """Too many wrong passwords came from this address: wait a minute."""


class LoopbackOnly(CrowdhookError):
    """Without a page password, these pages answer only on the machine itself; set one to look from elsewhere."""


Guard = Callable[[], Response | None]


def guard(password: str | None, machine_clock: Callable[[], float]) -> Guard:
    """Return the check that runs before every page; it raises PasswordNeeded, TooManyWrong or LoopbackOnly."""
    if password == "":
        raise ValueError("an empty page password would let everybody in: leave it out, or set one")
    throttle = Throttle(machine_clock)

    def check() -> None:
        if password is None:
            if not from_this_machine(request):
                raise LoopbackOnly
        elif "Authorization" not in request.headers:
            raise PasswordNeeded
        else:
            _compare(password, request, throttle)

    return check


def _compare(password: str, request: Request, throttle: Throttle) -> None:
    """Let the password in; after too many wrong ones from an address, none is looked at for a while."""
    address = address_of(request)
    if throttle.full(address):
        raise TooManyWrong
    if not knows(password, request):
        throttle.add(address)
        raise PasswordNeeded


def from_this_machine(request: Request) -> bool:
    """Tell whether the client is on loopback, speaks to a loopback name, and came through no proxy that shows.

    A proxy shows by its headers, or by HTTP/1.0, which no browser speaks any more.
    """
    names = {name.lower() for name, _ in request.headers}
    if names & _FORWARDED or any(name.startswith("x-forwarded-") for name in names):
        return False
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        return False
    return _is_loopback(request.remote_addr or "") and _is_loopback(_host_name(request))


def address_of(request: Request) -> str:
    """Return where a request comes from: as a proxy on this machine says, else its peer; of IPv6 the network (/64).

    Of a forwarded address only the last entry counts, which the proxy wrote; those before it are the client's own.
    """
    peer = request.remote_addr or ""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    text = told if told and _is_loopback(peer) else peer
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text[:64]
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


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
