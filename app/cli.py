"""The command line: thin commands, one line for each error."""

import os
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from app.aggregate_commands import COMMANDS as AGGREGATING
from app.amounts import SHARE, Amount
from app.config import Settings
from app.data_commands import COMMANDS as DATA
from app.held_commands import COMMANDS as HELD_WORK
from app.live_commands import COMMANDS as GOING_LIVE
from app.logs import to_stderr
from app.operating_commands import COMMANDS as OPERATING
from app.rehearse_commands import COMMANDS as REHEARSING
from app.subscribe_commands import COMMANDS as SUBSCRIPTIONS
from handlers.verdict import Policy
from store.errors import CrowdhookError


class Commands(click.Group):
    """A group whose commands end with one line and status 2 when something is wrong."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; wrong options, our own errors and the system's are told in one line, without a traceback."""
        sys.path.append(str(Path.cwd()))  # a pipeline may be a module of the present folder
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # whoever read the output has gone; click ends without a word
            raise
        except click.UsageError as error:
            click.echo(f"crowdhook: {error.format_message()}", err=True)
            sys.exit(2)
        except (CrowdhookError, OSError) as error:
            click.echo(f"crowdhook: {_in_words(error)}", err=True)
            sys.exit(2)


def _in_words(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    return str(error)


@click.group(cls=Commands)
@click.version_option(package_name="crowdhook")
def main() -> None:
    """Run crowdsourcing pipelines on Toloka by events, and rehearse them before they cost anything."""


for each in (*AGGREGATING, *DATA, *GOING_LIVE, *HELD_WORK, *OPERATING, *REHEARSING, *SUBSCRIPTIONS):
    main.add_command(each)


@main.command()
def serve() -> None:
    """Receive Toloka's notifications and work on them: web and worker, kept alive until SIGTERM."""
    from app.serve import serve as serve_both

    settings = Settings.from_env(os.environ)
    to_stderr(settings)
    serve_both(settings)


@main.command()
def work() -> None:
    """Run one worker alone."""
    from app.worker import work as run_worker
    from store.migrations import migrate

    settings = Settings.from_env(os.environ)
    to_stderr(settings)
    settings.require_token()
    migrate(settings.database)
    run_worker(settings)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True)
@click.option("--speed", type=float, help="Platform seconds a second, at most 10000.  [default: 1]")
@click.option("--instant", is_flag=True, help="Opening a pool finishes the crowd's work first.")
@click.option("--start", type=click.DateTime(), help="Platform time at the start, UTC; not later than now.")
@click.option("--faults", type=click.Path(path_type=Path), help="TOML file of what goes wrong.")
@click.option("--fault", "more", multiple=True, metavar="KIND=RATE[,NAME=VALUE…]", help="One thing that goes wrong.")
@click.option("--requests", type=click.Path(path_type=Path), help="Write what is asked here, as JSON lines.")
@click.option("--no-quotas", is_flag=True, help="Any number of requests, tasks, pools … in a time.")
@click.option("--performers", type=click.IntRange(1), help="Simulated people.  [default: 60]")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--accuracy", type=SHARE, help="Of careful people.  [default: 0.9]")
@click.option("--crowd", type=click.Path(path_type=Path), help="TOML file of who lives there, and how they work.")
@click.option("--answers", metavar="MODULE:FUNCTION", help="What they answer: answer(task, project, performer).")
@click.option("--recorded", type=click.Path(path_type=Path), help="CSV of answers to be played back.")
@click.option(
    "--replenish",
    type=click.IntRange(1),
    is_flag=False,
    flag_value=1000,
    help="Fresh people come when nobody is left for open work, at most so many; without a number, 1000.",
)
@click.option("--dataset", type=click.Path(path_type=Path), help="People look at its images, and know its boxes.")
@click.option("--label", help="Class of the data set that is to be outlined.")
@click.option("--classes", type=click.Path(path_type=Path), help="A folder for each class: people know its images.")
@click.option("--state", type=click.Path(path_type=Path, dir_okay=False), help="Keep the world in this file.")
def simulator(replenish: int | None, **options: Any) -> None:
    """Run a Toloka of your own: toloka.TolokaClient(token, url="http://127.0.0.1:8090")."""
    from app.inhabitants import OPTIONS, inhabitants
    from app.simulating import Manner, run

    who = {name: options.pop(name) for name in OPTIONS}
    crowd, answers = inhabitants(replenish=replenish, **who)
    run(crowd, answers, Manner(replenish=replenish, who=who, **options))


@main.command()
@click.argument("pipeline")
@click.option("--run", help="Name of the run; may be left out when the pipeline has only one.")
@click.option("--format", required=True, help="Outlines: coco, csv, jsonl, voc, sheets; labels: csv, jsonl, parquet, …")
@click.option("--status", "statuses", multiple=True, help="Only images that ended so; may be given several times.")
@click.option("--truth", type=click.Path(path_type=Path), help="Of labels: CSV of true ones, task or key, label.")
@click.option("--method", help="Of labels: which method's.  [default: the run's own]")
@click.option("--dataset", type=click.Path(path_type=Path), help="Where the images are: for pixels and pictures.")
@click.option("--fee", type=Amount(0), help="Of outlines: the platform's, added to costs: 0.3 is 30 %.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A file; for voc and sheets a folder.")
def export(format: str, out: Path, **order: Any) -> None:
    """Write what a run of PIPELINE came to: boxes, votes, verdicts, costs; or labels; of all images by name."""
    from app.exporting import Order
    from app.exporting import export as export_results

    database = Settings.from_env(os.environ).database
    click.echo(export_results(Order(database=database, **order), format, out))


@main.command()
@click.argument("pipeline")
@click.option("--run", help="Name of the run; may be left out when the pipeline has only one.")
@click.option("--json", "as_json", is_flag=True, help="All of it, for programs.")
@click.option("--picture", type=click.Path(path_type=Path, dir_okay=False), help="Draw progress and spend as a PNG.")
@click.option("--fee", type=Amount(0), help="The platform's, added to costs.  [default: CROWDHOOK_FEE, 0.3]")
def status(pipeline: str, run: str | None, as_json: bool, picture: Path | None, fee: float | None) -> None:
    """Say how a run of PIPELINE stands: the worrying first, then progress, votes, refusals and money."""
    from app.status_report import run as report

    settings = Settings.from_env(os.environ)
    costs = settings.fee if fee is None else fee
    report(settings.database, pipeline, run, as_json=as_json, picture=picture, fee=costs)


def _policy_numbers(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for every number of the policy, such as --accept-at."""
    for each in reversed(fields(Policy)):
        option = f"--{each.name.replace('_', '-')}"
        command = click.option(option, type=each.type, default=each.default, show_default=True)(command)
    return command


@main.command()
@click.option("--votes", type=click.Path(path_type=Path), required=True, help="CSV: page, task, verifier, vote.")
@click.option("--truth", type=click.Path(path_type=Path), help="CSV: page, task, right.")
@click.option("--tasks-per-page", type=click.IntRange(1, 20), help="Required of every page; else as in the file.")
@click.option("--reward", type=Amount(0), default=0.01, show_default=True, help="Dollars a page of ten questions.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("policy"), show_default=True)
@_policy_numbers
def policy(
    votes: Path, truth: Path | None, tasks_per_page: int | None, reward: float, out: Path, **numbers: Any
) -> None:
    """Replay recorded votes through the pay policy and through others, and compare what they pay and refuse."""
    from app.replay_report import run

    run(votes, truth, tasks_per_page, reward, out, numbers)
