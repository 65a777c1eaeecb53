"""The client of an S3-compatible storage, and what its errors mean to a person."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from boto3.session import Session
from botocore import exceptions
from botocore.config import Config

from store.errors import CrowdhookError

THREADS = 16  # uploads at once, and connections kept for them
ATTEMPTS = 5  # at each request, with growing pauses between them: about 8 s in all


class NoCredentials(CrowdhookError):
    """There are no credentials for the storage: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE."""


class WrongCredentials(CrowdhookError):
    """The storage does not accept these credentials: check the access key, its secret and the machine's clock."""


class NoBucket(CrowdhookError):
    """There is no such bucket: create it, or name another."""


class AccessDenied(CrowdhookError):
    """These credentials may not do this: they need ListBucket, PutObject, GetObject and DeleteObject on the bucket."""


class WrongRegion(CrowdhookError):
    """The bucket is in another region: set AWS_DEFAULT_REGION to the bucket's."""


class Unreachable(CrowdhookError):
    """The storage does not answer: check its address (CROWDHOOK_S3_ENDPOINT) and the network."""

    temporary = True


class StorageFailed(CrowdhookError):
    """The storage did not do what it was asked:"""


_MEANING: Mapping[str, type[CrowdhookError]] = {
    "InvalidAccessKeyId": WrongCredentials,
    "SignatureDoesNotMatch": WrongCredentials,
    "InvalidToken": WrongCredentials,
    "ExpiredToken": WrongCredentials,
    "RequestTimeTooSkewed": WrongCredentials,
    "NoSuchBucket": NoBucket,
    "AccessDenied": AccessDenied,
    "AllAccessDisabled": AccessDenied,
    "PermanentRedirect": WrongRegion,
    "AuthorizationHeaderMalformed": WrongRegion,
    "AuthorizationQueryParametersError": WrongRegion,
    "IllegalLocationConstraintException": WrongRegion,
}
_UNSENT = (exceptions.ConnectionError, exceptions.HTTPClientError)
_UNSIGNED = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.ProfileNotFound,
)


def s3_client(endpoint: str | None, *, attempts: int = ATTEMPTS) -> Any:
    """Return a client for many threads; credentials and region come from boto3's own chain. Raises NoCredentials.

    Every body is signed (SHA-256) and nothing newer than that is asked for, so any S3-compatible storage can check it.
    Amazon's buckets are addressed in their own region: what is signed for the global name is refused elsewhere. An
    object is sent at once: to ask first whether it may be ("100-continue") doubles the time that a small one takes.
    """
    config = Config(
        signature_version="s3v4",
        max_pool_connections=THREADS,
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "total_max_attempts": attempts},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"payload_signing_enabled": True, "addressing_style": "path" if endpoint else "virtual"},
    )
    with plain_errors():
        try:
            client = Session().client("s3", endpoint_url=endpoint, config=config)
        except ValueError as error:
            raise Unreachable("(its address is none)") from error
    client.meta.events.register("before-call.s3.PutObject", _send_at_once)
    return client


def _send_at_once(params: dict[str, Any], **_: Any) -> None:
    params["headers"].pop("Expect", None)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn botocore's errors into ours, which say what to do and repeat neither credentials nor signed addresses."""
    try:
        yield
    except exceptions.ClientError as error:
        raise meaning(code_of(error)) from error
    except _UNSENT as error:
        raise Unreachable(f"({type(error).__name__})") from error
    except _UNSIGNED as error:
        raise NoCredentials(f"({type(error).__name__})") from error
    except exceptions.BotoCoreError as error:
        raise StorageFailed(f"{type(error).__name__}.") from error


def code_of(error: exceptions.ClientError) -> str:
    """Return S3's code for what went wrong, such as NoSuchBucket; an answer without one has its HTTP status instead."""
    return str(error.response.get("Error", {}).get("Code", ""))


def meaning(code: str) -> CrowdhookError:
    """Return the error that an S3 code stands for."""
    kind = _MEANING.get(code)
    return StorageFailed(f"it answered {code}.") if kind is None else kind(f"({code})")
