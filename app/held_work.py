"""What `crowdhook held`, `accept`, `reject` and `ask-more` do: a table of what waits, and a person's word about it."""

import getpass
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from app.acts import Entry, What, date
from app.config import Settings
from app.datasets import load
from app.exports import outlining_run
from app.held import HeldPage, held
from app.page_picture import votes_in_words, write_page_picture
from app.people import BadAct, page_of, prepare, record, worded
from handlers.routing import Running
from store.contract import Store
from store.errors import CrowdhookError
from store.records import Event, Page
from store.sqlite import SqliteStore

WIDE = 200  # columns of a table that nobody looks at through a terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person says about pages: accept, reject or ask-more, and why."""

    act: str
    who: str
    why: str = ""  # for those who look it up later
    wrong: tuple[int, ...] = ()  # numbers of the pictures that are wrong, from 1 on
    reason: str = ""  # for the performer: missed, loose, object, other, or a text of its own


def show_held(
    settings: Settings, pipeline: str, run: str | None, *, pictures: Path | None, dataset: Path | None, as_json: bool
) -> None:
    """Print the pages that wait for a person, the oldest deadline first, as a table or as JSON."""
    with closing(SqliteStore(settings.database, time.time)) as store:
        pages = held(store, outlining_run(store, pipeline, run))
    files = _pictures(pages, pictures, dataset) if pictures else {}
    if as_json:
        click.echo(json.dumps([_as_json(page, files) for page in pages], indent=1, ensure_ascii=False))
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    console.print(_table(pages) if pages else "Nothing waits for a person.")
    for path in files.values():
        console.print(str(path), highlight=False, soft_wrap=True)


def say(settings: Settings, pipeline: str, run: str | None, assignment_ids: Sequence[str], word: Word) -> None:
    """Write what a person decided about pages into the log: all of it or, when something is wrong, nothing."""
    if word.wrong and len(set(assignment_ids)) > 1:
        raise BadAct("which pictures are wrong can be said of one page at a time.")
    with closing(SqliteStore(settings.database, time.time)) as store:
        running = outlining_run(store, pipeline, run)
        entries = _prepared(store, running, list(dict.fromkeys(assignment_ids)), word)
        events = record(store, entries)
        pages = store.pages(assignment_ids)
    for event in events:
        click.echo(_told(event, word, pages[str(event.assignment_id)]))


def numbers(text: str) -> tuple[int, ...]:
    """Read "2,3"; raises BadAct."""
    try:
        return tuple(int(each) for each in text.split(",") if each.strip())
    except ValueError as error:
        raise BadAct(f"--wrong is {text!r}: write the pictures' numbers, such as 2,3.") from error


def os_user() -> str:
    """Return the name that the operating system knows the person by; raises BadAct when it knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise BadAct("the system does not say who you are: name yourself with --who.") from error


def _prepared(store: Store, running: Running, assignment_ids: Sequence[str], word: Word) -> list[Entry]:
    """Check every act before any is written; raises the only error, or one that tells them all."""
    entries, errors = [], []
    for each in assignment_ids:
        try:
            entries.append(_entry(store, running, each, word))
        except CrowdhookError as error:
            errors.append(error)
    if errors and len(assignment_ids) > 1:
        raise BadAct(f"nothing was recorded. {' '.join(map(str, errors))}")
    if errors:
        raise errors[0]
    return entries


def _entry(store: Store, running: Running, assignment_id: str, word: Word) -> Entry:
    """Prepare one act. An accept says of every picture whether it is right; a refusal only when it names the wrong."""
    page = page_of(store, running, assignment_id)
    alone = word.act == What.REJECT and len(page.answers) == 1
    wrong = (1,) if alone else word.wrong
    return prepare(
        store,
        running,
        assignment_id,
        word.act,
        who=word.who,
        why=word.why,
        comment=worded(running, page, wrong, word.reason) if word.reason else "",
        wrong=wrong,
        truth=word.act == What.ACCEPT or (word.act == What.REJECT and bool(wrong)),
        now=time.time(),
    )


def _told(event: Event, word: Word, page: Page) -> str:
    """Return the line about one recorded act."""
    appeal = " (an appeal: its refusal is taken back)" if page.status == "REJECTED" else ""
    comment = " ".join(str(event.payload["comment"]).split())
    performer = f" Its performer will read: {comment}" if comment else ""
    return f"{event.assignment_id}: {word.act}{appeal} recorded as {word.who}'s. The running worker does it.{performer}"


def _pictures(pages: Sequence[HeldPage], folder: Path, dataset: Path | None) -> dict[str, Path]:
    items = load(dataset) if dataset else []
    paths = {item.key: item.path for item in items if item.path is not None}
    return {page.page.assignment_id: write_page_picture(page, paths, folder) for page in pages}


def _table(pages: Sequence[HeldPage]) -> Table:
    page = Column("page, performer", no_wrap=True)  # to be copied whole
    table = Table(page, "deadline, and what happens then", "votes", "why it waits", title=f"{len(pages)} held")
    table.show_lines = True
    for each in pages:
        warned = f"\nreview period {each.warned}" if each.warned else ""
        deadline = f"{date(each.deadline)}\n{each.automatic}{warned}"
        votes = "\n".join(f"{task.number}: {votes_in_words(task)}" for task in each.tasks)
        table.add_row(*map(Text, (f"{each.page.assignment_id}\n{each.page.user_id}", deadline, votes, _why(each))))
    return table


def _why(each: HeldPage) -> str:
    proposal = f"proposed refusal: {each.proposal}" if each.proposal else ""
    told = f"since then {each.waiting.told}" if each.waiting.told else ""
    return "\n".join(filter(None, (proposal, each.reason, told)))


def _as_json(each: HeldPage, files: Mapping[str, Path]) -> dict[str, Any]:
    """Return a held page as plain values; times in platform seconds."""
    picture = files.get(each.page.assignment_id)
    return {
        "assignment_id": each.page.assignment_id,
        "performer": each.page.user_id,
        "deadline": each.deadline,
        "warned": each.warned,
        "if_nobody_decides": each.automatic,
        "reason": each.reason,
        "proposal": each.proposal,
        "told": str(each.waiting.told) if each.waiting.told else "",
        "picture": str(picture) if picture else None,
        "tasks": [
            {
                "number": task.number,
                "item": task.answer.input["item"],
                "votes": [{"verifier": vote.verifier, "ok": vote.ok, "wrong": vote.wrong} for vote in task.votes],
            }
            for task in each.tasks
        ],
    }
