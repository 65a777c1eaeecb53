"""What the database itself is, in SQLite: whose it is, which objects its roles are, and notes for people."""

from store.canonical import clean
from store.errors import ForeignDatabase
from store.records import Binding
from store.rows import binding_from
from store.sqlite_file import SqliteFile

_INSERT_IDENTITY = "INSERT INTO identity (id, account_id, environment) VALUES (1, ?, ?) ON CONFLICT DO NOTHING"
_IDENTITY = "SELECT account_id, environment FROM identity"
_BIND = """
    INSERT INTO bindings (pipeline, run, role, object_id) VALUES (?, ?, ?, ?)
    ON CONFLICT (pipeline, run, role) DO UPDATE SET object_id = excluded.object_id
"""
_BINDINGS = """
    SELECT * FROM bindings WHERE (:pipeline IS NULL OR pipeline = :pipeline) AND (:run IS NULL OR run = :run)
    ORDER BY pipeline, run, role
"""
_WRITE_NOTE = """
    INSERT INTO notes (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text
"""


class SqliteRegistry(SqliteFile):
    """Identity, bindings and notes."""

    def claim_identity(self, account_id: str, environment: str) -> None:
        """Tie this database to an account and environment, for good; raises ForeignDatabase if it is another's."""
        with self._database.writing() as connection:
            connection.execute(_INSERT_IDENTITY, (account_id, environment))
            row = connection.execute(_IDENTITY).fetchone()
        if (row["account_id"], row["environment"]) != (account_id, environment):
            raise ForeignDatabase(f"(it is {row['environment']}, account {row['account_id']})")

    def identity(self) -> tuple[str, str] | None:
        """Return the account id and environment that this database is tied to; None when it is new."""
        with self._database.reading() as connection:
            row = connection.execute(_IDENTITY).fetchone()
        return None if row is None else (row["account_id"], row["environment"])

    def bind(self, binding: Binding) -> None:
        """Remember which platform object a role is; binding a role again replaces it."""
        with self._database.writing() as connection:
            connection.execute(_BIND, (binding.pipeline, binding.run, binding.role, binding.object_id))

    def bindings(self, pipeline: str | None = None, run: str | None = None) -> list[Binding]:
        """Return the bindings, of one pipeline and run or all, by (pipeline, run, role)."""
        with self._database.reading() as connection:
            rows = connection.execute(_BINDINGS, {"pipeline": pipeline, "run": run}).fetchall()
        return [binding_from(row) for row in rows]

    def write_note(self, name: str, text: str) -> None:
        """Keep a text for the pages or for a person, such as a handler's docstring; the last one stays."""
        with self._database.writing() as connection:
            connection.execute(_WRITE_NOTE, (name, clean(text)))
