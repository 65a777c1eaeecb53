"""The commands of whoever runs a deployment: the log on a terminal, what is wrong, a copy of the database."""

import os
import sys
from pathlib import Path

import click

from app.config import Settings


@click.command()
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--failed", is_flag=True, help="Only parked and dead events, and decisions that did not come true.")
@click.option("--pool", "pool_id", metavar="ID", help="Only events of this pool.")
@click.option("--type", "kind", metavar="TYPE", help="Only events of this type, such as POOL_CLOSED.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--limit", type=click.IntRange(0), default=50, show_default=True, help="So many of the last ones.")
def events(follow: bool, failed: bool, pool_id: str | None, kind: str | None, as_json: bool, limit: int) -> None:
    """Show the event log, newest last, from the database alone: what happened, and what each event led to."""
    from app.event_tail import Wanted, run

    database = Settings.from_env(os.environ).database
    run(database, Wanted(kind, pool_id, failed), limit=limit, follow=follow, as_objects=as_json)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write a consistent copy of the database into a new FILE, while everything runs, and check it."""
    from app.backup import backup as copy

    click.echo(copy(Settings.from_env(os.environ).database, file))


@click.command()
@click.option("--thorough", is_flag=True, help="Compare every index with its table, too: seconds for each GiB.")
@click.option("--json", "as_json", is_flag=True, help="All of it, for programs.")
def doctor(thorough: bool, as_json: bool) -> None:
    """Look at everything that can be wrong with this deployment; status 1 when something fails."""
    from app.doctor import run

    if not run(Settings.from_env(os.environ), thorough=thorough, as_json=as_json):
        sys.exit(1)


COMMANDS = (events, backup, doctor)
