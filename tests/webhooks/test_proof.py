"""Before Toloka is told: the URL must lead to our receiver, with our keyring and our database."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from deployed_receiver import SECRET, Receiver, running
from stranger import STORED, UNSIGNED, Answer, dripping, strange, unused_port

from store.errors import CrowdhookError
from store.migrations import migrate
from store.sqlite import SqliteLog
from webhooks.deployment import Deployment
from webhooks.proof import (
    AnotherDatabase,
    AnotherKeyring,
    DoesNotVerify,
    NobodyAnswers,
    NotAReceiver,
    NotTrusted,
    Proof,
)

HERE = ["127.0.0.1"]


@contextmanager
def proof(
    at: Deployment, database: Path, addresses: Sequence[str] = HERE, seconds: float = 10.0, tag: str = "main"
) -> Iterator[Proof]:
    with closing(SqliteLog(database, time.time)) as log:
        yield Proof(at, addresses, tag, log, time.time, seconds)


def prove(receiver: Receiver, addresses: Sequence[str] = HERE, host: str = "127.0.0.1") -> None:
    with proof(at(receiver.port, host), receiver.database, addresses) as made:
        made.of(SECRET, "1004")


def told(at: Deployment, database: Path = Path("none"), secret: str = SECRET, **more: Any) -> CrowdhookError:
    """What is said of a place that is not ours, in one line without the secret."""
    with proof(at, database, **more) as made, pytest.raises(CrowdhookError) as caught:
        made.of(secret, "1004")
    assert "\n" not in str(caught.value)
    assert secret not in str(caught.value)
    return caught.value


def refusal(*answers: Answer) -> CrowdhookError:
    with strange(*answers) as server:
        return told(at(server.port))


def at(port: int, host: str = "127.0.0.1", scheme: str = "http") -> Deployment:
    return Deployment(scheme, host, port)


def test_our_receiver_is_ours_and_keeps_the_test_event(shared: Receiver) -> None:
    before = shared.total()
    prove(shared)
    assert shared.total() == before + 1
    with closing(shared.log()) as log:
        event = log.events(limit=1).events[0].event
    assert (event.type, event.pool_id, event.state, event.reason) == ("TEST_EVENT", "1004", "ignored", "test call")


def test_one_that_knows_another_secret_reads_another_keyring(shared: Receiver) -> None:
    before = shared.total()
    here = at(shared.port)
    assert isinstance(told(here, shared.database, "a secret that is not the receiver's"), AnotherKeyring)
    assert isinstance(told(here, shared.database, tag="other"), AnotherKeyring)
    assert shared.total() == before


def test_one_that_stores_elsewhere_is_another_deployment(shared: Receiver, tmp_path: Path) -> None:
    migrate(tmp_path / "ours.db")
    with (
        proof(at(shared.port), tmp_path / "ours.db") as made,
        pytest.raises(AnotherDatabase, match="CROWDHOOK_DATABASE"),
    ):
        made.of(SECRET, "1004")


def test_nobody_there_is_told_with_what_to_start() -> None:
    said = told(at(unused_port()))
    assert isinstance(said, NobodyAnswers)
    assert "crowdhook serve" in str(said)


def test_the_first_address_that_connects_is_spoken_to(shared: Receiver) -> None:
    prove(shared, addresses=["127.0.0.99", "127.0.0.1"])


def test_no_name_is_looked_up_again(shared: Receiver) -> None:
    """The address was checked; that the name leads elsewhere by now, or nowhere, changes nothing."""
    prove(shared, host="rebound.invalid")


def test_a_stranger_gets_the_name_and_the_whole_path() -> None:
    with strange(Answer(404)) as server:
        told(Deployment("http", "rebound.invalid", server.port, "/crowd"))
        assert server.asked == [("/crowd/webhooks/toloka/main", f"rebound.invalid:{server.port}")]


def test_one_that_takes_everything_does_not_verify() -> None:
    for answer in (Answer(200, b"ok"), Answer(200, STORED), Answer(204)):
        assert isinstance(refusal(answer), DoesNotVerify)


def test_one_that_takes_everything_never_sees_a_right_signature() -> None:
    with strange(Answer(200, STORED)) as server:
        told(at(server.port))
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(301, headers={"Location": "https://elsewhere.example/"}), "redirects"),
        (Answer(307), "redirects"),
        (Answer(401, b"who are you?"), "login"),
        (Answer(401, b"[]"), "login"),
        (Answer(401, b"[" * 60_000), "login"),
        (Answer(403), "firewall"),
        (Answer(404), "wrong path"),
        (Answer(405), "takes no POST"),
        (Answer(413), "1 MiB"),
        (Answer(429), "rate"),
        (Answer(500), "failed"),
        (Answer(502), "proxy does not reach"),
        (Answer(503), "/readyz"),
        (Answer(418), "no answer of a receiver of ours"),
    ],
    ids=lambda each: str(getattr(each, "status", "")),
)
def test_a_strange_answer_is_told_with_what_to_do(answer: Answer, words: str) -> None:
    said = refusal(answer)
    assert isinstance(said, NotAReceiver)
    assert f"HTTP {answer.status}" in str(said)
    assert words in str(said)


def test_one_that_refuses_all_but_says_it_stored_is_none_either() -> None:
    refused = Answer(401, UNSIGNED)
    assert isinstance(refusal(refused, Answer(200, b"ok")), NotAReceiver)
    assert isinstance(refusal(refused, Answer(200, b"x" * 10_000_000)), NotAReceiver)
    assert isinstance(refusal(refused, Answer(503, b'{"error": "store_busy"}')), NotAReceiver)


@pytest.mark.parametrize(
    ("piece", "started"),
    [
        (b"", b""),
        (b"x", b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n"),
        (b"x", b""),
        (b"X: y\r\n", b"HTTP/1.1 "),
    ],
    ids=["silent", "drawn-out-body", "drawn-out-line", "headers"],
)
def test_an_answer_that_does_not_end_is_cut_off(piece: bytes, started: bytes) -> None:
    with dripping(piece, started) as port:
        assert isinstance(told(at(port), seconds=0.5), NobodyAnswers | NotAReceiver | DoesNotVerify)


def test_what_does_not_speak_http_is_named() -> None:
    with dripping(b"SSH-2.0-something\r\n") as port:
        assert "does not speak HTTP" in str(told(at(port)))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of receiver.example, and its key, in one file."""
    file = tmp_path_factory.mktemp("tls") / "receiver.pem"
    subject = ["-subj", "/CN=receiver.example", "-addext", "subjectAltName=DNS:receiver.example"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", str(file), "-out", str(file) + ".crt"], check=True, capture_output=True)
    file.write_text(file.read_text() + Path(str(file) + ".crt").read_text())
    return file


@pytest.fixture(scope="module")
def secured(certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    database = tmp_path_factory.mktemp("secured") / "crowdhook.db"
    migrate(database)
    with running(database, GUNICORN_CMD_ARGS=f"--certfile={certificate} --keyfile={certificate}") as receiver:
        yield receiver


def test_over_tls_the_certificate_must_be_trusted_and_of_that_name(
    secured: Receiver, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, wrong = (at(secured.port, host, "https") for host in ("receiver.example", "other.example"))
    assert isinstance(told(right, secured.database), NotTrusted)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert "other.example" in str(told(wrong, secured.database))
    with proof(right, secured.database) as made:
        made.of(SECRET, "1004")
    assert secured.total() == 1


def test_plain_http_behind_an_https_url_is_told(shared: Receiver) -> None:
    assert isinstance(told(at(shared.port, scheme="https"), shared.database), NotTrusted)
