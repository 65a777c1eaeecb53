"""`crowdhook rehearse`: its options, those of any pipeline and those of one alone; foreign ones are refused."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from app.amounts import DOLLARS, SHARE, Amount
from app.config import Settings
from handlers.verdict import Policy
from simulator.crowd.performers import KINDS_OF_PEOPLE
from simulator.faults.file import read_plan
from store.errors import CrowdhookError

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path)

ANY: Sequence[click.Parameter] = (
    click.Argument(["pipeline"]),
    click.Option(["--out"], type=FOLDER, default=Path("rehearsal"), show_default=True),
    click.Option(
        ["--dataset"],
        help="Folder (VOC, COCO or images; known examples in class-named folders), TSV/CSV, or kaggle:owner/name.",
    ),
    click.Option(["--limit"], type=click.IntRange(1), help="At most so many images."),
    click.Option(["--performers"], type=click.IntRange(4), help="Simulated people."),
    click.Option(["--crowd"], type=FILE, help="TOML file of who lives there, and how they work."),
    click.Option(["--seed"], type=int, default=0, show_default=True),
    click.Option(["--accuracy"], type=SHARE, help="Of careful people.  [default: 0.9; 0.92 who classify]"),
    click.Option(
        ["--careless"], type=SHARE, help="Share who flip a coin, or look half as well.  [default: 0; 0.1 who classify]"
    ),
    click.Option(["--cap"], type=DOLLARS, help="Dollars that it may cost, fee included."),
    click.Option(["--daily-cap"], type=DOLLARS, help="Dollars that it may cost in a day."),
    click.Option(["--repeat"], is_flag=True, help="Send every notification twice."),
    click.Option(["--shuffle"], is_flag=True, help="Shuffle the notifications of each tick."),
    click.Option(["--lose"], type=SHARE, default=0.0, help="Share of notifications that never arrive."),
    click.Option(
        ["--faults"],
        type=FILE,
        callback=lambda ctx, parameter, file: _faults(file),
        help="TOML file of what goes wrong with requests and notifications.",
    ),
    click.Option(["--serve"], is_flag=True, help="Keep the event log's pages up afterwards, until Ctrl-C."),
)
OF: Mapping[str, Sequence[click.Parameter]] = {
    "image-segmentation": (
        click.Option(["--label"], help="Class to be outlined; without it, every annotated object."),
        click.Option(["--seeds"], type=click.IntRange(1), default=1, help="So many runs, from --seed on, added up."),
        click.Option(
            ["--outline-accuracy"], type=SHARE, default=0.8, show_default=True, help="Share of outlines drawn right."
        ),
        click.Option(["--always-yes"], type=SHARE, default=0.0, help="Share of verifiers who always say yes."),
        click.Option(["--always-no"], type=SHARE, default=0.0, help="Share of verifiers who always say no."),
        click.Option(
            ["--tasks-per-page"], type=click.IntRange(1, 20), default=1, show_default=True, help="Images on a page."
        ),
        click.Option(
            ["--refuse"],
            type=click.Choice(["earned", "proposed", "always", "unguarded"]),
            help="May the rule refuse without a person? With a --desk: once it has earned it; without: unguarded.",
        ),
        click.Option(["--controls"], type=Amount(0, 0.5), default=0.1, show_default=True, help="Share of questions."),
        click.Option(
            ["--policy"],
            multiple=True,
            metavar="NAME=NUMBER",
            callback=lambda ctx, parameter, texts: _numbers(texts),
            help="A number of the pay policy.",
        ),
        click.Option(
            ["--desk"], type=click.Choice(["truth"]), help="A simulated person decides held pages by the truth."
        ),
        click.Option(["--desk-rate"], type=DOLLARS, default=60.0, show_default=True, help="Pages an hour."),
        click.Option(["--max-rounds"], type=click.IntRange(1), default=5, show_default=True, help="For one image."),
    ),
    "image-classification": (
        click.Option(["--settings", "file"], type=FILE, help="TOML file of the pipeline's settings."),
        click.Option(["--set", "values"], multiple=True, metavar="NAME=VALUE", help="One setting, such as overlap=5."),
        click.Option(
            ["--guesser"], type=SHARE, default=0.08, show_default=True, help="Share of people who choose anything."
        ),
        click.Option(
            ["--cheater"],
            type=SHARE,
            default=0.05,
            show_default=True,
            help="Share of people who always choose the first class, in seconds.",
        ),
        click.Option(
            ["--confusions"],
            type=FILE,
            help="CSV of what people take classes for: performer (number, or * for others), truth, label, chance.",
        ),
        click.Option(
            ["--images"],
            metavar="serve|s3://BUCKET/PREFIX",
            help="Make images reachable as on an account; without it, the simulator shows them.",
        ),
        click.Option(["--public"], is_flag=True, help="With a bucket: for everybody to see."),
        click.Option(
            ["--votes"], type=FILE, help="CSV of recorded answers to be played back: task, performer, label[, seconds]."
        ),
        click.Option(["--truth"], type=FILE, help="CSV of their true labels: task or key, label."),
    ),
}
DESCRIBED = ("performers", "accuracy", "careless", "always_yes", "always_no", "guesser", "cheater")
NOT_PLAYED_BACK = ("dataset", "limit", "crowd", *DESCRIBED, "confusions", "images", "public")


class ForeignOption(CrowdhookError):
    """This option makes no sense here:"""


class Rehearse(click.Command):
    """A command whose help shows apart which options go with which pipeline."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of any pipeline, then those of each one."""
        _, *shared = ANY
        shown = {"Options": [*shared, *self.get_params(ctx)[-1:]], **{f"Options of {name}": OF[name] for name in OF}}
        for title, options in shown.items():
            with formatter.section(title):
                formatter.write_dl([each for each in (option.get_help_record(ctx) for option in options) if each])


