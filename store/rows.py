"""What a row of a table says, as records."""

import json
import sqlite3
from collections.abc import Collection, Iterable
from pathlib import Path

from store.canonical import from_text
from store.media import Media
from store.records import (
    Answer,
    Attempt,
    Binding,
    Call,
    CallState,
    Decision,
    DecisionState,
    Delivery,
    DeliveryState,
    Event,
    EventState,
    LoggedEvent,
    Page,
)


def id_list(ids: Iterable[object]) -> str:
    """Return ids as the JSON text that `json_each` reads, so that a list of any length is one parameter."""
    return json.dumps(list(ids))


def event_from(row: sqlite3.Row) -> Event:
    """Read a row of `events`."""
    return Event(
        uuid=row["uuid"],
        type=row["type"],
        pool_id=row["pool_id"],
        event_time=row["event_time"],
        key=row["key"],
        assignment_id=row["assignment_id"],
        task_id=row["task_id"],
        source=row["source"],
        state=EventState(row["state"]),
        reason=row["reason"],
        payload=from_text(row["payload"]),
    )


def logged_event_from(row: sqlite3.Row) -> LoggedEvent:
    """Read a row of `events` with the columns `deliveries` and `parked` counted beside it."""
    return LoggedEvent(row["seq"], event_from(row), row["received_at"], row["deliveries"], row["parked"])


def delivery_from(row: sqlite3.Row, event: Event) -> Delivery:
    """Read a row of `deliveries`, given the event it points to."""
    return Delivery(
        id=row["id"],
        event_seq=row["event_seq"],
        event=event,
        pipeline=row["pipeline"],
        run=row["run"],
        handler=row["handler"],
        lane=row["lane"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        last_error=row["last_error"],
    )


def decision_from(row: sqlite3.Row) -> Decision:
    """Read a row of `decisions`."""
    read = {
        "payload": from_text(row["payload"]),
        "state": DecisionState(row["state"]),
        "result": from_text(row["result"]),
    }
    return Decision(**(dict(row) | read))


def attempt_from(row: sqlite3.Row) -> Attempt:
    """Read a row of `attempts`."""
    return Attempt(
        decision_id=row["decision_id"],
        call_id=row["call_id"],
        at_machine=row["at_machine"],
        error_class=row["error_class"],
        status=row["status"],
        code=row["code"],
        request_id=row["request_id"],
        message=row["message"],
    )


def answer_from(row: sqlite3.Row) -> Answer:
    """Read a row of `answers`."""
    return Answer(
        assignment_id=row["assignment_id"],
        task_id=row["task_id"],
        position=row["position"],
        input=from_text(row["input"]),
        output=None if row["output"] is None else from_text(row["output"]),
        unavailable_for=tuple(from_text(row["unavailable_for"])),
        subject_assignment_id=row["subject_assignment_id"],
        subject_task_id=row["subject_task_id"],
        known=bool(row["known"]),
    )


def page_from(row: sqlite3.Row, answers: tuple[Answer, ...]) -> Page:
    """Read a row of `pages`, given its answers."""
    return Page(
        assignment_id=row["assignment_id"],
        pool_id=row["pool_id"],
        user_id=row["user_id"],
        status=row["status"],
        reward=row["reward"],
        created=row["created"],
        submitted=row["submitted"],
        reviewed=row["reviewed"],
        answers=answers,
        comment=row["comment"],
    )


def attempts_at(connection: sqlite3.Connection, decisions: Collection[Decision]) -> tuple[Attempt, ...]:
    """Look up the attempts at carrying out decisions, those of their calls too, oldest first."""
    sql = """
        SELECT * FROM attempts WHERE decision_id IN (SELECT value FROM json_each(?))
        UNION SELECT * FROM attempts WHERE call_id IN (SELECT value FROM json_each(?)) ORDER BY id
    """
    ids, call_ids = (each.id for each in decisions), {each.call_id for each in decisions} - {None}
    return tuple(attempt_from(row) for row in connection.execute(sql, (id_list(ids), id_list(call_ids))).fetchall())


def binding_from(row: sqlite3.Row) -> Binding:
    """Read a row of `bindings`."""
    return Binding(row["pipeline"], row["run"], row["role"], row["object_id"])


def media_from(row: sqlite3.Row) -> Media:
    """Read a row of `media`."""
    return Media(**(dict(row) | {"path": Path(row["path"]), "uploaded": bool(row["uploaded"])}))


def calls_from(connection: sqlite3.Connection, rows: Collection[sqlite3.Row]) -> list[Call]:
    """Read rows of `calls` and look up their members."""
    sql = "SELECT * FROM decisions WHERE call_id IN (SELECT value FROM json_each(?)) ORDER BY key"
    members: dict[int, list[Decision]] = {row["id"]: [] for row in rows}
    for row in connection.execute(sql, (id_list(members),)).fetchall():
        members[row["call_id"]].append(decision_from(row))
    return [_call_from(row, members[row["id"]]) for row in rows]


def _call_from(row: sqlite3.Row, members: Iterable[Decision]) -> Call:
    return Call(
        id=row["id"],
        operation_id=row["operation_id"],
        kind=row["kind"],
        pool_id=row["pool_id"],
        state=CallState(row["state"]),
        sends=row["sends"],
        generation=row["generation"],
        members=tuple(members),
    )
