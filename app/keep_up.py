"""After a rehearsal with --serve: its pages stay up until somebody ends it."""

import threading

from rich.console import Console

from app.rehearsal import Stage


def keep_up(console: Console, at: Stage) -> None:
    """Say where the event log is and keep it there, until Ctrl-C."""
    console.print(f"Event log: http://{at.settings.host}:{at.settings.port}/   Ctrl-C ends it")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        console.print("Ended.")
