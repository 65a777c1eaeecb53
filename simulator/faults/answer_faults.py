"""What may go wrong with a request to the API: every kind, with what it does and what arrives at the client."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from werkzeug.http import http_date

from simulator.faults.plans import Detail, Kind, number, seconds, whole
from simulator.records.asked import Answered, Asked, Manner, refused

ANSWERS: dict[str, Kind] = {}
"""Every kind of fault of the API's answers, by name."""
SERVERS = whole(500, 599)
STATUS = Detail(500, "an HTTP status from 400 to 599", whole(400, 599))
LATE = Detail(503, "0 for no answer, or an HTTP status from 500 to 599", lambda value: value == 0 or SERVERS(value))
AFTER = Detail(None, "a number of seconds, 0 or more, for the Retry-After header", whole(0, 86_400))
DATE = re.compile(rb"\d{4}-\d\d-\d\dT\d\d(?::|%3A)\d\d(?::|%3A)\d\d(?:\.\d+)?")
NGINX = """<html>\r
<head><title>{0}</title></head>\r
<body>\r
<center><h1>{0}</h1></center>\r
<hr><center>nginx</center>\r
</body>\r
</html>\r
"""


@dataclass(frozen=True, slots=True)
class Struck:
    """A request that a fault strikes.

    `carry_out` has it done now and gives its answer; `put_off` has it done so many seconds of platform time later.
    """

    asked: Asked
    carry_out: Callable[[Asked], Answered]
    put_off: Callable[[float], None]
    detail: Callable[[str], Any]


Act = Callable[[Struck], Answered]


def _kind(**details: Detail) -> Callable[[Act], Act]:
    def register(act: Act) -> Act:
        name = act.__name__.replace("_", "-")
        ANSWERS[name] = Kind(name, "answers", act.__doc__ or "", details, act)
        return act

    return register


def _after(struck: Struck) -> Mapping[str, str]:
    after = struck.detail("retry_after")
    return {} if after is None else {"Retry_After": str(after)}


@_kind()
def internal_error(struck: Struck) -> Answered:
    """Nothing is done; 500 INTERNAL_ERROR."""
    return refused(500, "INTERNAL_ERROR", "Internal error")


@_kind(retry_after=AFTER)
def unavailable(struck: Struck) -> Answered:
    """Nothing is done; 503 REMOTE_SERVICE_UNAVAILABLE, with a Retry-After header if `retry_after` is given."""
    return refused(503, "REMOTE_SERVICE_UNAVAILABLE", "Service is unavailable", **_after(struck))


@_kind(retry_after=AFTER, interval=Detail(None, "MIN, HOUR or DAY", lambda value: value in ("MIN", "HOUR", "DAY")))
def too_many_requests(struck: Struck) -> Answered:
    """Nothing is done; 429 TOO_MANY_REQUESTS, with `retry_after` and the payload's `interval` if they are given."""
    interval = struck.detail("interval")
    payload = None if interval is None else {"interval": interval}
    return refused(429, "TOO_MANY_REQUESTS", "Too many requests", payload, **_after(struck))


@_kind(status=replace(STATUS, usual=502))
def html_page(struck: Struck) -> Answered:
    """Nothing is done; a proxy's page in HTML, usually with status 502."""
    status = struck.detail("status")
    words = {502: "502 Bad Gateway", 503: "503 Service Temporarily Unavailable", 504: "504 Gateway Time-out"}
    return Answered(status, [("Content-Type", "text/html")], NGINX.format(words.get(status, str(status))).encode())


@_kind(status=STATUS)
def empty_body(struck: Struck) -> Answered:
    """Nothing is done; an error with no body at all, usually with status 500."""
    return Answered(struck.detail("status"), [], b"")


@_kind(status=STATUS)
def not_json(struck: Struck) -> Answered:
    """Nothing is done; an error whose body says that it is JSON and is text, usually with status 500."""
    return Answered(struck.detail("status"), [("Content-Type", "application/json")], b"upstream connect error")


@_kind(status=STATUS)
def without_code(struck: Struck) -> Answered:
    """Nothing is done; an error as JSON that lacks `code`, usually with status 500."""
    body = b'{"message": "Something went wrong"}'
    return Answered(struck.detail("status"), [("Content-Type", "application/json")], body)


