"""The commands about held work: what waits for a person, and what the person says."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.config import Settings

RUN = "Name of the run; may be left out when the pipeline has only one."


def _about_pages(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command what all three acts need: the pages, the run, and who decides why."""
    for option in (
        click.argument("assignments", nargs=-1, required=True, metavar="ASSIGNMENT…"),
        click.option("--pipeline", default="image-segmentation", show_default=True),
        click.option("--run", help=RUN),
        click.option("--who", help="Who decides.  [default: the user of this machine]"),
        click.option("--why", default="", help="Kept with the decision; the performer does not read it."),
    ):
        command = option(command)
    return command


def _say(act: str, assignments: tuple[str, ...], pipeline: str, run: str | None, **said: Any) -> None:
    from app import held_work  # toloka-kit takes seconds to import

    word = held_work.Word(
        act=act,
        who=said["who"] or held_work.os_user(),
        why=said["why"],
        wrong=held_work.numbers(said.get("wrong", "")),
        reason=said.get("reason", ""),
    )
    held_work.say(Settings.from_env(os.environ), pipeline, run, assignments, word)


@click.command()
@click.argument("pipeline")
@click.option("--run", help=RUN)
@click.option("--pictures", type=click.Path(path_type=Path, file_okay=False), help="Folder for a PNG of each page.")
@click.option("--dataset", type=click.Path(path_type=Path), help="Where the images are; else only boxes are drawn.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, times in platform seconds.")
def held(pipeline: str, run: str | None, **shown: Any) -> None:
    """Show the pages of PIPELINE that wait for a person, the oldest deadline first."""
    from app import held_work

    held_work.show_held(Settings.from_env(os.environ), pipeline, run, **shown)


@click.command()
@_about_pages
@click.option("--wrong", default="", metavar="2,3", help="Pictures that are paid for but wrong: asked anew.")
def accept(**said: Any) -> None:
    """Pay pages. A page that was refused is paid by an appeal. Pictures that are not named wrong become results."""
    _say("accept", **said)


@click.command()
@_about_pages
@click.option("--wrong", default="", metavar="2,3", help="Pictures that are wrong; the comment names them.")
@click.option("--reason", default="", help="missed, loose, object, other, or the comment itself.")
def reject(**said: Any) -> None:
    """Refuse pages. Without --reason, their performers read what the proposed refusal or the votes say."""
    _say("reject", **said)


@click.command("ask-more")
@_about_pages
def ask_more(**said: Any) -> None:
    """Ask one more performer about each picture of the pages."""
    _say("ask-more", **said)


COMMANDS = (held, accept, reject, ask_more)
