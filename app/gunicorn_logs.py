"""gunicorn's own lines, written as all others of this deployment are."""

import os
from typing import Any

from gunicorn.glogging import Logger

from app.config import Settings
from app.logs import tell_crashes, to_stderr


class Lines(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's logger, that hands its lines on instead of writing them itself."""

    def setup(self, cfg: Any) -> None:
        """Set the levels as gunicorn does, and the rest as we do; called in the parent, before it forks."""
        super().setup(cfg)
        to_stderr(Settings.from_env(os.environ))
        tell_crashes()
        self.error_log.handlers.clear()
        self.error_log.propagate = True
