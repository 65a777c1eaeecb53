"""What the tests of several rooms share: an S3-compatible storage, and the environment that leads to it."""

import logging
from collections.abc import Iterator
from itertools import count

import certifi
import pytest
from hypothesis import HealthCheck, settings
from s3_server import S3Server

from app.redaction import Redacted

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # how fast a machine is decides no test

_numbers = count(1)


@pytest.fixture(scope="session", autouse=True)
def few_authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """HTTP clients trust one authority: reading all of them takes each client 20 ms, and nobody here needs any."""
    end = "-----END CERTIFICATE-----\n"
    one = tmp_path_factory.mktemp("authorities") / "one.pem"
    one.write_text(certifi.contents().partition(end)[0] + end, encoding="ascii")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SSL_CERT_FILE", str(one))
        yield


@pytest.fixture(autouse=True)
def no_log_of_others() -> Iterator[None]:
    """The log that a command of ours set up in this process ends with its test."""
    yield
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if any(isinstance(each, Redacted) for each in handler.filters):
            root.removeHandler(handler)
            root.setLevel(logging.WARNING)
            logging.getLogger("httpx").setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    server = S3Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Credentials in the environment and nowhere else; nobody is asked for any."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDCANARY",
        "AWS_SECRET_ACCESS_KEY": "secretcanary",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture
def storage(s3_server: S3Server, aws: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """The storage, undisturbed."""
    yield s3_server
    s3_server.disturb = lambda environ: None
    s3_server.hidden.clear()


@pytest.fixture
def bucket_name() -> str:
    """A bucket that no other test uses; it does not exist yet."""
    return f"pictures-{next(_numbers)}"
