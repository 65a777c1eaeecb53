"""`crowdhook doctor`: everything that can be wrong with a deployment, looked at once, a line each."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict

import click

from app.config import Settings
from app.database_checks import database
from app.findings import Finding, Level, looked
from app.machine_checks import disk, sqlite_version, versions
from app.platform_checks import platform, seen_from_outside
from app.secret_checks import exposure, secrets
from app.work_checks import work
from store.sqlite import SqliteStore

COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


def run(settings: Settings, *, thorough: bool, as_json: bool) -> bool:
    """Print every finding, as it comes or as JSON at the end; return whether nothing fails."""
    findings = []
    for each in examine(settings, thorough):
        findings.append(each)
        if not as_json:
            _show(each)
    well = all(each.level is not Level.FAIL for each in findings)
    if as_json:
        click.echo(json.dumps({"ok": well, "findings": [asdict(each) for each in findings]}, indent=1))
    return well


def examine(settings: Settings, thorough: bool = False) -> Iterator[Finding]:
    """Look at the machine, the settings, the database, the work, and, with a token, the platform."""
    yield from looked("program", versions)
    yield sqlite_version()
    yield from looked("disk", lambda: disk(settings))
    yield from looked("keyring", lambda: secrets(settings, time.time()))
    yield from exposure(settings)
    yield from looked("pages", lambda: seen_from_outside(settings))
    with closing(SqliteStore(settings.database, time.time)) as store:
        found = list(looked("database", lambda: database(settings.database, store, thorough)))
        yield from found
        usable = found[0].level is Level.OK
        if usable:
            yield from looked("work", lambda: work(store, time.time()))
        yield from platform(settings, store if usable else None)


def _show(each: Finding) -> None:
    level = click.style(f"{each.level:<5}", fg=COLOURS[each.level])
    advice = f" -> {each.advice}" if each.advice else ""
    click.echo(f"{level} {each.check:<26} {each.found}{advice}")
