"""A pool's results as the table that requesters download: tab-separated, a row for each task of a page."""

import csv
import io
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from simulator.contents import known
from simulator.elements.clock import iso
from simulator.offering.admission import banned
from simulator.records.state import Assignment, Json, Pool, State, Task

STATUSES = {name: name for name in ("ACTIVE", "SUBMITTED", "REJECTED", "SKIPPED", "EXPIRED")} | {"APPROVED": "ACCEPTED"}
"""As the table calls them, and as the API does."""
VERDICTS = {"ACCEPTED": "+", "REJECTED": "-"}


def _moment(name: str) -> Callable[[State, Assignment, Task], str]:
    def write(state: State, page: Assignment, task: Task) -> str:
        at = getattr(page, name)
        return "" if at is None else iso(at)

    return write


ASSIGNMENT: dict[str, Callable[[State, Assignment, Task], str]] = {
    "ASSIGNMENT:link": lambda state, page, task: f"{state.origin}/task/{page.pool_id}/{page.id}",
    "ASSIGNMENT:task_id": lambda state, page, task: task.id,
    "ASSIGNMENT:assignment_id": lambda state, page, task: page.id,
    "ASSIGNMENT:task_suite_id": lambda state, page, task: page.suite_id,
    "ASSIGNMENT:worker_id": lambda state, page, task: page.user_id,
    "ASSIGNMENT:status": lambda state, page, task: "APPROVED" if page.status == "ACCEPTED" else page.status,
    "ASSIGNMENT:started": _moment("created"),
    "ASSIGNMENT:submitted": _moment("submitted"),
    "ASSIGNMENT:accepted": _moment("accepted"),
    "ASSIGNMENT:rejected": _moment("rejected"),
    "ASSIGNMENT:skipped": _moment("skipped"),
    "ASSIGNMENT:expired": _moment("expired"),
    "ASSIGNMENT:reward": lambda state, page, task: f"{page.reward:.3f}",
}
"""Columns that can be asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a table shows: pages of these statuses (as in the API), sent in within these platform seconds."""

    statuses: Collection[str]
    columns: tuple[str, ...]
    since: float
    until: float
    without_banned: bool
    gaps: bool

    def has(self, state: State, pool: Pool, page: Assignment) -> bool:
        """Whether the table has the rows of this page; one that was not sent in counts by its beginning."""
        at = page.created if page.submitted is None else page.submitted
        if page.status not in self.statuses or not self.since <= at <= self.until:
            return False
        return not (self.without_banned and banned(state, pool, page.user_id))


def write(state: State, pool: Pool, wanted: Wanted) -> str:
    """The table, with its header; with `gaps` an empty line after each page."""
    spec = state.project_of(pool).body["task_spec"]
    text = io.StringIO()
    writer = csv.writer(text, dialect="excel-tab", lineterminator="\n")
    writer.writerow(_header(pool, spec, wanted))
    for page in (state.assignments[identity] for identity in pool.assignment_ids):
        if wanted.has(state, pool, page):
            writer.writerows(_rows(state, pool, spec, page, wanted))
            text.write("\n" * wanted.gaps)
    return text.getvalue()


def _header(pool: Pool, spec: Json, wanted: Wanted) -> list[str]:
    inputs, outputs = spec["input_spec"], spec["output_spec"]
    values = [f"{prefix}:{name}" for prefix, of in _parts(inputs, outputs) for name in of]
    verdict = ["ACCEPT:verdict", "ACCEPT:comment"] if _is_reviewed(pool) else []
    return [*values, "HINT:text", "HINT:default_language", *wanted.columns, *verdict]


def _parts(inputs: Json, outputs: Json) -> Iterator[tuple[str, Json]]:
    yield "INPUT", inputs
    yield "OUTPUT", outputs
    yield "GOLDEN", outputs


def _is_reviewed(pool: Pool) -> bool:
    return pool.body.get("auto_accept_solutions") is False


def _rows(state: State, pool: Pool, spec: Json, page: Assignment, wanted: Wanted) -> Iterator[list[str]]:
    """A page's rows; on training tasks what was answered first."""
    given = page.attempts or page.solutions or [{"output_values": {}}] * len(page.task_ids)
    verdict = [VERDICTS.get(page.status, ""), page.comment or ""] if _is_reviewed(pool) else []
    for identity, answer in zip(page.task_ids, given, strict=True):
        task = state.tasks[identity]
        right = known.best(task.body) if task.kind != "real" else {}
        hint = task.body.get("message_on_unknown_solution") or ""
        yield [
            *(_cell(task.body["input_values"].get(name)) for name in spec["input_spec"]),
            *(_cell(answer["output_values"].get(name)) for name in spec["output_spec"]),
            *(_cell(right.get(name)) for name in spec["output_spec"]),
            hint,
            "EN" if hint else "",
            *(ASSIGNMENT[column](state, page, task) for column in wanted.columns),
            *verdict,
        ]


def _cell(value: Any) -> str:
    """A value as the table writes it: texts as they are, the rest as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
