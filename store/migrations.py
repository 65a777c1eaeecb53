"""How a database file comes to be and grows: numbered functions, never edited afterwards."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database, Migrations

from store.connection import APPLICATION_ID, SCHEMA_VERSION, refusal, schema_of
from store.errors import NotADatabase, SchemaTooNew
from store.lock import WriteLock

LOCK_SECONDS = 30.0  # another process may be migrating the same file

_MIGRATIONS = Migrations("crowdhook")


def migrate(path: Path) -> None:
    """Create or upgrade a database file.

    Raises NotADatabase, SchemaTooNew, StoreBusy and StoreFull; then the file is as it was.
    """
    try:
        path.touch(mode=0o600)
        with WriteLock(path, LOCK_SECONDS).held(), closing(sqlite3.connect(path, timeout=LOCK_SECONDS)) as connection:
            _refuse_strangers(path, connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            _MIGRATIONS.apply(Database(connection, execute_plugins=False))
    except OSError as error:
        raise NotADatabase(f"({path}: {error.strerror})") from error
    except sqlite3.DatabaseError as error:
        raise refusal(path, error) from error


def _refuse_strangers(path: Path, connection: sqlite3.Connection) -> None:
    application_id, version = schema_of(connection)
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application_id != APPLICATION_ID and not (application_id == 0 and empty):
        raise NotADatabase(f"({path} belongs to another program)")
    if version > SCHEMA_VERSION:
        raise SchemaTooNew(f"({path} has schema {version}, this program knows {SCHEMA_VERSION})")


def _numbered(step: Callable[[Database], None]) -> Callable[[Database], None]:
    _MIGRATIONS()(step)
    return step


@_numbered
def m001_log_and_ledger(db: Database) -> None:
    """Create everything: log, lanes, ledger, what was folded from the platform's answers, images, counts."""
    for script in (_LOG, _LANES, _LEDGER, _FOLDED, _REGISTRY, _MEDIA, _COUNTED, "PRAGMA user_version = 1;"):
        db.executescript(script)


_LOG = """
CREATE TABLE bodies (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    key TEXT UNIQUE,
    type TEXT NOT NULL,
    pool_id TEXT NOT NULL,
    event_time REAL NOT NULL,
    assignment_id TEXT,
    task_id TEXT,
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    payload TEXT NOT NULL,
    received_at REAL NOT NULL,
    body_id INTEGER NOT NULL -- of bodies; declared as a foreign key, each new body would be looked for in all events
) STRICT;
CREATE INDEX events_by_type ON events(type, seq);
CREATE INDEX events_by_pool ON events(pool_id, seq);
CREATE INDEX events_by_assignment ON events(assignment_id, seq) WHERE assignment_id IS NOT NULL;
CREATE INDEX events_not_routed ON events(state, seq) WHERE state <> 'routed';
"""

_LANES = """
CREATE TABLE lanes (
    pool_id TEXT PRIMARY KEY,
    owner TEXT NOT NULL DEFAULT '',
    epoch INTEGER NOT NULL DEFAULT 0,
    lease_until REAL NOT NULL DEFAULT 0,
    lease_seconds REAL NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    event_seq INTEGER NOT NULL REFERENCES events(seq),
    pipeline TEXT NOT NULL,
    run TEXT NOT NULL,
    handler TEXT NOT NULL,
    lane TEXT NOT NULL REFERENCES lanes(pool_id),
    event_time REAL NOT NULL,
    event_key TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    retry_at_machine REAL NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    UNIQUE (event_seq, pipeline, run, handler)
) STRICT;
CREATE INDEX deliveries_pending ON deliveries(lane, event_time, event_key, handler) WHERE state = 'pending';
CREATE INDEX deliveries_parked ON deliveries(event_seq) WHERE state = 'parked';
"""

_LEDGER = """
CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    operation_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    pool_id TEXT NOT NULL,
    lane TEXT NOT NULL,
    state TEXT NOT NULL,
    sends INTEGER NOT NULL DEFAULT 0,
    generation INTEGER NOT NULL
) STRICT;
CREATE INDEX calls_open ON calls(lane) WHERE state IN ('planned', 'sent');
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    assignment_id TEXT,
    task_id TEXT,
    due_at REAL,
    buffer TEXT,
    reason TEXT NOT NULL,
    event_seq INTEGER REFERENCES events(seq),
    handler TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    run TEXT NOT NULL,
    call_id INTEGER REFERENCES calls(id),
    sends INTEGER NOT NULL DEFAULT 0,
    decided_at REAL NOT NULL,
    decided_at_machine REAL NOT NULL,
    settled_at_machine REAL,
    result TEXT NOT NULL DEFAULT '{}',
    places INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX decisions_live_key ON decisions(key) WHERE state NOT IN ('superseded', 'recalled');
CREATE INDEX decisions_open ON decisions(lane, state, due_at, buffer, call_id, places)
    WHERE state IN ('planned', 'sent');
CREATE INDEX decisions_by_event ON decisions(event_seq);
CREATE INDEX decisions_by_call ON decisions(call_id) WHERE call_id IS NOT NULL;
CREATE INDEX decisions_about ON decisions(assignment_id, kind) WHERE assignment_id IS NOT NULL;
CREATE INDEX decisions_by_kind ON decisions(kind) WHERE kind <> 'ask';
CREATE INDEX decisions_astray ON decisions(event_seq) WHERE state IN ('failed', 'conflict', 'unknown');
CREATE INDEX decisions_votes_for ON decisions(task_id) WHERE kind = 'votes';
CREATE INDEX decisions_with_solution ON decisions(lane) WHERE instr(payload, '"solution":{') > 0;
CREATE INDEX decisions_buying ON decisions(lane, state, buffer, places) WHERE places > 0;
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    decision_id INTEGER REFERENCES decisions(id),
    call_id INTEGER REFERENCES calls(id),
    at_machine REAL NOT NULL,
    error_class TEXT NOT NULL,
    status INTEGER,
    code TEXT NOT NULL,
    request_id TEXT NOT NULL,
    message TEXT NOT NULL
) STRICT;
CREATE INDEX attempts_by_decision ON attempts(decision_id) WHERE decision_id IS NOT NULL;
CREATE INDEX attempts_by_call ON attempts(call_id) WHERE call_id IS NOT NULL;
CREATE TABLE lessons (
    user_id TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    known REAL NOT NULL,
    agreed REAL NOT NULL,
    truth INTEGER,
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
"""

