"""Answers to be made into labels, in SQLite: streamed, however many there are; and the labels that they came to."""

from collections.abc import Iterable, Iterator, Mapping

from store.canonical import from_text
from store.labels import TaskLabel
from store.records import Json
from store.sqlite_file import SqliteFile

_LABELS_OF = """
    SELECT task_id, user_id, CASE said.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
                                            ELSE CAST(said.value AS TEXT) END AS label
    FROM pages JOIN answers USING (assignment_id), json_each(answers.output) AS said
    WHERE pool_id = :pool_id AND status IN ('SUBMITTED', 'ACCEPTED') AND said.key = :field AND label <> ''
    ORDER BY label, task_id, user_id
"""
_FIELDS_OF = """
    SELECT DISTINCT said.key FROM pages JOIN answers USING (assignment_id), json_each(answers.output) AS said
    WHERE pool_id = ? AND status IN ('SUBMITTED', 'ACCEPTED') ORDER BY said.key
"""
_TASKS_OF = """
    SELECT json_extract(result, '$.task_id') AS task_id, substr(key, length('ask:' || lane || ':') + 1) AS key,
           json_extract(payload, '$.input') AS input
    FROM decisions WHERE kind = 'ask' AND lane = :pool_id AND state NOT IN ('superseded', 'recalled', 'failed')
    AND json_extract(result, '$.task_id') IS NOT NULL ORDER BY id
"""
# instr() is what the index of solutions is on: a payload is compact JSON with sorted keys.
_SOLUTIONS_OF = """
    SELECT json_extract(result, '$.task_id') AS task_id, json_extract(payload, '$.solution') AS solution
    FROM decisions WHERE kind = 'ask' AND lane = :pool_id AND state NOT IN ('superseded', 'recalled', 'failed')
    AND instr(payload, '"solution":{') > 0 AND json_type(payload, '$.solution') = 'object'
    AND json_extract(result, '$.task_id') IS NOT NULL ORDER BY id
"""
_REWARDS_OF = "SELECT sum(reward) FROM pages WHERE pool_id = ? AND status IN ('SUBMITTED', 'ACCEPTED')"
_FORGET_LABELS = "DELETE FROM labels WHERE pool_id = ? AND method = ?"
_INSERT_LABEL = """
    INSERT INTO labels (pool_id, method, task_id, label, probability, undecided) VALUES (?, ?, ?, ?, ?, ?)
"""
_LABELS = "SELECT * FROM labels WHERE pool_id = ? ORDER BY method, task_id"


class SqliteLabels(SqliteFile):
    """Answers by task and performer, known solutions, and aggregated labels."""

    def labels_of(self, pool_id: str, field: str) -> Iterator[tuple[str, str, str]]:
        """Stream (task id, user id, label) of every answer on a SUBMITTED or ACCEPTED page of a pool.

        The label is the answer's output value of that name: a text as it is, anything else as JSON says it. Answers
        without it are left out. The order is by (label, task id, user id).
        """
        with self._database.streaming() as connection:
            for row in connection.execute(_LABELS_OF, {"pool_id": pool_id, "field": field}):
                yield row["task_id"], row["user_id"], row["label"]

    def fields_of(self, pool_id: str) -> list[str]:
        """Return the names of the output values that occur on a pool's SUBMITTED and ACCEPTED pages, sorted."""
        with self._database.reading() as connection:
            return [row["key"] for row in connection.execute(_FIELDS_OF, (pool_id,))]

    def tasks_of(self, pool_id: str) -> Iterator[tuple[str, str, Json]]:
        """Stream (task id, key, input values) of every task put into a pool, in the order in which it was decided.

        The key is the one it was asked under, without the pool's id: what is asked about, and the generation.
        """
        with self._database.streaming() as connection:
            for row in connection.execute(_TASKS_OF, {"pool_id": pool_id}):
                yield row["task_id"], row["key"], from_text(row["input"])

    def solutions_of(self, pool_id: str) -> Mapping[str, Json]:
        """Return the known output values of a pool's control and training tasks, by task id, from the ledger."""
        with self._database.reading() as connection:
            rows = connection.execute(_SOLUTIONS_OF, {"pool_id": pool_id})
            return {row["task_id"]: from_text(row["solution"]) for row in rows}

    def rewards_of(self, pool_id: str) -> float:
        """Return what a pool's SUBMITTED and ACCEPTED pages cost, in dollars without the fee."""
        with self._database.reading() as connection:
            return float(connection.execute(_REWARDS_OF, (pool_id,)).fetchone()[0] or 0.0)

    def write_labels(self, pool_id: str, method: str, labels: Iterable[TaskLabel]) -> None:
        """Keep what a pool's answers came to by a method, in place of what they came to before, all at once."""
        rows = [(pool_id, method, each.task_id, each.label, each.probability, each.undecided) for each in labels]
        with self._database.writing() as connection:
            connection.execute(_FORGET_LABELS, (pool_id, method))
            connection.executemany(_INSERT_LABEL, rows)

    def labels(self, pool_id: str) -> Mapping[str, list[TaskLabel]]:
        """Return the last labels of a pool's tasks by the method that made them, each by task id."""
        found: dict[str, list[TaskLabel]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(_LABELS, (pool_id,)):
                label = TaskLabel(row["task_id"], row["label"], row["probability"], bool(row["undecided"]))
                found.setdefault(row["method"], []).append(label)
        return found
