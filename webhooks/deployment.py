"""Where the outside reaches this deployment: its URL, refused when it cannot be a place that Toloka posts to."""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from store.errors import CrowdhookError

HOOKS = "/webhooks/toloka/"
PORTS = {"https": 443, "http": 80}

Resolve = Callable[[str, int], Sequence[str]]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK = "loopback, which only this machine reaches"
PRIVATE = "private, which the internet does not reach"
EMBEDDED = "an IPv4 address inside an IPv6 address"
_NOT_PUBLIC: Sequence[tuple[str, Sequence[str]]] = (
    (LOOPBACK, ("127.0.0.0/8", "::1/128")),
    (PRIVATE, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")),
    ("link-local, where clouds keep their metadata", ("169.254.0.0/16", "fe80::/10")),
    ("a cloud's own service", ("168.63.129.16/32",)),
    ("shared by a provider's customers (CGNAT)", ("100.64.0.0/10",)),
    (EMBEDDED, ("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")),
)
NETWORKS = [(ipaddress.ip_network(each), kind) for kind, networks in _NOT_PUBLIC for each in networks]
HELD_BACK = [ipaddress.ip_network(each) for each in ("192.88.99.0/24", "240.0.0.0/4", "3fff::/20")]
IPV6_PUBLIC = ipaddress.ip_network("2000::/3")


class BadUrl(CrowdhookError):
    """Toloka cannot be told to post to this URL:"""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment as the outside reaches it; `prefix` is the path before /webhooks/, without a trailing slash."""

    scheme: str
    host: str
    port: int
    prefix: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.prefix}"

    def hook(self, tag: str) -> str:
        """Return the URL to which a tag's notifications are posted."""
        return f"{self}{HOOKS}{tag}"


def read_url(text: str) -> Deployment:
    """Read a deployment's URL, one spelling for all that mean the same; raises BadUrl, without a password in it."""
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise BadUrl("it holds a blank, a control character or a letter beyond ASCII (write the host as xn--…).")
    try:
        parts, port = urlsplit(text), urlsplit(text).port
    except ValueError as error:
        raise BadUrl("its host or its port cannot be read.") from error
    _check_parts(text, parts, port)
    port = PORTS[parts.scheme] if port is None else port
    return Deployment(parts.scheme, (parts.hostname or "").rstrip("."), port, parts.path.rstrip("/"))


def _check_parts(text: str, parts: SplitResult, port: int | None) -> None:
    if parts.scheme not in PORTS or not (parts.hostname or "").rstrip("."):
        raise BadUrl("write it as https://host, with a path if there is one.")
    if "@" in parts.netloc:
        raise BadUrl("it holds a user name or a password; take it out.")
    if "?" in text or "#" in text:
        raise BadUrl("it holds a query (?) or a fragment (#); take it out.")
    if port == 0:
        raise BadUrl("port 0 is none.")
    if HOOKS in f"{parts.path}/":
        raise BadUrl(f"leave {HOOKS}… out, it is appended.")
    if {"", ".", ".."} & set(parts.path.rstrip("/").split("/")[1:]):
        raise BadUrl("its path has empty, . or .. parts.")


def checked(at: Deployment, toloka: str, resolve: Resolve) -> list[str]:
    """Return the addresses that a deployment's host leads to, all of them public; raises BadUrl.

    `toloka` is the base URL of Toloka. When that is a simulator on this machine, http and loopback will do.
    """
    simulated = on_this_machine(toloka)
    if at.scheme != "https" and not simulated:
        raise BadUrl(f"{at} is not https: everyone on the way could read and repeat what is posted.")
    _check_not_toloka(at, read_url(toloka), simulated)
    try:
        addresses = list(dict.fromkeys(resolve(at.host, at.port)))
    except OSError as error:
        raise BadUrl(f"the host {at.host} is not known here.") from error
    for address in addresses:
        kind = not_public(address)
        if kind and not (simulated and kind == LOOPBACK):
            raise BadUrl(f"the host {at.host} leads to {address}, which is {kind}.")
    return addresses


def _check_not_toloka(at: Deployment, toloka: Deployment, simulated: bool) -> None:
    if at.host == toloka.host and (at.port == toloka.port or not simulated):
        raise BadUrl(f"{at.host} is Toloka itself.")


def addresses_of(host: str, port: int) -> list[str]:
    """Ask the system for a host's addresses; raises OSError."""
    return [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def on_this_machine(url: str) -> bool:
    """Say whether a Toloka's URL is one of a simulator on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def not_public(address: str) -> str:
    """Say of what kind an address is that the internet does not reach; "" for one that it does."""
    ip = ipaddress.ip_address(address)
    for network, kind in NETWORKS:
        if ip in network:
            return kind
    public = ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)
    if not public or any(ip in each for each in HELD_BACK) or (ip.version == 6 and ip not in IPV6_PUBLIC):
        return "not public"
    return ""
