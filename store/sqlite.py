"""The store in one SQLite file: the default."""

from store.sqlite_actions import SqliteActions
from store.sqlite_care import SqliteCare
from store.sqlite_folded import SqliteFolded
from store.sqlite_labels import SqliteLabels
from store.sqlite_ledger import SqliteLedger
from store.sqlite_log import SqliteLog
from store.sqlite_registry import SqliteRegistry
from store.sqlite_runs import SqliteRuns

__all__ = ["SqliteLog", "SqliteStore"]


class SqliteStore(
    SqliteLog, SqliteActions, SqliteLedger, SqliteFolded, SqliteLabels, SqliteRegistry, SqliteRuns, SqliteCare
):
    """All of `store.contract.Store`, on one migrated database file."""
