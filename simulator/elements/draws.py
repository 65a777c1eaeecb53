"""Chance and names as functions of content: the same question always gets the same answer, whoever asks first."""

import hashlib
import json
import math
from typing import Any


def digest(*what: object, length: int = 32) -> str:
    """The first `length` (up to 64) hex digits of a hash of these plain values."""
    return hashlib.blake2b(repr(what).encode(), digest_size=32).hexdigest()[:length]


def fraction(*what: object) -> float:
    """A uniform number in [0, 1) that depends on these plain values alone."""
    return (int.from_bytes(hashlib.blake2b(repr(what).encode(), digest_size=7).digest()) >> 3) / 2**53


def waiting(mean: float, chance: float) -> float:
    """Seconds of an exponential wait with this mean, at most five means, from a uniform `chance` in [0, 1)."""
    return min(-math.log(1.0 - chance) * mean, 5 * mean)


def canonical(content: Any, origin: str = "") -> str:
    """The one JSON text of this content, in which the server's own address is left out."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.replace(origin, "") if origin else text


def moment_id(at: float, *content: object) -> str:
    """An id of 24 hex digits: seconds, their millionths, then content; it grows with time."""
    return f"{int(at):08x}{int(at % 1 * 1e6):05x}{digest(*content, length=11)}"


def object_id(pool_id: str, at: float, *content: object) -> str:
    """An id that looks like Toloka's: pool and time in hex, then 11 digits of content; it grows with time."""
    return f"{int(pool_id):010x}--{moment_id(at, *content)}"
