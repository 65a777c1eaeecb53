"""Toloka's signature over a notification, on raw bytes: made by whoever plays Toloka, checked by the receiver."""

import hmac
import re
from collections.abc import Sequence

from store.errors import CrowdhookError

HEADER = "Toloka-Signature"
VERSION = "1"

_FIELD = re.compile(rb"(\w+)=([^,}\s]+)", re.ASCII)
_TIMESTAMP = re.compile(rb"[0-9]{1,16}")
_DIGEST = re.compile(rb"[0-9a-fA-F]{40,64}")
_DIGEST_LENGTH = 64


class BadSignature(CrowdhookError):
    """The notification is not signed with a secret of ours."""


def sign(secret: str, body: bytes, ts_ms: int) -> str:
    """Return the header value for a body sent at `ts_ms` (UNIX milliseconds): `{v=1, ts=…, sign=<64 hex digits>}`."""
    digest = _digest(secret, body, str(ts_ms).encode())
    return f"{{v={VERSION}, ts={ts_ms}, sign={digest.decode()}}}"


def verify(header: str | None, body: bytes, secrets: Sequence[str]) -> int:
    """Return when the body was sent (UNIX milliseconds) if one of the secrets signed it; raises BadSignature."""
    ts, claimed = _parse(header)
    matches = [hmac.compare_digest(_digest(secret, body, ts), claimed) for secret in secrets]
    if not any(matches):
        raise BadSignature
    return int(ts)


def _digest(secret: str, body: bytes, ts: bytes) -> bytes:
    message = b"%b.%b.%b" % (ts, VERSION.encode(), body)
    return hmac.new(secret.encode(), message, "sha256").hexdigest().encode()


def _parse(header: str | None) -> tuple[bytes, bytes]:
    """Return the timestamp as it was written and the digest in full length; each field must be there exactly once."""
    if header is None or not header.isascii():
        raise BadSignature
    found = _FIELD.findall(header.encode("ascii"))
    fields = dict(found)
    if len(fields) != len(found) or fields.get(b"v") != VERSION.encode():
        raise BadSignature
    ts, claimed = fields.get(b"ts", b""), fields.get(b"sign", b"")
    if not _TIMESTAMP.fullmatch(ts) or not _DIGEST.fullmatch(claimed):
        raise BadSignature
    # Some senders print the digest as a number and lose its leading zeros.
    return ts, claimed.lower().rjust(_DIGEST_LENGTH, b"0")
