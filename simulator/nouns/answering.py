"""How a page is answered: what people say, what they are told on training tasks, and how known answers are marked."""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from simulator.contents import known
from simulator.contents.spec import flaws_of
from simulator.crowd.performers import Performer
from simulator.nouns import attachments
from simulator.records.state import Assignment, Json, Mark, Person, State, Task

logger = logging.getLogger(__name__)


class InvalidAnswer(Exception):
    """What a person would say fits no project's output specification, or could not be found out: `flaw` says why."""

    def __init__(self, task_id: str, project_id: str, flaw: str) -> None:
        super().__init__(f"task {task_id} of project {project_id}: {flaw}")
        self.task_id, self.project_id, self.flaw = task_id, project_id, flaw


class AnswerRaised(InvalidAnswer):
    """The function that answers raised: `flaw` says what."""


class Given(NamedTuple):
    """An answer to one task: what was said first, and what the page was sent in with."""

    first: Json
    final: Json


def answer(state: State, page: Assignment) -> None:
    """Fill in a page's solutions, the first attempts where training tasks were got wrong, and the marks.

    Raises InvalidAnswer, and then fills in nothing.
    """
    tasks = [state.tasks[identity] for identity in page.task_ids]
    given = list(_given(state, page, tasks))
    state.people[page.user_id].done[state.pools[page.pool_id].project_id] += 1
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
    me = _now(person, shown)
    for task in tasks:
        told = me if task.kind == "real" else replace(me, truth=known.best(task.body))
        first = _ask(state, page, task, shown, told)
        if task.kind == "training":
            yield Given(first, _corrected(task, first))
            person.taught.setdefault(project.id, []).append(known.best(task.body))
            me = _now(person, shown)
        else:
            yield Given(first, first)


def _now(person: Person, project: Mapping[str, Any]) -> Performer:
    """The person as he answers now; those who share a voice answer as one who never learns."""
    me, identity, name = person.performer, project["id"], project["public_name"]
    alone = me.conduct.voice is None
    taught, pages = (tuple(person.taught.get(identity, ())), person.done[identity]) if alone else ((), 0)
    told = me.conduct.ability(name, None).accuracy
    accuracy = me.conduct.grown(me.accuracy if told is None else told, pages, len(taught))
    return replace(me, voice=me.conduct.voice, taught=taught, project=name, pages=pages, accuracy=accuracy)


def _corrected(task: Task, first: Json) -> Json:
    """What a training task ends with: the hint stays until the answer is right."""
    return first if known.credit(task.body, first) else first | known.best(task.body)


def _ask(state: State, page: Assignment, task: Task, project: Mapping[str, Any], performer: Performer) -> Json:
    asked = {"id": task.id, "pool_id": task.pool_id, "input_values": task.body["input_values"]}
    try:
        values = state.answers(asked, project, performer)
    except Exception as error:
        raised = AnswerRaised(task.id, project["id"], f"{type(error).__name__}: {error}")
        if (task.id, raised.flaw) not in state.raised:
            state.raised.add((task.id, raised.flaw))
            logger.exception("the answers function raised", extra={"task_id": task.id, "project_id": project["id"]})
        raise raised from error
    spec = project["task_spec"]["output_spec"]
    if isinstance(values, dict):
        values = attachments.hand_in(state, page, task.id, values, spec)
    flaw = _flaw(values, spec)
    if flaw:
        raise InvalidAnswer(task.id, project["id"], flaw)
    return values


def _flaw(values: object, spec: Mapping[str, Any]) -> str:
    """What is wrong with an answer, in words; "" when it fits."""
    if not isinstance(values, dict):
        return f"output values are a {type(values).__name__}, not a dict"
    try:
        json.dumps(values, allow_nan=False)
    except (TypeError, ValueError) as error:
        return f"output values are not JSON: {error}"
    return "; ".join(f"{path}: {each['message']}" for path, each in flaws_of(values, spec, "output_values").items())
