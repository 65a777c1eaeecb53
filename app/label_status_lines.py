"""The numbers of a labelling, as a person reads them."""

from collections.abc import Iterator

from app.label_status import LabelStatus
from app.status_lines import Group, Line, last_groups, pool_lines, spending_lines
from app.worries import many


def label_groups(told: LabelStatus) -> Iterator[Group]:
    """Yield the groups of a labelling's status."""
    yield "Progress", _progress(told)
    yield "Control tasks", _controls(told)
    yield "Money, in dollars", spending_lines(told.spending)
    yield "Pools", pool_lines(told)
    yield from last_groups(told)


def _progress(told: LabelStatus) -> Iterator[Line]:
    numbers = told.labelling
    yield "images", f"{numbers.images}, {numbers.asked} of them asked about, {numbers.complete} with all their answers"
    yield "answers", f"{numbers.answers} of {numbers.wanted}, by {many(numbers.performers, 'performer')}"
    if numbers.agreement is not None:
        yield "agreement", f"{100 * numbers.agreement:.0f} % of the answers are what most say of their image"
    made = told.made
    if made is None:
        yield "labels", "none yet: they are made when the main pool closes with all its work done"
    else:
        published = "published" if made.published else "not published"
        undecided = f", {made.undecided} undecided" if made.undecided else ""
        yield "labels", f"{made.tasks} by {made.method} of {made.answers} answers{undecided}; {published}"


def _controls(told: LabelStatus) -> Iterator[Line]:
    numbers = told.labelling
    if not numbers.control_tasks:
        return
    right = f", {100 * numbers.control_right / numbers.control_answers:.0f} % right" if numbers.control_answers else ""
    yield "answers", f"{numbers.control_answers} on {many(numbers.control_tasks, 'task')}{right}"
    yield "in doubt", many(len(numbers.doubts), "task") if numbers.doubts else "none"
