"""The command line: thin commands, one line for each error."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from app.config import Settings
from app.logs import to_stderr
from simulator.performers import Crowd
from store.errors import CrowdhookError


class Commands(click.Group):
    """A group whose commands end with one line and status 2 when something is wrong."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; our own errors and the system's are told in one line, without a traceback."""
        try:
            return super().invoke(ctx)
        except (CrowdhookError, OSError) as error:
            click.echo(f"crowdhook: {error}", err=True)
            sys.exit(2)


@click.group(cls=Commands)
@click.version_option(package_name="crowdhook")
def main() -> None:
    """Run crowdsourcing pipelines on Toloka by events, and rehearse them before they cost anything."""


SHARE = click.FloatRange(0.0, 1.0)


@main.command()
@click.argument("pipeline")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("rehearsal"), show_default=True)
@click.option("--dataset", type=click.Path(path_type=Path), help="Folder (VOC, COCO or images), or TSV/CSV.")
@click.option("--label", help="Class to be outlined; without it, every annotated object.")
@click.option("--limit", type=click.IntRange(1), help="At most so many images.")
@click.option("--performers", type=click.IntRange(4), help="Simulated people; by default a third of the images.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--seeds", type=click.IntRange(1), default=1, help="So many runs, from --seed on, added up.")
@click.option("--accuracy", type=SHARE, default=0.9, show_default=True, help="Of careful verifiers.")
@click.option("--outline-accuracy", type=SHARE, default=0.8, show_default=True, help="Share of outlines drawn right.")
@click.option("--careless", type=SHARE, default=0.0, help="Share of verifiers who flip a coin.")
@click.option("--always-yes", type=SHARE, default=0.0, help="Share of verifiers who always say yes.")
@click.option("--repeat", is_flag=True, help="Send every notification twice.")
@click.option("--shuffle", is_flag=True, help="Shuffle the notifications of each tick.")
@click.option("--lose", type=SHARE, default=0.0, help="Share of notifications that never arrive.")
@click.option("--serve", is_flag=True, help="Keep the event log's pages up afterwards, until Ctrl-C.")
def rehearse(pipeline: str, seeds: int, serve: bool, **chosen: Any) -> None:
    """Rehearse PIPELINE from nothing to quiescence on a simulated Toloka; nothing is spent."""
    from app import rehearsing  # here and below: toloka-kit takes seconds to import

    rehearsing.run(pipeline, seeds, serve, chosen)


@main.command()
def serve() -> None:
    """Receive Toloka's notifications and work on them: web and worker, kept alive until SIGTERM."""
    from app.serve import serve as serve_both

    to_stderr()
    serve_both(Settings.from_env(os.environ))


@main.command()
def work() -> None:
    """Run one worker alone."""
    from app.worker import work as run_worker
    from store.migrations import migrate

    to_stderr()
    settings = Settings.from_env(os.environ)
    settings.require_token()
    migrate(settings.database)
    run_worker(settings)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True)
@click.option("--speed", type=click.FloatRange(0, min_open=True), default=1.0, help="Platform seconds a second.")
@click.option("--instant", is_flag=True, help="Opening a pool finishes the crowd's work first.")
@click.option("--performers", type=click.IntRange(1), default=60, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--accuracy", type=SHARE, default=0.9, show_default=True)
def simulator(port: int, speed: float, instant: bool, performers: int, seed: int, accuracy: float) -> None:
    """Run a Toloka of your own: toloka.TolokaClient(token, url="http://127.0.0.1:8090")."""
    from app.simulating import run

    run(Crowd(performers=performers, seed=seed, accuracy=accuracy), port, speed, instant)
