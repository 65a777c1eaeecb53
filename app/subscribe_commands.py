"""The command about subscriptions: Toloka is told once where to post, and with which secret to sign."""

import os
from typing import Any

import click

from app.amounts import Amount
from app.config import Settings


@click.command()
@click.argument("pipeline", required=False)
@click.option("--run", help="Only this run.")
@click.option("--url", help="Where the outside reaches this deployment: https://example.org  [default: CROWDHOOK_URL]")
@click.option("--tag", default="main", show_default=True, help="Last part of the hook's path; has secrets of its own.")
@click.option("--list", "listed", is_flag=True, help="Show what is registered and what should be; change nothing.")
@click.option("--rotate", is_flag=True, help="Sign with a new secret, and retire the old one. Run again, it goes on.")
@click.option("--grace", type=Amount(0, 720), help="Hours that --rotate believes the old one.  [default: 24]")
@click.option("--remove", is_flag=True, help="Delete our subscriptions at our URL, and no others.")
@click.option("--yes", is_flag=True, help="With --remove: do not ask.")
def subscribe(*, listed: bool, rotate: bool, grace: float | None, remove: bool, yes: bool, **chosen: Any) -> None:
    """Have Toloka post the events of PIPELINE's pools (without it, of all runs) to this deployment, signed."""
    if listed + rotate + remove > 1:
        raise click.UsageError("--list, --rotate and --remove exclude each other.")
    if grace is not None and not rotate:
        raise click.UsageError("--grace goes with --rotate.")
    if yes and not remove:
        raise click.UsageError("--yes goes with --remove.")
    if rotate and (chosen["pipeline"] or chosen["run"]):
        raise click.UsageError("--rotate is about all subscriptions of a tag: name no pipeline and no run.")
    from app import subscribing  # toloka-kit takes seconds to import

    order = subscribing.Order(settings=Settings.from_env(os.environ), **chosen)
    if listed:
        subscribing.show(order)
    elif remove:
        subscribing.remove(order, yes=yes)
    elif not (subscribing.rotate(order, 24.0 if grace is None else grace) if rotate else subscribing.subscribe(order)):
        click.get_current_context().exit(1)


COMMANDS = (subscribe,)
