"""The commands that bring a run to life: set up, start, pause, resume, stop."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.amounts import DOLLARS
from app.config import Settings

RUN = "Name of the run; may be left out when the pipeline has only one."


@click.command()
@click.argument("pipeline")
@click.option("--run", default="main", show_default=True, help="Name of the run; each has pools of its own.")
@click.option("--dataset", help="What is to be done: a folder, a TSV or CSV file, or kaggle:OWNER/NAME.")
@click.option("--known", help="Examples whose boxes, or classes, are known: they teach, examine and keep watch.")
@click.option("--label", help="Class whose boxes the data sets know.")
@click.option("--limit", type=click.IntRange(1), help="At most so many images are to be done.")
@click.option("--left-out", type=click.Path(path_type=Path, dir_okay=False), help="CSV of what cannot be used.")
@click.option("--images", metavar="serve|s3://BUCKET/PREFIX", help="How performers reach images that are files here.")
@click.option("--public", is_flag=True, help="With a bucket: for everybody to see, at the bucket's own addresses.")
@click.option("--settings", "file", type=click.Path(path_type=Path), help="TOML file of the pipeline's settings.")
@click.option("--set", "chosen", multiple=True, metavar="NAME=VALUE", help="One setting, such as tasks_per_page=5.")
@click.option("--schema", is_flag=True, help="Say what the settings may be, as a JSON Schema, and do nothing.")
@click.option("--apply", is_flag=True, help="Change what stands otherwise than declared.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def setup(
    file: Path | None,
    chosen: tuple[str, ...],
    yes: bool,
    schema: bool,
    dataset: str | None,
    known: str | None,
    label: str | None,
    limit: int | None,
    **order: Any,
) -> None:
    """Create what PIPELINE needs on Toloka, and give it its images. Nothing is asked or paid before `start`."""
    from rich.console import Console  # here and below: toloka-kit takes seconds to import

    from app.kaggle_sets import local
    from app.material import Data
    from app.orders import values_of
    from app.pipelines import find
    from app.setting_up import Order, set_up
    from app.settings_schema import schema_of

    if schema:
        click.echo(json.dumps(schema_of(find(order["pipeline"]).settings), indent=2))
        return
    settings = Settings.from_env(os.environ)
    places = {"dataset": dataset, "known": known}
    paths = {name: local(place, settings.cache) for name, place in places.items() if place}
    data = Data(**paths, label=label, limit=limit, base=file.parent if file else Path())
    made = set_up(
        settings,
        Order(values=values_of(file, chosen), data=data, **order),
        Console(),
        lambda: yes or click.confirm("Create this?", default=False),
    )
    for role, pool_id in made.pool_ids.items():
        click.echo(f"pool {role}: {pool_id}")
    click.echo(f"Set up. Next: crowdhook serve, crowdhook subscribe, crowdhook start {order['pipeline']} --cap DOLLARS")


def _about_a_run(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.argument("pipeline"),
        click.option("--run", help=RUN),
        click.option("--who", help="Who says so.  [default: the user of this machine]"),
    ):
        command = option(command)
    return command


def _do(act: str, pipeline: str, run: str | None, who: str | None, *given: Any) -> None:
    from app.control import at_the_desk
    from app.held_work import os_user

    with at_the_desk(Settings.from_env(os.environ), pipeline, run, who or os_user()) as desk:
        for line in getattr(desk, act)(*given):
            click.echo(line)


@click.command()
@_about_a_run
@click.option("--cap", type=DOLLARS, required=True, help="Dollars that the run may cost in all, fee included.")
@click.option("--daily-cap", type=DOLLARS, help="Dollars that it may cost in a day (UTC).")
def start(pipeline: str, run: str | None, who: str | None, cap: float, daily_cap: float | None) -> None:
    """Let a run of PIPELINE spend money, up to a cap; said again, it changes the cap."""
    from app.control import Caps

    _do("start", pipeline, run, who, Caps(cap, daily_cap))


@click.command()
@_about_a_run
def pause(**about: Any) -> None:
    """Ask nothing new; what was asked goes on, and verdicts go out."""
    _do("pause", **about)


@click.command()
@_about_a_run
def resume(**about: Any) -> None:
    """Go on after a pause or a stop, with the caps that were set."""
    _do("resume", **about)


@click.command()
@_about_a_run
def stop(**about: Any) -> None:
    """Ask nothing new and close the pools; verdicts still go out."""
    _do("stop", **about)


@click.command()
@_about_a_run
@click.option("--remove-uploads", is_flag=True, help="Delete its uploads; its images are shown to nobody any more.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def destroy(pipeline: str, run: str | None, who: str | None, remove_uploads: bool, yes: bool) -> None:
    """Put a run of PIPELINE away: stopped, not subscribed, archived. Its results stay in the database."""
    from app.control import at_the_desk
    from app.held_work import os_user
    from app.images import withdraw
    from app.runs import NotAgreed
    from app.teardown import Teardown

    settings = Settings.from_env(os.environ)
    with at_the_desk(settings, pipeline, run, who or os_user()) as desk:
        teardown = Teardown(desk, settings)
        for line in teardown.remains():
            click.echo(line)
        if not yes and not click.confirm("Put this away?", default=False):
            raise NotAgreed
        for line in teardown.put_away():
            click.echo(line)
        if remove_uploads:
            gone = withdraw(desk.store, settings, desk.running.pipeline.name, desk.running.run)
            click.echo(f"  {gone} images: nothing is shown at their addresses any more")


COMMANDS = (setup, start, pause, resume, stop, destroy)
