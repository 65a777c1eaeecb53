import http.server
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from receiver import receiving
from simulated import until

from simulator.delivery.sending import Sender, Way
from simulator.records.notices import Notice

BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n"
SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nWord: "
ENDLESS = b"HTTP/1.0 200 OK\r\n\r\n"
PIECES = 600


def notice(url: str) -> Notice:
    return Notice("uuid", 0.0, url, None, {"uuid": "uuid"})


@contextmanager
def sending(timeout: float = 60.0) -> Iterator[Sender]:
    sender = Sender(time.time, timeout)
    yield sender
    sender.close()


@contextmanager
def trickling(begins: bytes) -> Iterator[tuple[str, threading.Event]]:
    """The address of a receiver that begins its answer so and sends the rest in pieces; what is set when all are sent.

    That takes six seconds at least.
    """
    over, sent = threading.Event(), threading.Event()

    class Trickler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.wfile.write(begins)
            for _ in range(PIECES):
                over.wait(0.01)
                self.wfile.write(b".")
            sent.set()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Who posts may hang up."""

    with Server(("127.0.0.1", 0), Trickler) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", sent
        over.set()
        server.shutdown()
        serving.join()


@pytest.mark.parametrize(
    "url", ["http://h:abc/x", "http://[::1/x", f"http://{'a' * 64}.example/x", "http://127.0.0.1:9/é", "http://h:0/"]
)
def test_whatever_is_wrong_with_an_address_is_told_as_trouble(url):
    with sending() as sender, pytest.raises(OSError, match="http"):
        sender.post([notice(url)])


@pytest.mark.parametrize("begins", [BODY, HEAD, ENDLESS])
def test_an_answer_that_never_ends_is_given_up(begins):
    with trickling(begins) as (url, sent), sending(0.2) as sender:
        with pytest.raises(OSError, match="timed out") as raised:
            sender.post([notice(url)])
        assert isinstance(raised.value.__cause__, TimeoutError)
        assert not sent.is_set()


def test_an_answer_that_comes_in_pieces_is_taken():
    with trickling(SHORT) as (url, _), sending() as sender:
        assert sender.post([notice(url)]) == 200


def test_a_kept_connection_that_was_closed_is_no_trouble():
    with receiving() as inbox, sending() as sender:
        inbox.hangs_up = True
        assert [sender.post([notice(inbox.url)]) for _ in range(5)] == [200] * 5
    assert len(inbox.connections) == len(inbox.requests) == 5


def test_half_a_body_arrives_where_the_last_connection_was_closed():
    with receiving() as inbox, sending() as sender:
        inbox.hangs_up = True
        sender.post([notice(inbox.url)])
        with pytest.raises(OSError, match="broken off"):
            sender.post([notice(inbox.url)], Way(truncated=True))
        until(lambda: len(inbox.requests) == 2)
        (_, whole), (_, half) = inbox.requests
    assert half == whole[: len(whole) // 2]


def test_who_closes_the_sender_waits_for_nobody():
    with receiving() as inbox, sending() as sender:
        inbox.answering.clear()
        troubles: list[OSError] = []

        def post() -> None:
            try:
                sender.post([notice(inbox.url)])
            except OSError as error:
                troubles.append(error)

        posting = threading.Thread(target=post)
        posting.start()
        until(lambda: len(inbox.requests) == 1)
        sender.close()
        posting.join()
        inbox.answering.set()
    assert len(troubles) == 1
