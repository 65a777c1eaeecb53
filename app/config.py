"""The only reader of the environment: every setting, its default, and what to say when one is missing or wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from app.keyring import Keyring
from store.errors import CrowdhookError

N = TypeVar("N", int, float)


class BadSetting(CrowdhookError):
    """A setting is missing or wrong:"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What this deployment is told by its environment; secrets are left out of its repr."""

    database: Path = Path("crowdhook.db")
    keyring: Path = Path("crowdhook.keyring")  # file of generated webhook secrets, see app.keyring
    results: Path = Path("results")  # folder that published results are written to
    cache: Path = Path("~/.cache/crowdhook")  # folder that data sets are fetched to, and kept in
    host: str = "127.0.0.1"
    port: int = 8080
    webhook_secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)  # tag -> live secrets
    page_password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    environment: str = "SANDBOX"  # PRODUCTION, SANDBOX, or the base URL of another Toloka
    requests_per_second: float = 50.0  # the platform's own limit is 300
    reconcile_seconds: float = 60.0  # platform time between two sweeps
    url: str | None = None  # where the outside reaches this deployment, without a trailing slash
    s3_endpoint: str | None = None  # of an S3-compatible storage; None: Amazon's
    fee: float = 0.3  # the platform's share on top of every reward
    log: str = "text"  # how log lines are written: text or json
    worker: str = ""  # this worker's name; one that is started again under its name takes its lanes up at once
    gate: str | None = None  # a simulator that drives the time; only in rehearsals

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the settings from an environment; `NAME_FILE` names a file that holds the value of `NAME`."""
        read = _Reader(env)
        database = Path(read("CROWDHOOK_DATABASE", "crowdhook.db"))
        return cls(
            database=database,
            keyring=Path(read("CROWDHOOK_KEYRING", str(database.with_suffix(".keyring")))),
            results=Path(read("CROWDHOOK_RESULTS", "results")),
            cache=Path(read("CROWDHOOK_CACHE", "~/.cache/crowdhook")),
            host=read("CROWDHOOK_HOST", "127.0.0.1"),
            port=read.number("PORT", 8080, int),
            webhook_secrets=_secrets(read("CROWDHOOK_WEBHOOK_SECRETS", "")),
            page_password=read("CROWDHOOK_PAGE_PASSWORD", "") or None,
            token=read("TOLOKA_TOKEN", "") or None,
            environment=_environment(read("TOLOKA_ENVIRONMENT", "SANDBOX")),
            requests_per_second=read.number("CROWDHOOK_REQUESTS_PER_SECOND", 50.0, float),
            reconcile_seconds=read.number("CROWDHOOK_RECONCILE_SECONDS", 60.0, float),
            url=_url("CROWDHOOK_URL", read("CROWDHOOK_URL", ""), "this deployment's address"),
            s3_endpoint=_url("CROWDHOOK_S3_ENDPOINT", read("CROWDHOOK_S3_ENDPOINT", ""), "the storage's address"),
            fee=read.number("CROWDHOOK_FEE", 0.3, float),
            log=read("CROWDHOOK_LOG", "text"),
            worker=read("CROWDHOOK_WORKER", ""),
            gate=read("CROWDHOOK_GATE", "") or None,
        )

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise BadSetting(f"PORT is {self.port}: set it to a number from 0 to 65535.")
        if not 0 <= self.fee <= 1:
            raise BadSetting(f"CROWDHOOK_FEE is {self.fee}: set it to a share from 0 to 1, such as 0.3.")

        if self.log not in ("text", "json"):
            raise BadSetting(f"CROWDHOOK_LOG is {self.log!r}: set it to text or json.")

    def require_secrets(self) -> None:
        """Refuse to go on without a webhook secret: whoever knows the URL could otherwise decide who is paid."""
        if not self.webhook_secrets and not Keyring(self.keyring).tags():
            raise BadSetting(
                "there is no webhook secret. `crowdhook setup` makes one; or set CROWDHOOK_WEBHOOK_SECRETS "
                "to tag:secret, for example \"main:$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')\"."
            )

    def require_url(self) -> str:
        """Return the address at which the outside reaches this deployment, or say where it belongs."""
        if not self.url:
            raise BadSetting(
                "CROWDHOOK_URL is not set. Set it to this deployment's address, such as https://example.org."
            )
        return self.url

    def require_token(self) -> str:
        """Return Toloka's token, or say where it belongs."""
        if not self.token:
            raise BadSetting("TOLOKA_TOKEN is not set. Set it, or TOLOKA_TOKEN_FILE, to the requester's API key.")
        return self.token


class _Reader:
    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env

    def __call__(self, name: str, default: str) -> str:
        if name in self.env:
            return self.env[name].strip()
        file = self.env.get(f"{name}_FILE")
        if file is None:
            return default
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadSetting(f"{name}_FILE names {file}, which cannot be read ({error}).") from error

    def number(self, name: str, default: N, kind: Callable[[str], N]) -> N:
        text = self(name, "")
        try:
            return kind(text) if text else default
        except ValueError as error:
            raise BadSetting(f"{name} is {text!r}: set it to a number.") from error


def _environment(text: str) -> str:
    if text.upper() in {"PRODUCTION", "SANDBOX"}:
        return text.upper()
    if not text.startswith(("http://", "https://")):
        raise BadSetting(f"TOLOKA_ENVIRONMENT is {text!r}: set it to PRODUCTION, SANDBOX, or a base URL.")
    return text.rstrip("/")


def _url(name: str, text: str, meaning: str) -> str | None:
    if text and not text.startswith(("http://", "https://")):
        raise BadSetting(f"{name} is {text!r}: set it to {meaning}, with https://.")
    return text.rstrip("/") or None


def _secrets(text: str) -> dict[str, tuple[str, ...]]:
    """Read "tag:secret,tag:secret": a tag may have several live secrets while one is being rotated."""
    secrets: dict[str, tuple[str, ...]] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        tag, colon, secret = entry.partition(":")
        if not colon or not tag.replace("-", "").isalnum() or len(secret) < 16:
            raise BadSetting(
                "CROWDHOOK_WEBHOOK_SECRETS holds an entry that is not tag:secret with 16 or more characters."
            )
        secrets[tag] = (*secrets.get(tag, ()), secret)
    return secrets
