"""Is that URL really ours? Two notifications of our own, one wrongly and one rightly signed, before Toloka is told."""

import http.client
import json
import secrets
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Timer
from typing import Any
from uuid import uuid4

from store.contract import EventLog
from store.errors import CrowdhookError
from webhooks.deployment import HOOKS, PORTS, Deployment
from webhooks.signature import HEADER, sign
from webhooks.statuses import meaning

SECONDS = 10.0  # for one notification, once there is a connection
STEP_SECONDS = 5.0  # for a connection, or until the next bytes come
MOST_ADDRESSES = 4  # tried in turn
MOST_BYTES = 65536  # of an answer


class NobodyAnswers(CrowdhookError):
    """Nobody answers there: start `crowdhook serve` there first, and let the URL lead to it."""


class NotTrusted(CrowdhookError):
    """There is no TLS there that Toloka would trust:"""


class NotAReceiver(CrowdhookError):
    """What answers there is no receiver of ours:"""


class DoesNotVerify(CrowdhookError):
    """What answers there is no receiver of ours: it takes a notification that is wrongly signed."""


class AnotherKeyring(CrowdhookError):
    """The receiver there does not know our secret: it reads another keyring (CROWDHOOK_KEYRING), or is another's."""


class AnotherDatabase(CrowdhookError):
    """The receiver there stores into another database (CROWDHOOK_DATABASE) than this command reads."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, cut off at MOST_BYTES."""

    status: int
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        """Return the JSON object that it holds; {} for anything else."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Proof:
    """Proves a tag's URL; `addresses` are those that were checked, and no other is spoken to. `clock`: UNIX seconds."""

    at: Deployment
    addresses: Sequence[str]
    tag: str
    log: EventLog
    clock: Callable[[], float]
    seconds: float = SECONDS

    def of(self, secret: str, pool_id: str) -> None:
        """Have one notification refused and one stored, a TEST_EVENT of this pool signed with `secret`.

        Raises NobodyAnswers, NotTrusted, NotAReceiver, DoesNotVerify, AnotherKeyring, AnotherDatabase.
        """
        wrong = self._post(secrets.token_urlsafe(32), pool_id, str(uuid4()))
        if 200 <= wrong.status < 300:
            raise DoesNotVerify
        if not _unsigned(wrong):
            raise NotAReceiver(_strange(wrong))
        uuid = str(uuid4())
        right = self._post(secret, pool_id, uuid)
        if _unsigned(right):
            raise AnotherKeyring
        if right.status != 200 or right.said.get("status") != "stored":
            raise NotAReceiver(_strange(right))
        if self.log.seq_of(uuid) is None:
            raise AnotherDatabase

    def _post(self, secret: str, pool_id: str, uuid: str) -> Reply:
        now = self.clock()
        time = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        event = {"uuid": uuid, "type": "TEST_EVENT", "pool_id": pool_id, "project_id": "crowdhook", "event_time": time}
        body = json.dumps({"events": [event]}).encode()
        signed = {"Content-Type": "application/json", HEADER: sign(secret, body, int(now * 1000))}
        with _connected(self.at, self.addresses, self.seconds) as connection:
            path = f"{self.at.prefix}{HOOKS}{self.tag}"
            connection.request("POST", path, body, signed | {"User-Agent": "crowdhook"})
            response = connection.getresponse()
            return Reply(response.status, response.read(MOST_BYTES))


def _unsigned(reply: Reply) -> bool:
    return reply.status == 401 and reply.said.get("error") == "bad_signature"


def _strange(reply: Reply) -> str:
    if reply.status == 401:
        return "HTTP 401, a proxy wants a login: let POST /webhooks/ pass without one."
    if reply.status == 200:
        return "HTTP 200, but not in our receiver's words."
    return f"{meaning(reply.status)}."


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked, whatever the host's name leads to by now."""

    def __init__(self, at: Deployment, raw: socket.socket) -> None:
        super().__init__(at.host, at.port, timeout=STEP_SECONDS)
        self.default_port = PORTS[at.scheme]
        self.scheme, self.raw = at.scheme, raw

    def connect(self) -> None:
        """Speak over the connection that is there, by TLS when the URL says so."""
        tls = self.scheme == "https"
        self.sock = ssl.create_default_context().wrap_socket(self.raw, server_hostname=self.host) if tls else self.raw


@contextmanager
def _connected(at: Deployment, addresses: Sequence[str], seconds: float) -> Iterator[_Pinned]:
    """Connect, and hang up after so many seconds whatever comes; errors are told as ours."""
    try:
        with _dialled(at, addresses) as raw, _for_at_most(seconds, raw), closing(_Pinned(at, raw)) as connection:
            yield connection
    except ssl.SSLCertVerificationError as error:
        raise NotTrusted(f"{error.verify_message} ({at}).") from error
    except ssl.SSLError as error:
        raise NotTrusted(f"{error.reason or error} ({at}).") from error
    except OSError as error:
        raise NobodyAnswers(f"({at}: {error})") from error
    except http.client.HTTPException as error:
        raise NotAReceiver(f"it does not speak HTTP ({at}).") from error


@contextmanager
def _for_at_most(seconds: float, raw: socket.socket) -> Iterator[None]:
    """Shut a connection when its time is over, so that no answer can be drawn out."""
    with raw.dup() as line:
        end = Timer(seconds, _hang_up, (line,))
        end.start()
        try:
            yield
        finally:
            end.cancel()
            end.join()


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _dialled(at: Deployment, addresses: Sequence[str]) -> socket.socket:
    *others, last = addresses[:MOST_ADDRESSES]
    for address in others:
        try:
            return socket.create_connection((address, at.port), STEP_SECONDS)
        except OSError:
            continue
    return socket.create_connection((last, at.port), STEP_SECONDS)
