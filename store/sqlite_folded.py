"""What the platform showed, in SQLite: assignments, answers, questions, and what is known about verifiers."""

import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from store.canonical import clean, from_text, to_text
from store.records import Answer, Decision, Page, Question, Standing
from store.rows import answer_from, decision_from, id_list, page_from
from store.sqlite_file import SqliteFile

_UPSERT_PAGE = """
    INSERT INTO pages (assignment_id, pool_id, user_id, status, reward, created, submitted, reviewed, comment, tasks)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (assignment_id) DO UPDATE SET pool_id = excluded.pool_id, user_id = excluded.user_id,
        status = excluded.status, reward = excluded.reward, created = excluded.created,
        submitted = excluded.submitted, reviewed = excluded.reviewed, comment = excluded.comment,
        tasks = excluded.tasks
"""
_FORGET_ANSWERS = "DELETE FROM answers WHERE assignment_id = ?"
_INSERT_ANSWER = """
    INSERT INTO answers (assignment_id, position, task_id, input, output, unavailable_for, subject_assignment_id,
                         subject_task_id, known)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_PAGES = "SELECT * FROM pages WHERE assignment_id IN (SELECT value FROM json_each(?)) ORDER BY assignment_id"
_PAGES_OF = """
    SELECT * FROM pages WHERE pool_id = :pool_id AND (:status IS NULL OR status = :status) ORDER BY assignment_id
"""
_ANSWERS = """
    SELECT * FROM answers WHERE assignment_id IN (SELECT value FROM json_each(?)) ORDER BY assignment_id, position
"""
_VOTING_PAGES = """
    SELECT * FROM pages WHERE status IN ('SUBMITTED', 'ACCEPTED') AND assignment_id IN (
        SELECT assignment_id FROM answers WHERE subject_assignment_id IN (SELECT value FROM json_each(?)))
    ORDER BY submitted, assignment_id
"""
_ASKS = """
    SELECT * FROM decisions WHERE kind = 'ask' AND assignment_id IN (SELECT value FROM json_each(?))
    AND state NOT IN ('superseded', 'recalled', 'failed') ORDER BY key
"""
_RAISES = """
    SELECT task_id, payload, state FROM decisions WHERE kind = 'votes' AND task_id IN (SELECT value FROM json_each(?))
    AND state NOT IN ('superseded', 'recalled', 'failed')
"""
# The primary key gives the lessons of a user in the order of their keys, so that the sum is the same to the last bit.
_STANDING = """
    SELECT user_id, sum(known) AS known, sum(agreed) AS agreed,
           sum(truth IS 1) AS good, sum(truth IS 1 AND agreed > 0) AS good_right,
           sum(truth IS 0) AS bad, sum(truth IS 0 AND agreed > 0) AS bad_right FROM lessons
"""
_THESE = "WHERE user_id IN (SELECT value FROM json_each(?)) GROUP BY user_id"
_IN_POOL = "WHERE user_id IN (SELECT user_id FROM pages WHERE pool_id = ?) GROUP BY user_id ORDER BY user_id"
_STANDINGS, _VERIFIERS = " ".join((_STANDING, _THESE)), " ".join((_STANDING, _IN_POOL))
_WATERMARK = "SELECT up_to FROM watermarks WHERE pool_id = ? AND kind = ?"
_MOVE_WATERMARK = """
    INSERT INTO watermarks (pool_id, kind, up_to) VALUES (?, ?, ?)
    ON CONFLICT (pool_id, kind) DO UPDATE SET up_to = excluded.up_to
"""
_TALLY = """
    SELECT kind || ':' || state AS name, n FROM decision_counts WHERE n > 0
    UNION ALL
    SELECT pages.pool_id, count(*) FROM pages JOIN answers USING (assignment_id)
    WHERE status IN ('SUBMITTED', 'ACCEPTED', 'REJECTED') GROUP BY pages.pool_id
