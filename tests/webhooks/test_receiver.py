"""Notifications posted to a running receiver: stored before they are confirmed, refused without a trace."""

import gzip
import json
import socket
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from deployed_receiver import SECRET, Receiver

from webhooks.receiver import LARGEST_BODY
from webhooks.signature import sign

Build = Callable[..., dict[str, Any]]
UNSIGNED = {"error": "bad_signature", "message": "The notification is not signed with a secret of ours."}


def test_what_is_confirmed_is_stored_with_its_raw_body(shared: Receiver, notification: Build) -> None:
    body = json.dumps(notification({"pool_id": "77"}, {"pool_id": "77"}), indent=3).encode()
    reply = shared.post(body)
    assert (reply.status, reply.json) == (200, {"status": "stored", "events": 2, "new": 2})
    with closing(shared.log()) as log:
        lines = log.events(pool_id="77").events
        assert len(lines) == 2
        file = log.event_file(lines[0].seq)
    assert file is not None
    assert file.body == body


def test_a_repetition_is_confirmed_and_changes_nothing(shared: Receiver, notification: Build) -> None:
    body = notification({}, {})
    shared.post(body)
    before = shared.total()
    assert shared.post(body).json == {"status": "stored", "events": 2, "new": 0}
    again = [{**event, "uuid": event["uuid"] + "-again"} for event in body["events"]]
    assert shared.post({"events": again}).json["new"] == 0
    assert shared.total() == before


def test_the_same_notification_at_the_same_moment_is_stored_once(shared: Receiver, notification: Build) -> None:
    body = notification(*[{} for _ in range(5)])
    before = shared.total()
    with ThreadPoolExecutor(16) as senders:
        replies = list(senders.map(lambda _: shared.post(body), range(48)))
    assert {reply.status for reply in replies} == {200}
    assert sum(reply.json["new"] for reply in replies) == 5
    assert shared.total() == before + 5


def test_without_a_signature_of_ours_nothing_is_stored(shared: Receiver, notification: Build) -> None:
    before = shared.total()
    body = notification()
    replies = [
        shared.post(body, secret="another secret of somebody"),
        shared.post(body, tag="unknown"),
        shared.post(body, tag="%00"),
        shared.post(body, tag="..%2e"),
        shared.post(body, Toloka_Signature=""),
        shared.post(body, Toloka_Signature="{v=1, ts=1, sign=é}".encode().decode("latin-1")),
        shared.post(b"not json", secret="another secret of somebody"),
        shared.post(b"", secret="another secret of somebody"),
    ]
    assert [(reply.status, reply.json) for reply in replies] == [(401, UNSIGNED)] * len(replies)
    assert shared.total() == before


def test_two_signatures_are_none(shared: Receiver, notification: Build) -> None:
    body = json.dumps(notification()).encode()
    header = b"Toloka-Signature: " + sign(SECRET, body, 1).encode() + b"\r\n"
    assert b" 401 " in shared.raw(request(body, header, header)).splitlines()[0]


def test_a_bad_event_among_good_ones_is_kept_as_dead(shared: Receiver, notification: Build) -> None:
    assert shared.post(notification({"pool_id": "78"}, {"pool_id": "78", "uuid": ""})).json["new"] == 2
    with closing(shared.log()) as log:
        assert sorted(str(line.event.state) for line in log.events(pool_id="78").events) == ["dead", "new"]


def test_late_ones_are_stored_all_the_same(shared: Receiver, notification: Build) -> None:
    body = json.dumps(notification()).encode()
    assert shared.post(body, Toloka_Signature=sign(SECRET, body, 946728000000)).json["new"] == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_post_is_answered(shared: Receiver, method: str) -> None:
    reply = shared.request(method, "/webhooks/toloka/main")
    assert (reply.status, reply.json["error"]) == (405, "method_not_allowed")


def test_it_must_be_plain_json(shared: Receiver, notification: Build) -> None:
    body = json.dumps(notification()).encode()
    assert shared.post(body, Content_Type="application/json; charset=utf-8").status == 200
    assert shared.post(body, Content_Type="text/plain").status == 415
    assert shared.post(gzip.compress(body), Content_Encoding="gzip").status == 415


def test_the_largest_body_is_taken(shared: Receiver, notification: Build) -> None:
    assert shared.post(json.dumps(notification()).encode().ljust(LARGEST_BODY)).status == 200


def test_a_larger_one_is_refused_before_it_is_sent(shared: Receiver) -> None:
    with shared.connected() as connection:
        connection.sendall(request(b"").replace(b"Content-Length: 0", b"Content-Length: %d" % (LARGEST_BODY + 1)))
        assert b" 413 " in connection.recv(65536).splitlines()[0]


def test_a_chunked_body_is_read_whole_and_has_the_same_limit(shared: Receiver, notification: Build) -> None:
    body = json.dumps(notification()).encode()
    pieces = chunk(body[:50]) + chunk(body[50:]) + chunk(b"")
    assert b" 200 " in shared.raw(chunked(body, pieces)).splitlines()[0]
    large = body.ljust(LARGEST_BODY + 1)
    assert b" 413 " in shared.raw(chunked(large, chunk(large) + chunk(b""))).splitlines()[0]


