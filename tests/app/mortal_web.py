"""The real receiver, in processes that die under load: before an event is stored, or between storing and answering."""

import os
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

from mortal import die_once

from app.web import application as real_application

FATAL = (2, 5, 9, 14, 20)  # notifications taken by one process


def application() -> Callable[..., Iterable[bytes]]:
    folder = Path(os.environ["MORTAL_FOLDER"])
    app = real_application()
    taken = count(1)

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        number = next(taken) if environ["REQUEST_METHOD"] == "POST" else 0
        if number in FATAL:
            die_once(folder, f"before-{number}")
        response = list(app(environ, start_response))
        if number in FATAL:
            die_once(folder, f"after-{number}")
        return response

    return answer
