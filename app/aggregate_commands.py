"""The command that makes one label of many answers, by several methods, and compares them."""

import os
from pathlib import Path
from typing import Any

import click

from app.amounts import Amount
from app.config import Settings


@click.command()
@click.argument("pipeline")
@click.option("--run", help="Name of the run; may be left out when the pipeline has only one.")
@click.option("--pool", default="main", show_default=True, metavar="ROLE", help="The pool whose answers are labels.")
@click.option("--field", default="result", show_default=True, help="The output value that is the label.")
@click.option(
    "--method",
    "methods",
    multiple=True,
    metavar="NAME[:PARAM=VALUE,…]",
    help="May be given several times.  [default: DawidSkene and MajorityVote]",
)
@click.option("--truth", type=click.Path(path_type=Path), help="CSV of true labels: task or key, label.")
@click.option("--without-banned", is_flag=True, help="Leave out the answers of performers who are banned now.")
@click.option("--fee", type=Amount(0), help="The platform's, added to costs.  [default: CROWDHOOK_FEE, 0.3]")
@click.option("--insist", is_flag=True, help="Use a method that takes minutes or gigabytes on so many answers.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("labels"), show_default=True)
def aggregate(fee: float | None, **order: Any) -> None:
    """Make one label a task of the answers to PIPELINE, by each method, and compare the methods with what is known."""
    from rich.console import Console  # here and below: crowd-kit takes seconds to import

    from app.aggregating import Order, run

    settings = Settings.from_env(os.environ)
    costs = settings.fee if fee is None else fee
    run(settings, Order(fee=costs, **order), Console(), Console(stderr=True))


COMMANDS = (aggregate,)