def test_a_body_that_breaks_off_is_not_taken(shared: Receiver, notification: Build) -> None:
    before = shared.total()
    body = json.dumps(notification()).encode()
    short = shared.raw(request(body, signed(body))[:-1])
    assert b" 400 " in short.splitlines()[0]
    for pieces in (chunk(body), chunk(body)[:-10], b"zz\r\n", b"-1\r\n\r\n", b""):
        assert b" 400 " in shared.raw(chunked(body, pieces)).splitlines()[0]
    assert shared.total() == before


def test_an_unread_body_is_never_taken_for_a_request(shared: Receiver, notification: Build) -> None:
    inner = json.dumps(notification()).encode()
    hidden = request(inner, signed(inner)).ljust(LARGEST_BODY + 10)
    before = shared.total()
    with shared.connected() as connection:
        connection.sendall(request(hidden).removesuffix(hidden))
        assert b" 413 " in connection.recv(65536).splitlines()[0]
        assert b"HTTP/1.1" not in until_it_hangs_up(connection, hidden)
    assert shared.total() == before


def test_a_server_that_asks_first_is_told_to_go_on(shared: Receiver, notification: Build) -> None:
    body = json.dumps(notification()).encode()
    answer = shared.raw(request(body, signed(body), b"Expect: 100-continue\r\n"))
    assert answer.startswith(b"HTTP/1.1 100 Continue")
    assert b"HTTP/1.1 200 " in answer


AMBIGUOUS = [
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: x\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"X: " + b"x" * 20_000 + b"\r\n",
    b"X: \0\r\n",
    b"X: \xff\r\n",
    b"X-Many: 1\r\n" * 60,
    b"Toloka_Signature: {v=1}\r\n",
    b"SCRIPT_NAME: /x\r\n",
]


@pytest.mark.parametrize("header", AMBIGUOUS, ids=lambda header: repr(header[:30]))
def test_strange_headers_are_no_trouble(shared: Receiver, notification: Build, header: bytes) -> None:
    body = json.dumps(notification()).encode()
    status = int(shared.raw(request(body, signed(body), header)).split(b" ", 2)[1])
    assert status in {200, 400, 431}


IDS = ["", "x" * 10_000, 5, [], "'; DROP TABLE events; --", "<script>alert(1)</script>", "../../x", "\ud800", "\0"]
TIMES = ["0000-01-01T00:00:00", "9999-12-31T23:59:59", "2024-05-01T10:00:00+03:00", "garbage", 5, None, "\0"]


@pytest.mark.parametrize("name", ["uuid", "pool_id", "assignment_id", "type", "project_id", "output_values"])
def test_no_field_can_break_it(shared: Receiver, notification: Build, name: str) -> None:
    reply = shared.post(notification(*[{name: value} for value in IDS]))
    assert (reply.status, reply.json["events"]) == (200, len(IDS))


def test_no_time_can_break_it(shared: Receiver, notification: Build) -> None:
    assert shared.post(notification(*[{"event_time": value} for value in TIMES])).status == 200


BODIES = [
    b"[" * 100_000,
    b'{"a":' * 5_000,
    b"[" * 2_000 + b"]" * 2_000,
    b'{"events":[' + b"9" * 5_000 + b"]}",
    b'{"events":[1e999]}',
    b'{"events":[NaN]}',
    b'{"events":[Infinity]}',
    b'{"events":[{"uuid":"a","uuid":"b"}]}',
    b'\xef\xbb\xbf{"events":[]}',
    '{"events":[{}]}'.encode("utf-16"),
    '{"events":[{}]}'.encode("utf-32"),
    b'{"events":["\\ud800"]}',
    b'{"events":["\\u0000"]}',
    b'{"events":null}',
    b'{"events":5}',
    b'{"events":{}}',
    b'{"events":[]}',
    b'{"events":[[]]}',
    b'{"events":[' + b"1," * 500_000 + b"1]}",
    b"\0",
    b"",
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:24]))
def test_no_body_can_break_it(shared: Receiver, body: bytes) -> None:
    reply = shared.post(body)
    assert reply.status in {200, 400}
    if reply.status == 400:
        assert reply.json["error"] == "bad_notification"


def test_a_locked_database_is_answered_with_try_again(shared: Receiver, notification: Build) -> None:
    body = notification()
    with closing(sqlite3.connect(shared.database, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        reply = shared.post(body)
        stranger.execute("ROLLBACK")
    assert (reply.status, reply.json["error"]) == (503, "store_busy")
    assert int(reply.headers["Retry-After"]) > 0
    assert shared.post(body).status == 200


def request(body: bytes, *headers: bytes) -> bytes:
    start = b"POST /webhooks/toloka/main HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return start + b"".join(headers) + b"Content-Length: %d\r\n\r\n" % len(body) + body


def until_it_hangs_up(connection: socket.socket, sent: bytes) -> bytes:
    """Send the rest, and return what is answered to it before the other side closes, politely or not."""
    answer = b""
    try:
        connection.sendall(sent)
        while piece := connection.recv(65536):
            answer += piece
    except ConnectionError:
        return answer
    return answer


def chunked(body: bytes, pieces: bytes) -> bytes:
    start = b"POST /webhooks/toloka/main HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return start + signed(body) + b"Transfer-Encoding: chunked\r\n\r\n" + pieces


def chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def signed(body: bytes) -> bytes:
    return b"Toloka-Signature: " + sign(SECRET, body, 1714557600000).encode() + b"\r\n"
