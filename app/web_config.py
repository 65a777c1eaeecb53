"""How gunicorn serves the receiver: the names below are gunicorn's own settings, read by `--config`."""

import sys

from app.config import Settings

logger_class = "app.gunicorn_logs.Lines"
worker_class = "gthread"
workers = 2
threads = 64  # each, started as needed; images take at most 48 (webhooks.media), so that 32 in all can wait together
timeout = 30  # seconds
graceful_timeout = 30
max_requests = 10_000
max_requests_jitter = 1_000
limit_request_line = 4094
limit_request_fields = 50
limit_request_field_size = 8190
umask = 0o077  # the database is its owner's alone
forwarder_headers = ""  # no header may change the path that a request is for
control_socket_disable = True


def gunicorn_command(settings: Settings, application: str = "app.web:application()") -> list[str]:
    """Return the command that serves the application where the settings say; the rest it reads from the environment."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    options = ["--config=python:app.web_config", f"--bind={host}:{settings.port}"]
    return [sys.executable, "-m", "gunicorn", *options, application]
