"""What no log may show: the secrets that this deployment knows, and whatever is written like one."""

import json
import logging
import re
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from urllib.parse import quote

from app.config import Settings
from app.keyring import BadKeyring, Keyring

MASK = "***"
RECORDS_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_WRITTEN_LIKE_SECRETS = (
    # A header with its value, as a line, in a dict, or as a pair of bytes
    re.compile(r"""(?i)((?:authorization|toloka-signature|cookie|secret_key)["']?\s*[:=,]\s*b?["']?)[^"'\r\n]+"""),
    re.compile(r"""\b((?:OAuth|ApiKey|Bearer|Basic)\s+)[\w.~+/=-]{8,}"""),
    # What makes an address a key: presigned by Amazon, Google or Azure, or a token of any kind
    re.compile(r"""(?i)([?&;](?:x-(?:amz|goog)-[\w-]+|awsaccesskeyid|signature|sig|token|secret)=)[^&\s"'<>]+"""),
)


def secrets_of(settings: Settings) -> Callable[[], Iterable[str]]:
    """Return what gives all secrets of a deployment as they are now, those of its keyring too."""
    keyring = Keyring(settings.keyring)
    fixed = [settings.token, settings.page_password, *(each for of in settings.webhook_secrets.values() for each in of)]

    def secrets() -> list[str]:
        found = [each for each in fixed if each]
        with suppress(BadKeyring):
            found += keyring.everything()
        return found

    return secrets


class Redactor:
    """Replaces secrets in a text by ***: known ones anywhere, as they are or escaped, and what is written like one."""

    def __init__(self, secrets: Callable[[], Iterable[str]]) -> None:
        self._secrets = secrets
        self._known: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        known = frozenset(self._secrets())
        if known != self._known:
            self._known, self._pattern = known, _any_of(known)
        if self._pattern is not None:
            text = self._pattern.sub(MASK, text)
        for pattern in _WRITTEN_LIKE_SECRETS:
            text = pattern.sub(rf"\1{MASK}", text)
        return text


class Redacted(logging.Filter):
    """Takes secrets out of all that a log record says: its message, its data, its traceback."""

    def __init__(self, secrets: Callable[[], Iterable[str]]) -> None:
        super().__init__()
        self.clean = Redactor(secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; every record passes."""
        record.msg, record.args = self.clean(_message(record)), None
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = self.clean("".join(traceback.format_exception(record.exc_info[1])).rstrip())
        if record.stack_info:
            record.stack_info = self.clean(record.stack_info)
        for name in vars(record).keys() - RECORDS_OWN:
            value = getattr(record, name)
            setattr(record, name, value if isinstance(value, int | float | None) else self.clean(str(value)))
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # arguments that do not fit their message
        return f"{record.msg} {record.args}"


def _any_of(secrets: Iterable[str]) -> re.Pattern[str] | None:
    forms = {form for each in secrets for form in _forms(each)}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(re.escape, longest_first))) if forms else None


def _forms(secret: str) -> Iterable[str]:
    """Return a secret as it is, and as Python, JSON and addresses write it."""
    return secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret, safe="")
