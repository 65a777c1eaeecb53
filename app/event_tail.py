"""`crowdhook events`: the end of the log on a terminal, and what comes after it."""

import json
import threading
import time
from collections import deque
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import click

from app.event_lines import Place, as_json, failed, line, places, settled
from store.contract import EventLog, Store
from store.records import EventFile, EventPage, LoggedEvent
from store.sqlite import SqliteStore

LOOK_SECONDS = 0.2  # machine time between two looks for something new
PATIENCE_SECONDS = 2.0  # that an event may take to be handled before it is shown as it is
AT_ONCE = 1000  # events read in one go; among so many of the newest, those are found that failed since


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are shown; None stands for all."""

    type: str | None = None
    pool_id: str | None = None
    failed: bool = False  # parked, dead, or with a decision that did not come true

    def page(self, log: EventLog, limit: int, before: int | None = None) -> EventPage:
        """Return a page of them, newest first."""
        state = "failed" if self.failed else None
        return log.events(before=before, type=self.type, pool_id=self.pool_id, state=state, limit=limit)


@dataclass(slots=True)
class Tail:
    """Finds what came after the events shown so far: later ones, or, of failed ones, any that was not shown."""

    log: EventLog
    wanted: Wanted
    last: int = 0  # seq of the newest event seen
    shown: set[int] = field(default_factory=set)  # of failed ones: an old event may fail at any time

    def end(self, limit: int) -> list[LoggedEvent]:
        """Return the last `limit` events, oldest first."""
        page = self.wanted.page(self.log, max(limit, 1))
        self._note(page.events)
        return list(reversed(page.events[:limit]))

    def news(self) -> list[LoggedEvent]:
        """Return what came since, oldest first."""
        found: list[LoggedEvent] = []
        before: int | None = None
        while True:
            page = self.wanted.page(self.log, AT_ONCE, before)
            new = [each for each in page.events if self._is_new(each)]
            found += new
            before = page.next_before
            if len(new) < len(page.events) or before is None:
                self._note(found)
                return list(reversed(found))

    def _is_new(self, each: LoggedEvent) -> bool:
        return each.seq not in self.shown if self.wanted.failed else each.seq > self.last

    def _note(self, events: Iterable[LoggedEvent]) -> None:
        for each in events:
            self.last = max(self.last, each.seq)
            if self.wanted.failed:
                self.shown.add(each.seq)


@dataclass(slots=True)
class Printer:
    """Prints events, as lines or as objects; what failed is red."""

    store: Store
    as_objects: bool
    known: dict[str, Place] = field(default_factory=dict)

    def show(self, each: LoggedEvent) -> None:
        """Print one event as it stands now."""
        if each.event.pool_id not in self.known:
            self.known = places(self.store)
        file = self._file(each)
        if self.as_objects:
            click.echo(json.dumps(as_json(file, self.known), ensure_ascii=False))
        else:
            click.secho(line(file, self.known), fg="red" if failed(file) else None)

    def ready(self, each: LoggedEvent) -> bool:
        """Say whether an event is handled, or took too long to be."""
        return time.time() > each.received_at + PATIENCE_SECONDS or settled(self._file(each))

    def _file(self, each: LoggedEvent) -> EventFile:
        file = self.store.event_file(each.seq)
        if file is None:
            raise LookupError(f"event {each.seq} is gone")
        return file


def run(database: Path, wanted: Wanted, *, limit: int, follow: bool, as_objects: bool) -> None:
    """Print the last events, newest last; then, if asked to, each further one, until Ctrl-C."""
    with closing(SqliteStore(database, time.time)) as store:
        tail, printer = Tail(store, wanted), Printer(store, as_objects)
        for each in tail.end(limit):
            printer.show(each)
        if not (follow or tail.last or as_objects):
            click.echo("No event matches.", err=True)
        if follow:
            with suppress(KeyboardInterrupt):
                _follow(store, tail, printer)


def _follow(store: SqliteStore, tail: Tail, printer: Printer) -> None:
    """Show events in their order, each when it is handled, or when it took too long to be."""
    waiting: deque[LoggedEvent] = deque()
    pause, seen = threading.Event(), store.version()
    waiting.extend(tail.news())
    while True:
        while waiting and printer.ready(waiting[0]):
            printer.show(waiting.popleft())
        pause.wait(LOOK_SECONDS)
        if (version := store.version()) != seen:
            waiting.extend(tail.news())
            seen = version
