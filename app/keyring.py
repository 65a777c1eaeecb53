"""The keyring: webhook secrets by tag, and the key of image addresses, in one file that nobody else may read."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from store.errors import CrowdhookError


class BadKeyring(CrowdhookError):
    """The keyring cannot be used: put back a copy of it, or name another file (CROWDHOOK_KEYRING)."""


class KeyringBusy(CrowdhookError):
    """Another command is registering what is signed with these secrets: wait until it ends."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A webhook secret; one that is being retired is believed `until` a machine time (UNIX seconds)."""

    text: str = field(repr=False)
    until: float | None = None


class Keyring:
    """The file, read again whenever another process changed it: a receiver that runs takes a new secret up at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, int, int] | None = None
        self._read: Mapping[str, Any] = {}

    def secrets(self, tag: str) -> tuple[Secret, ...]:
        """Return a tag's secrets, oldest first; none for an unknown one. Raises BadKeyring."""
        return tuple(Secret(each["secret"], each["until"]) for each in self._content().get("webhooks", {}).get(tag, ()))

    def live(self, tag: str, now: float) -> tuple[str, ...]:
        """Return the secrets that may sign at machine time `now`."""
        return tuple(each.text for each in self.secrets(tag) if each.until is None or now < each.until)

    def tags(self) -> tuple[str, ...]:
        """Return the tags that have secrets."""
        return tuple(sorted(self._content().get("webhooks", {})))

    def add(self, tag: str) -> Secret:
        """Generate a secret for a tag, beside those that it has."""
        made = Secret(secrets.token_urlsafe(32))
        with self._changing() as content:
            content.setdefault("webhooks", {}).setdefault(tag, []).append({"secret": made.text, "until": None})
        return made

    def retire(self, tag: str, until: float) -> None:
        """Believe all but a tag's newest secret only until then (machine time), those that end earlier not longer."""
        with self._changing() as content:
            *old, newest = content["webhooks"][tag]
            ends = [until if each["until"] is None else min(until, each["until"]) for each in old]
            kept = [{**each, "until": end} for each, end in zip(old, ends, strict=True)]
            content["webhooks"][tag] = [*kept, newest]

    def drop(self, tag: str, now: float) -> None:
        """Forget a tag's secrets whose time is over at machine time `now`; without any, nothing is written."""
        if len(self.live(tag, now)) == len(self.secrets(tag)):
            return
        with self._changing() as content:
            content["webhooks"][tag] = [x for x in content["webhooks"][tag] if x["until"] is None or now < x["until"]]

    def media_key(self) -> bytes:
        """Return the key that makes image addresses unguessable; the first call makes it."""
        if "media" not in self._content():
            with self._changing() as content:
                content.setdefault("media", secrets.token_hex(32))
        return bytes.fromhex(self._content()["media"])

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other commands from registering secrets meanwhile; raises KeyringBusy, BadKeyring."""
        try:
            file = _private(self.path.with_name(f"{self.path.name}.busy"))
        except OSError as error:
            raise BadKeyring(f"({self.path}: {error.strerror})") from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise KeyringBusy(f"({self.path})") from error
            yield

    def everything(self) -> tuple[str, ...]:
        """Return all that must not be shown, as it would be written. Raises BadKeyring."""
        content = self._content()
        webhooks = (each["secret"] for of_tag in content.get("webhooks", {}).values() for each in of_tag)
        return (*webhooks, *([content["media"]] if "media" in content else []))

    def _content(self) -> Mapping[str, Any]:
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise BadKeyring(f"({self.path}: {error.strerror})") from error
        stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if stamp != self._stamp:
            self._read, self._stamp = self._parsed(), stamp
        return self._read

    def _parsed(self) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise BadKeyring(f"({self.path})") from error
        return content

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        """Change the file whole: it is never seen half written, and two who change it at once do so in turn."""
        part = self.path.with_name(f"{self.path.name}.part")
        try:
            with _locked(self.path.with_name(f"{self.path.name}.lock")):
                content = self._parsed()
                yield content
                with _private(part) as file:
                    json.dump(content, file, indent=1)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(part, self.path)
        except OSError as error:
            raise BadKeyring(f"({self.path}: {error.strerror})") from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with _private(path) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _private(path: Path) -> TextIO:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8")
