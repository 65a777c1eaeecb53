"""What this deployment keeps secret, and what it tells about itself: keyring, webhook secrets, password, address."""

import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from app.acts import date
from app.config import Settings
from app.findings import Finding, fail, ok, warn
from app.keyring import Keyring

SHORT_PASSWORD = 12  # characters


def secrets(settings: Settings, now: float) -> Iterator[Finding]:
    """Look at the keyring and the webhook secrets at machine time `now`. Raises BadKeyring."""
    keyring = Keyring(settings.keyring)
    if settings.keyring.exists():
        yield private("keyring", settings.keyring)
    tags = sorted({*settings.webhook_secrets, *keyring.tags()})
    if not tags:
        yield fail("webhook secrets", "there is none", "`crowdhook setup` makes one, or set CROWDHOOK_WEBHOOK_SECRETS")
    for tag in tags:
        yield _tag(tag, settings, keyring, now)


def exposure(settings: Settings) -> Iterator[Finding]:
    """Say who may see the pages, and where the outside reaches this deployment."""
    if settings.page_password is None:
        yield ok("page password", "none: the pages answer to this machine alone, and to nothing that a proxy passed on")
    elif len(settings.page_password) < SHORT_PASSWORD:
        yield warn("page password", "short", f"take {SHORT_PASSWORD} characters or more")
    else:
        yield ok("page password", "set")
    if settings.url is None:
        yield warn("address", "CROWDHOOK_URL is not set", "set it to where Toloka reaches this: https://example.org")
    elif urlsplit(settings.url).scheme != "https" and urlsplit(settings.url).hostname not in ("localhost", "127.0.0.1"):
        yield warn("address", f"{settings.url} is not https", "put a proxy with a certificate in front")
    else:
        yield ok("address", settings.url)


def private(check: str, path: Path) -> Finding:
    """Say whether a file is its owner's alone."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return fail(check, f"{path} can be read by others ({mode:04o})", f"chmod 600 {path}")
    return ok(check, f"{path} is its owner's alone")


def _tag(tag: str, settings: Settings, keyring: Keyring, now: float) -> Finding:
    check = f"webhook secrets {tag}"
    fixed, kept = len(settings.webhook_secrets.get(tag, ())), keyring.secrets(tag)
    leaving = [each.until for each in kept if each.until is not None and each.until > now]
    over = [each for each in kept if each.until is not None and each.until <= now]
    live = fixed + len(kept) - len(over)
    if not live:
        return fail(check, "none is believed any more", "make a new one, and subscribe with it")
    said = f"{live} believed, {fixed} of them from the environment"
    if leaving:
        said += f"; being retired: {len(leaving)}, the last on {date(max(leaving))}"
    return ok(check, f"{said}; {len(over)} over" if over else said)
