"""A world that outlives its process: its inputs are written down as they come, and it is brought back from them."""

import logging
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import create_environ

from simulator.elements.errors import Refused
from simulator.memory.journal import Entry, Journal, StateDiffers, StateNotWritten
from simulator.memory.snapshots import frozen, thawed
from simulator.records.asked import Asked
from simulator.world.world import World

logger = logging.getLogger(__name__)
LEAST = 5.0
"""CPU seconds of work after which a new snapshot may be due, unless told otherwise."""
SHARE = 10.0
"""So many times what the last snapshot cost must have been worked before the next."""


class Keeper:
    """Keeps the world behind an application in a journal's file. Call `restore` before the first request.

    Raises StateDiffers where the file is another world's, or does not lead to what it says; StateNotWritten.
    """

    def __init__(self, world: World, app: Flask, journal: Journal, least: float = LEAST) -> None:
        self._world, self._app, self._journal, self._least = world, app, journal, least
        self._cost = self._since = 0.0

    def restore(self) -> bool:
        """Bring the world back as it was at its last input; whether the file had one. From now on inputs are kept."""
        found = self._journal.read()
        if found is not None:
            snapshot, entries = found
            world, origin, latest = self._world, self._world.origin, self._world.latest
            world.state = thawed(snapshot, world.state.crowd, world.state.answers)
            world.restoring = True
            for entry in entries:
                self._repeat(entry)
            world.origin, world.latest, world.restoring = origin, latest, False
        self._save()
        self._world.noted = self._journal.note
        return found is not None

    def look_after(self) -> None:
        """Begin the file anew when so much was done since that bringing it back would take long."""
        if time.process_time() - self._since > max(self._least, SHARE * self._cost):
            self._save_if_it_can_be()

    def close(self) -> None:
        """Save for good, unless nothing could be brought back, and let go of the file."""
        with self._world.lock:
            if self._world.noted is not None:
                self._save_if_it_can_be()
            self._world.noted = None
            self._journal.close()

    def _save_if_it_can_be(self) -> None:
        """The file as it is brings the world back, too: it only takes longer."""
        try:
            self._save()
        except StateNotWritten as error:
            logger.warning("the state was not written anew, and goes on as it was", extra={"reason": error.detail})

    def _save(self) -> None:
        begun = time.process_time()
        try:
            with self._world.lock:
                self._journal.begin(frozen(self._world.state))
        finally:
            self._since = time.process_time()
            self._cost = self._since - begun

    def _repeat(self, entry: Entry) -> None:
        """Have an input again. Raises StateDiffers when that cannot be, or fails as it cannot have done before."""
        try:
            self._have_again(*entry)
        except StateDiffers:
            raise
        except Exception as error:
            raise StateDiffers(f"{self._journal.path} does not lead to what it says: {error!r}.") from error

    def _have_again(self, what: str, until: float, *about: Any) -> None:
        self._world.latest = lambda: until
        again: dict[str, Callable[..., object]] = {
            "request": self._request,
            "advance": self._world.advance,
            "look": self._world.next_event_at,
            "forget": self._world.forget,
            "postpone": self._world.postpone,
            "put_off": self._put_off,
        }
        again[what](*about)

    def _put_off(self, about: str, *asked: Any) -> None:
        *texts, seconds = asked
        self._world.put_off(about, Asked.of_texts(*texts), seconds)

    def _request(self, now: float, method: str, path: str, query: str, body: str) -> None:
        if now != self._world.now:
            raise StateDiffers(f"{self._journal.path} does not lead to what it says: the simulated people differ.")
        sent = create_environ(method=method, data=body.encode("latin-1"))
        with self._app.request_context(sent | {"PATH_INFO": path, "QUERY_STRING": query}):
            try:
                self._app.dispatch_request()
            except (Refused, HTTPException):
                return
            except Exception:
                self._app.logger.exception("a request failed as it did before")