@_kind()
def old_http(struck: Struck) -> Answered:
    """Nothing is done; 503 REMOTE_SERVICE_UNAVAILABLE in HTTP/1.0, after which the connection is closed."""
    answered = refused(503, "REMOTE_SERVICE_UNAVAILABLE", "Service is unavailable")
    return replace(answered, manner=Manner(protocol="HTTP/1.0"))


@_kind()
def truncated_body(struck: Struck) -> Answered:
    """It is done; the connection ends after half of the answer's body, as if it was whole."""
    return replace(struck.carry_out(struck.asked), manner=Manner(share=0.5))


@_kind(seconds=seconds(5.0))
def slow_drip(struck: Struck) -> Answered:
    """It is done; the answer comes in small pieces over so many machine `seconds`."""
    return replace(struck.carry_out(struck.asked), manner=Manner(seconds=struck.detail("seconds")))


@_kind()
def reset(struck: Struck) -> Answered:
    """Nothing is done; the connection is reset before anything is answered."""
    return Answered(0, [], b"", Manner(share=0.0, reset=True))


@_kind()
def reset_while_answering(struck: Struck) -> Answered:
    """It is done; the connection is reset after half of the answer's body."""
    return replace(struck.carry_out(struck.asked), manner=Manner(share=0.5, reset=True))


@_kind(seconds=seconds(60.0))
def no_answer(struck: Struck) -> Answered:
    """Nothing is done and nothing answered; the connection is closed after so many machine `seconds`."""
    return Answered(0, [], b"", Manner(share=0.0, seconds=struck.detail("seconds")))


@_kind(seconds=seconds(0.0))
def answer_lost(struck: Struck) -> Answered:
    """It is done, and nothing answered; the connection is closed after so many machine `seconds`."""
    return replace(struck.carry_out(struck.asked), manner=Manner(share=0.0, seconds=struck.detail("seconds")))


@_kind(seconds=seconds(60.0), status=LATE)
def applied_late(struck: Struck) -> Answered:
    """It is answered by `status` (503; 0: the connection is closed), and done so many platform `seconds` later."""
    struck.put_off(struck.detail("seconds"))
    status = struck.detail("status")
    if not status:
        return Answered(0, [], b"", Manner(share=0.0))
    return refused(status, "INTERNAL_ERROR" if status == 500 else "REMOTE_SERVICE_UNAVAILABLE", "No answer in time")


@_kind(seconds=Detail(3600.0, "a number of seconds; below 0 is behind", number(-3.2e8, 3.2e8)))
def clock_skew(struck: Struck) -> Answered:
    """It is done by a platform whose clock is so many `seconds` ahead: its dates, asked and answered, and its Date."""
    skew = struck.detail("seconds")
    asked = struck.asked
    target = DATE.sub(lambda found: _shifted(found[0], -skew), asked.target.encode("latin-1")).decode("latin-1")
    body = DATE.sub(lambda found: _shifted(found[0], -skew), asked.body)
    headers = {**asked.headers, "Content-Length": str(len(body))}
    answered = struck.carry_out(replace(asked, target=target, body=body, headers=headers))
    kept = [(name, text) for name, text in answered.headers if name.lower() != "content-length"]
    told = [(name, _date(text, skew) if name == "Date" else text) for name, text in kept]
    shown = DATE.sub(lambda found: _shifted(found[0], skew), answered.body)
    return replace(answered, headers=told, body=shown)


def _date(text: str, skew: float) -> str:
    return http_date(parsedate_to_datetime(text) + timedelta(seconds=skew))


def _shifted(text: bytes, skew: float) -> bytes:
    """A date so many seconds later, with as many digits as before; what is no date after all stays as it is."""
    plain = text.decode().replace("%3A", ":")
    digits = len(plain.partition(".")[2])
    try:
        moment = datetime.fromisoformat(plain) + timedelta(seconds=skew)
    except (ValueError, OverflowError):
        return text
    fraction = f".{moment.microsecond:06}"[: digits + 1] if digits else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}".encode()
