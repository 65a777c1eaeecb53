import json
import socket
import threading

import pytest
from exchanges import Exchange
from flask import Flask
from openapi import error_faults

from simulator.api.protocol import LARGEST
from simulator.http_server import Server


def test_connections_are_kept_for_many_requests(bench):
    host, port = bench.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection, connection.makefile("rb") as answer:
        for _ in range(3):
            connection.sendall(b"GET /simulator/time HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answer.readline() == b"HTTP/1.1 200 OK\r\n"
            lengths = [int(line.split(b":")[1]) for line in iter(answer.readline, b"\r\n") if b"Content-Length" in line]
            assert json.loads(answer.read(lengths[0])) == {"now": bench.world.now}


def test_a_client_that_asks_before_it_sends_is_told_to(bench):
    host, port = bench.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection, connection.makefile("rb") as answer:
        head = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        connection.sendall(head)
        assert answer.readline() == b"HTTP/1.1 100 Continue\r\n"
        connection.sendall(b"{}")
        assert answer.readline() == b"\r\n"
        assert answer.readline().startswith(b"HTTP/1.1 40")


@pytest.mark.parametrize(
    "header", ["Content-Length: -1", "Content-Length: x", "Content-Length: " + "9" * 5000, "Transfer-Encoding: chunked"]
)
def test_a_body_of_unknown_length_is_refused_in_tolokas_shape(bench, header):
    host, port = bench.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection, connection.makefile("rb") as answer:
        connection.sendall(f"POST /api/v1/projects HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode())
        head, _, body = answer.read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 411 ")
    assert json.loads(body)["code"] == "LENGTH_REQUIRED"


def test_an_upload_that_breaks_off_is_not_carried_out(bench):
    host, port = bench.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection, connection.makefile("rb") as answer:
        head = b"POST /api/v1/skills HTTP/1.1\r\nHost: x\r\nAuthorization: OAuth t\r\nContent-Length: 1000\r\n\r\n"
        connection.sendall(head + b'{"name":"cut"}')
        connection.shutdown(socket.SHUT_WR)
        assert answer.read() == b""
    assert list(bench.client.get_skills()) == []


def test_who_sends_too_much_comes_to_read_why(bench):
    answer = bench.http.post("skills", content=b"x" * (LARGEST + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "ENTITY_TOO_LARGE")


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"nonsense\r\n\r\n", 400, "VALIDATION_ERROR"),
        (b"GET / HTTP/9.0\r\n\r\n", 400, "VALIDATION_ERROR"),
        (
            b"GET /api/v1/pools HTTP/1.1\r\nno header at all: \r\n" + b"a: b\r\n" * 200 + b"\r\n",
            413,
            "ENTITY_TOO_LARGE",
        ),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 413, "ENTITY_TOO_LARGE"),
        (b"BREW /api/v1/pools HTTP/1.1\r\nHost: x\r\n\r\n", 405, "METHOD_NOT_ALLOWED"),
        (b"POST /api/v1/pools HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n", 413, "ENTITY_TOO_LARGE"),
    ],
    ids=["nonsense", "version", "headers", "address", "method", "length"],
)
def test_what_is_hardly_http_is_refused_in_tolokas_shape(bench, sent, status, code):
    host, port = bench.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection, connection.makefile("rb") as answer:
        connection.sendall(sent)
        head, _, body = answer.read().partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    kind = head.split(b"Content-Type: ")[1].split(b"\r\n")[0]
    exchange = Exchange("GET", "/", "", b"", status, kind.decode(), body)
    assert (json.loads(body)["code"], list(error_faults(exchange))) == (code, [])


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHo", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"])
def test_a_connection_that_nothing_comes_over_is_closed(sent):
    server = Server(0, Flask(__name__), idle=0.05)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        with socket.create_connection(server.server_address[:2], timeout=30) as connection:
            connection.sendall(sent)
            assert connection.recv(1000) == b""
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