"""


class SqliteFolded(SqliteFile):
    """The platform's answers, kept as they were last shown."""

    def tally(self) -> Mapping[str, int]:
        """Count decisions by "kind:state", and the answers given so far by pool id; what is not there counts 0."""
        with self._database.reading() as connection:
            return Counter({row["name"]: row["n"] for row in connection.execute(_TALLY)})

    def fold(self, pages: Sequence[Page]) -> None:
        """Keep assignments and their answers as the platform shows them now."""
        answers = [_answer_values(page.assignment_id, each) for page in pages for each in page.answers]
        with self._database.writing() as connection:
            connection.executemany(_UPSERT_PAGE, [_page_values(page) for page in pages])
            connection.executemany(_FORGET_ANSWERS, [(page.assignment_id,) for page in pages])
            connection.executemany(_INSERT_ANSWER, answers)

    def pages(self, assignment_ids: Collection[str]) -> dict[str, Page]:
        """Return the assignments that are known, by id."""
        with self._database.reading() as connection:
            rows = connection.execute(_PAGES, (id_list(assignment_ids),)).fetchall()
            return {page.assignment_id: page for page in _with_answers(connection, rows)}

    def pages_of(self, pool_id: str, status: str | None = None) -> list[Page]:
        """Return all known assignments of a pool, by id."""
        with self._database.reading() as connection:
            rows = connection.execute(_PAGES_OF, {"pool_id": pool_id, "status": status}).fetchall()
            return _with_answers(connection, rows)

    def votes_about(self, assignment_ids: Collection[str]) -> list[tuple[Page, Answer]]:
        """Return every submitted answer to a question about these assignments, by (submitted, assignment id, task).

        Submitted means that the voting page is SUBMITTED or ACCEPTED now.
        """
        about = set(assignment_ids)
        with self._database.reading() as connection:
            rows = connection.execute(_VOTING_PAGES, (id_list(about),)).fetchall()
            pages = _with_answers(connection, rows)
        return [
            (page, answer)
            for page in pages
            for answer in sorted(page.answers, key=lambda each: each.task_id)
            if answer.subject_assignment_id in about
        ]

    def questions_about(self, assignment_ids: Collection[str]) -> list[Question]:
        """Return the questions recorded about these assignments, from the ledger, by key.

        Questions and raises of overlap that were superseded or failed do not count.
        """
        with self._database.reading() as connection:
            rows = connection.execute(_ASKS, (id_list(assignment_ids),)).fetchall()
            asks = [decision_from(row) for row in rows]
            raised = _raised_overlaps(connection, [each.result.get("task_id") for each in asks])
        return [_question(each, raised) for each in asks]

    def standings(self, user_ids: Collection[str]) -> dict[str, Standing]:
        """Return the verifiers' sums of lessons; unknown ones are absent."""
        with self._database.reading() as connection:
            rows = connection.execute(_STANDINGS, (id_list(user_ids),)).fetchall()
        return {row["user_id"]: Standing(**dict(row)) for row in rows}

    def verifiers(self, pool_id: str) -> list[Standing]:
        """Return the standings of all who answered in a pool and of whom something is known, by user id."""
        with self._database.reading() as connection:
            return [Standing(**dict(row)) for row in connection.execute(_VERIFIERS, (pool_id,))]

    def watermark(self, pool_id: str, kind: str) -> float | None:
        """Return up to which platform time the reconciler has seen everything; None when it has not begun."""
        with self._database.reading() as connection:
            row = connection.execute(_WATERMARK, (pool_id, kind)).fetchone()
        return None if row is None else row["up_to"]

    def write_watermarks(self, marks: Mapping[tuple[str, str], float]) -> None:
        """Move watermarks, given as (pool id, kind) -> platform time, together."""
        with self._database.writing() as connection:
            connection.executemany(_MOVE_WATERMARK, [(*pool_and_kind, up_to) for pool_and_kind, up_to in marks.items()])


def _page_values(page: Page) -> tuple[object, ...]:
    return (
        page.assignment_id,
        page.pool_id,
        page.user_id,
        page.status,
        page.reward,
        page.created,
        page.submitted,
        page.reviewed,
        clean(page.comment),
        sum(not each.known for each in page.answers),
    )


def _answer_values(assignment_id: str, answer: Answer) -> tuple[object, ...]:
    return (
        assignment_id,
        answer.position,
        answer.task_id,
        to_text(answer.input),
        None if answer.output is None else to_text(answer.output),
        to_text(answer.unavailable_for),
        answer.subject_assignment_id,
        answer.subject_task_id,
        answer.known,
    )


def _with_answers(connection: sqlite3.Connection, pages: Collection[sqlite3.Row]) -> list[Page]:
    answers: dict[str, list[Answer]] = {row["assignment_id"]: [] for row in pages}
    for row in connection.execute(_ANSWERS, (id_list(answers),)).fetchall():
        answers[row["assignment_id"]].append(answer_from(row))
    return [page_from(row, tuple(answers[row["assignment_id"]])) for row in pages]


def _raised_overlaps(connection: sqlite3.Connection, task_ids: Collection[object]) -> dict[str, tuple[int, bool]]:
    """Return, by task id, the highest overlap that was decided, and whether any raise is still to be carried out."""
    raised: dict[str, tuple[int, bool]] = {}
    for row in connection.execute(_RAISES, (id_list(task_ids),)).fetchall():
        overlap, open_ = raised.get(row["task_id"], (0, False))
        open_ |= row["state"] in {"planned", "sent"}
        raised[row["task_id"]] = max(overlap, from_text(row["payload"])["overlap"]), open_
    return raised


def _question(ask: Decision, raised: Mapping[str, tuple[int, bool]]) -> Question:
    task_id: str | None = ask.result.get("task_id")
    overlap, open_ = raised.get(task_id or "", (0, False))
    return Question(
        task_id=task_id,
        subject_assignment_id=ask.assignment_id or "",
        subject_task_id=ask.task_id or "",
        generation=ask.payload["generation"],
        overlap=max(ask.payload["overlap"], overlap),
        key=ask.key,
        truth=ask.payload.get("truth"),
        open=open_ or ask.state in {"planned", "sent"},
    )
