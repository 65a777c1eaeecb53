"""The data of a classification run: what is known and what is to be labelled, read and allotted."""

from dataclasses import dataclass, replace
from pathlib import Path

from app.allotment import Allotment, Numbers, allot, numbers_for
from app.labelled import classes_in, read_known, read_unknown
from handlers.classification_settings import Settings
from store.errors import CrowdhookError


class NoneOfTheClasses(CrowdhookError):
    """No known example is of any of the settings' classes, name them (--set 'classes=["A", "B"]'); classes are"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the data of a run are, and how many known tasks there are to be."""

    known: Path | None = None  # class-named folders, or a table with a column label; None: no more known tasks
    dataset: Path | None = None  # what is to be labelled; None: what of `known` is no training, exam or control task
    truth: Path | None = None  # true classes of the data set, for measuring only
    limit: int | None = None  # at most so many are labelled
    seed: int = 0


def read_tasks(chosen: Settings, sources: Sources) -> Allotment:
    """Read a run's data and draw its tasks; raises what data sets raise, NoneOfTheClasses, and TooFewKnown."""
    classes = [each.value for each in chosen.classes]
    if sources.known is None:
        return _unknown_alone(chosen, sources)
    known = read_known(sources.known, classes, chosen.input)
    if not known.examples:
        folders = ", ".join(classes_in(sources.known, classes, chosen.input)) or "none"
        raise NoneOfTheClasses(f"{', '.join(classes)}; those of {sources.known} are {folders}.")
    numbers = _numbers(chosen, sources, len(known.examples))
    if sources.dataset is None:
        allotted = allot(known.examples, None, numbers, sources.seed, sources.limit)
        return Allotment(allotted.tasks, (*known.left_out, *allotted.left_out))
    unknown = read_unknown(sources.dataset, classes, chosen.input, sources.truth, sources.limit)
    allotted = allot(known.examples, unknown.examples, numbers, sources.seed)
    return Allotment(allotted.tasks, (*known.left_out, *unknown.left_out, *allotted.left_out))


def _unknown_alone(chosen: Settings, sources: Sources) -> Allotment:
    if sources.dataset is None:
        return Allotment((), ())
    classes = [each.value for each in chosen.classes]
    unknown = read_unknown(sources.dataset, classes, chosen.input, sources.truth, sources.limit)
    allotted = allot((), unknown.examples, Numbers(0, 0, 0), sources.seed)
    return Allotment(allotted.tasks, unknown.left_out)


def _numbers(chosen: Settings, sources: Sources, known: int) -> Numbers:
    usual = numbers_for(chosen, known, alone=sources.dataset is None)
    if not chosen.examined:
        return usual
    given = {"training": chosen.training_count, "exam": chosen.exam_count, "control": chosen.control_count}
    return replace(usual, **{name: number for name, number in given.items() if number is not None})
