"""Log lines, for people or for programs: time, level, where, what, and the data that came with it."""

import json
import logging
import math
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType

from app.config import Settings
from app.redaction import RECORDS_OWN, Redacted, secrets_of

LONGEST = 1000  # characters of a message, a value or a line of a traceback
MOST_LINES = 200  # of a traceback, the last ones

Value = str | int | float | None


class Lines(logging.Formatter):
    """One line a record: extra data behind its message, as name=value. A traceback follows, set in."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines; whatever was logged, none but the first begins at the margin."""
        data = "".join(f" {name}={_quoted(value)}" for name, value in _data(record).items())
        head = f"{self.formatTime(record)} {record.levelname} {record.name}: {one_line(record.getMessage())}{data}"
        return "\n    ".join([head, *map(one_line, _traceback(record))])


class JsonLines(logging.Formatter):
    """One JSON object a record: time (UTC), level, logger, message, data, and exception where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object, on one line."""
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage()[:LONGEST],
            "data": _data(record),
        }
        if lines := _traceback(record):
            said["exception"] = "\n".join(line[:LONGEST] for line in lines)
        return json.dumps(said)


FORMATS: Mapping[str, type[logging.Formatter]] = {"text": Lines, "json": JsonLines}


def to_stderr(settings: Settings | None = None, level: int = logging.INFO) -> None:
    """Send log lines to standard error, as the settings say and without their secrets."""
    settings = settings or Settings()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FORMATS[settings.log]())
    handler.addFilter(Redacted(secrets_of(settings)))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it has a line for each request


def tell_crashes() -> None:
    """Have warnings, and errors that nobody caught in any thread, told as log lines, too: for a process of its own."""
    logging.captureWarnings(True)
    sys.excepthook = _crashed
    threading.excepthook = lambda args: _crashed(args.exc_type, args.exc_value, args.exc_traceback)


def _crashed(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is not None and not isinstance(error, KeyboardInterrupt):
        logging.getLogger("crowdhook").critical("crashed", exc_info=error)


def _data(record: logging.LogRecord) -> dict[str, Value]:
    return {name: _plain(value) for name, value in vars(record).items() if name not in RECORDS_OWN}


def _plain(value: object) -> Value:
    if value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)[:LONGEST]


def _traceback(record: logging.LogRecord) -> list[str]:
    texts = (record.exc_text, record.stack_info)
    return [line for text in texts if text for line in text.splitlines()][-MOST_LINES:]


def _quoted(value: Value) -> str:
    text = str(value)
    return text if text.isprintable() and " " not in text else repr(text)


def one_line(text: str) -> str:
    """Return one line of text; what cannot be printed is written as Python writes it."""
    short = text[:LONGEST]
    return short if short.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in short)
