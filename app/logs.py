"""Log lines for people: time, level, where, what, and the data that came with it."""

import logging
import sys

_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Lines(logging.Formatter):
    """Writes a record's extra data behind its message, as name=value; control characters are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with a traceback below it where there is one."""
        extra = {name: value for name, value in vars(record).items() if name not in _PLAIN}
        data = "".join(f" {name}={_shown(value)}" for name, value in extra.items())
        head, newline, rest = super().format(record).partition("\n")
        return f"{head}{data}{newline}{rest}"


def _shown(value: object) -> str:
    text = str(value)[:1000]
    return text if text.isprintable() and " " not in text else repr(text)


def to_stderr(level: int = logging.INFO) -> None:
    """Send log lines to standard error; the HTTP client's own line for each request is left out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("httpx").setLevel(logging.WARNING)
