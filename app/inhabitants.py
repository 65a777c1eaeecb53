"""Who lives in `crowdhook simulator`, and what they answer: a drawn crowd, a described one, or recorded people."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.crowds import SegmentationPeople, UnknownProject
from app.datasets import load
from app.labelled import read_known
from app.labellers import Labellers
from app.looking import Eyes
from app.own_answers import named
from app.recorded_votes import read_votes
from simulator.crowd.crowd_file import read_crowd
from simulator.crowd.performers import Answers, Crowd, Performer, Population, answers_as_imagined
from simulator.crowd.recorded import Recorded, Vote
from store.errors import CrowdhookError

OPTIONS = ("seed", "performers", "accuracy", "crowd", "answers", "recorded", "dataset", "label", "classes")
"""The options of the command that say who lives there."""
DEFAULTS = {"performers": 60, "accuracy": 0.9}


class Contrary(CrowdhookError):
    """These options do not go together:"""


def inhabitants(seed: int, **chosen: Any) -> tuple[Population, Answers]:
    """Return who lives there and what they answer; `chosen` are the command's options, None where not given.

    Raises Contrary, BadCrowd, NoAnswers, WrongAnswers, and what data sets raise.
    """
    given = {name: value for name, value in chosen.items() if value is not None}
    _insist(given, "recorded", ("crowd", "answers", "dataset", "label", "classes", "replenish", *DEFAULTS))
    _insist(given, "crowd", tuple(DEFAULTS))
    _insist(given, "answers", ("dataset", "label", "classes"))
    if "label" in given and "dataset" not in given:
        raise Contrary("--label without --dataset.")
    given.pop("replenish", None)
    if "recorded" in given:
        recorded = _played_back(given["recorded"], seed)
        return recorded, recorded
    file, own = given.pop("crowd", None), given.pop("answers", None)
    who = {name: given.pop(name, usual) for name, usual in DEFAULTS.items()}
    crowd = read_crowd(file, seed) if file else Crowd(seed=seed, **who)
    return crowd, named(own) if own else answers(seed, **given)


def _insist(given: Mapping[str, Any], option: str, others: tuple[str, ...]) -> None:
    contrary = [f"--{name}" for name in others if name in given]
    if option in given and contrary:
        raise Contrary(f"--{option} and {', '.join(contrary)}.")


def _played_back(file: Path, seed: int) -> Recorded:
    votes = read_votes(file)
    return Recorded(votes, task_of=_named_in(votes), seed=seed)


def _named_in(votes: list[Vote]) -> Callable[[Mapping[str, Any]], str]:
    """Return how a task is known by its input values: one of them is the recorded name."""
    names = {vote.task for vote in votes}
    return lambda inputs: next((str(value) for _, value in sorted(inputs.items()) if str(value) in names), "")


def answers(seed: int, dataset: Path | None = None, label: str | None = None, classes: Path | None = None) -> Answers:
    """Return how people answer about images that they look at, else whatever a project allows, mostly all the same.

    They know the boxes of `dataset`, and the classes of the images in `classes`, which has a folder for each class.
    """
    outline = _outliners(seed, dataset, label) if dataset else answers_as_imagined
    choose = _labellers(classes) if classes else answers_as_imagined

    def answer(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        chooses = project["task_spec"]["output_spec"].get("result", {}).get("allowed_values")
        try:
            return (choose if chooses else outline)(task, project, performer)
        except UnknownProject:
            return answers_as_imagined(task, project, performer)

    return answer


def _outliners(seed: int, dataset: Path, label: str | None) -> Answers:
    items = load(dataset, label)
    eyes = Eyes({item.key: item.path for item in items if item.path is not None})
    return SegmentationPeople({item.key: item.truth for item in items}, seed, recognise=eyes)


def _labellers(folder: Path) -> Answers:
    names = [each.name for each in sorted(folder.iterdir()) if each.is_dir()] if folder.is_dir() else []
    known = read_known(folder, names).examples
    eyes = Eyes({each.key: each.path for each in known if each.path is not None})
    return Labellers({each.key: each.label or "" for each in known}, recognise=eyes)
