"""How a page is answered: what people say, what they are told on training tasks, and how known answers are marked."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from simulator import attachments, known
from simulator.performers import Performer
from simulator.spec import flaws_of
from simulator.state import Assignment, Json, Mark, Person, State, Task


class InvalidAnswer(ValueError):
    """A simulated performer's answer does not fit the project's output specification."""


class Given(NamedTuple):
    """An answer to one task: what was said first, and what the page was sent in with."""

    first: Json
    final: Json


def answer(state: State, page: Assignment) -> None:
    """Fill in a page's solutions, the first attempts where training tasks were got wrong, and the marks."""
    tasks = [state.tasks[identity] for identity in page.task_ids]
    given = list(_given(state, page, tasks))
    page.solutions = [{"output_values": each.final} for each in given]
    if any(each.first != each.final for each in given):
        page.attempts = [{"output_values": each.first} for each in given]
    page.marks = tuple(
        Mark(place, task.kind, known.credit(task.body, each.first))
        for place, (task, each) in enumerate(zip(tasks, given, strict=True))
        if task.kind != "real"
    )


def _given(state: State, page: Assignment, tasks: list[Task]) -> Iterator[Given]:
    """The answers in the order of the page; somebody who was told the right one knows it from the next task on."""
    project = state.project_of(state.pools[page.pool_id])
    shown, person = project.body | {"id": project.id}, state.people[page.user_id]
    for task in tasks:
        first = _ask(state, page, task, shown, _now(person, project.id))
        if task.kind == "training":
            yield Given(first, _corrected(task, first))
            person.taught.setdefault(project.id, []).append(known.best(task.body))
        else:
            yield Given(first, first)


def _now(person: Person, project_id: str) -> Performer:
    taught = person.taught.get(project_id)
    return replace(person.performer, taught=tuple(taught)) if taught else person.performer


def _corrected(task: Task, first: Json) -> Json:
    """What a training task ends with: the hint stays until the answer is right."""
    return first if known.credit(task.body, first) else first | known.best(task.body)


def _ask(state: State, page: Assignment, task: Task, project: Mapping[str, Any], performer: Performer) -> Json:
    asked = {"id": task.id, "pool_id": task.pool_id, "input_values": task.body["input_values"]}
    spec = project["task_spec"]["output_spec"]
    values = attachments.hand_in(state, page, task.id, state.answers(asked, project, performer), spec)
    wrong = flaws_of(values, spec, "output_values")
    if wrong:
        raise InvalidAnswer(f"answer to task {task.id} of project {project['id']}: {wrong}")
    return values