@click.command(cls=Rehearse, params=[*ANY, *(option for options in OF.values() for option in options)])
@click.pass_context
def rehearse(ctx: click.Context, /, pipeline: str, serve: bool, dataset: str | None, **chosen: Any) -> None:
    """Rehearse PIPELINE from nothing to quiescence on a simulated Toloka; nothing is spent."""
    from app import rehearsing  # toloka-kit takes seconds to import
    from app.kaggle_sets import local

    name = rehearsing.rehearsable(pipeline)
    for complaint in _misplaced(ctx, name):
        raise ForeignOption(complaint)
    own = {each.name for each in (*ANY, *OF[name])}
    options = {option: value for option, value in chosen.items() if option in own}
    if sum(options.get(kind) or 0.0 for kind in KINDS_OF_PEOPLE) > 1:
        raise click.UsageError("the shares of kinds of people add up to more than 1.")
    options["dataset"] = local(dataset, Settings.from_env(os.environ).cache) if dataset else None
    rehearsing.run(name, serve, options)


def _misplaced(ctx: click.Context, pipeline: str) -> Iterator[str]:
    """Yield what is wrong about the options that were given, each in one line."""
    given = {each.name: each.opts[0] for each in ctx.command.params if _was_given(ctx, each)}
    for other, options in OF.items():
        for each in options:
            if other != pipeline and each.name in given:
                yield f"{given[each.name]} is for {other}."
    if "votes" in given:
        yield from (f"{given[each]} does not go with --votes." for each in NOT_PLAYED_BACK if each in given)
    elif "crowd" in given:
        yield from (f"{given[each]} does not go with --crowd." for each in DESCRIBED if each in given)
    if "truth" in given and "votes" not in given:
        yield "--truth goes with --votes; --dataset knows the truth."
    if "label" in given and "dataset" not in given:
        yield "--label names a class of --dataset, which is missing."


def _faults(file: Path | None) -> Path | None:
    """Read a plan of faults before anything is begun; raises BadFaults."""
    if file is not None:
        read_plan(file)
    return file


def _numbers(texts: Sequence[str]) -> dict[str, float]:
    """Read numbers of the policy, given as NAME=NUMBER."""
    types = {each.name.replace("_", "-"): each for each in fields(Policy)}
    numbers: dict[str, float] = {}
    for text in texts:
        name, _, value = text.partition("=")
        known = types.get(name.replace("_", "-"))
        try:
            if known is None:
                raise ValueError
            numbers[known.name] = int(value) if known.type is int else float(value)
        except ValueError as error:
            names = ", ".join(types)
            raise click.BadParameter(f"{text!r} is not NAME=NUMBER with one of {names}.") from error
    return numbers


def _was_given(ctx: click.Context, parameter: click.Parameter) -> bool:
    return ctx.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE


COMMANDS = (rehearse,)