_FOLDED = """
CREATE TABLE pages (
    assignment_id TEXT PRIMARY KEY,
    pool_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    status TEXT NOT NULL,
    reward REAL NOT NULL,
    created REAL NOT NULL,
    submitted REAL,
    reviewed REAL,
    comment TEXT NOT NULL,
    tasks INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pages_by_cost ON pages(pool_id, status, reviewed, reward, tasks);
CREATE INDEX pages_by_pool ON pages(pool_id, assignment_id);
CREATE TABLE answers (
    assignment_id TEXT NOT NULL REFERENCES pages(assignment_id),
    position INTEGER NOT NULL,
    task_id TEXT NOT NULL,
    input TEXT NOT NULL,
    output TEXT,
    unavailable_for TEXT NOT NULL,
    subject_assignment_id TEXT,
    subject_task_id TEXT,
    known INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (assignment_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_by_subject ON answers(subject_assignment_id) WHERE subject_assignment_id IS NOT NULL;
CREATE TABLE labels (
    pool_id TEXT NOT NULL,
    method TEXT NOT NULL,
    task_id TEXT NOT NULL,
    label TEXT NOT NULL,
    probability REAL,
    undecided INTEGER NOT NULL,
    PRIMARY KEY (pool_id, method, task_id)
) STRICT, WITHOUT ROWID;
"""

_REGISTRY = """
CREATE TABLE identity (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    account_id TEXT NOT NULL,
    environment TEXT NOT NULL
) STRICT;
CREATE TABLE bindings (
    pipeline TEXT NOT NULL,
    run TEXT NOT NULL,
    role TEXT NOT NULL,
    object_id TEXT NOT NULL,
    PRIMARY KEY (pipeline, run, role)
) STRICT, WITHOUT ROWID;
CREATE TABLE runs (
    pipeline TEXT NOT NULL,
    run TEXT NOT NULL,
    state TEXT NOT NULL,
    cap REAL,
    daily_cap REAL,
    fee REAL NOT NULL,
    PRIMARY KEY (pipeline, run)
) STRICT, WITHOUT ROWID;
CREATE TABLE prices (pool_id TEXT PRIMARY KEY, reward REAL NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX bindings_by_object ON bindings(object_id);
CREATE TABLE watermarks (
    pool_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    up_to REAL NOT NULL,
    PRIMARY KEY (pool_id, kind)
) STRICT, WITHOUT ROWID;
"""

_MEDIA = """
CREATE TABLE media (
    token TEXT PRIMARY KEY,
    pipeline TEXT NOT NULL,
    run TEXT NOT NULL,
    key TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    path TEXT NOT NULL,
    mtime_ns INTEGER NOT NULL,
    bucket TEXT,
    object TEXT,
    uploaded INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX media_by_run ON media(pipeline, run, key);
CREATE INDEX media_by_object ON media(bucket, object) WHERE bucket IS NOT NULL;
"""

# Kept by the database itself, so that counting costs nothing at any size of the log.
_COUNTED = """
CREATE TABLE event_counts (
    pool_id TEXT NOT NULL,
    type TEXT NOT NULL,
    source TEXT NOT NULL,
    n INTEGER NOT NULL,
    last_received_at REAL NOT NULL,
    PRIMARY KEY (pool_id, type, source)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER count_event AFTER INSERT ON events BEGIN
    INSERT INTO event_counts VALUES (new.pool_id, new.type, new.source, 1, new.received_at)
    ON CONFLICT DO UPDATE SET n = n + 1, last_received_at = excluded.last_received_at;
END;
CREATE TABLE decision_counts (
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (kind, state)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER count_decision AFTER INSERT ON decisions BEGIN
    INSERT INTO decision_counts VALUES (new.kind, new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER recount_decision AFTER UPDATE OF state ON decisions WHEN old.state <> new.state BEGIN
    UPDATE decision_counts SET n = n - 1 WHERE kind = old.kind AND state = old.state;
    INSERT INTO decision_counts VALUES (new.kind, new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
"""
