"""All that happened to a page, in order: events, votes, and decisions with their reasons."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from docs.examples.three_pages.judged import Judged
from store.records import Decision, Event
from webhooks.wording import by, was


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of what happened: at which platform time, whether an event, a vote or a decision, what, and why."""

    at: float
    kind: str
    what: str
    why: str


def happened(told: Judged, anew: Sequence[Decision], notes: Mapping[str, str]) -> list[Moment]:
    """Return what happened to a page; `anew` asks for its images in the next round, `notes` say what rules are for."""
    moments = [
        *(Moment(line.event.event_time, "event", *_event(line.event)) for line in told.story.file.events),
        *_asking(told, anew, notes),
        *_voting(told),
        *(
            Moment(each.decided_at, "decision", was(each), f"{by(each)}: {each.reason}")
            for each in told.story.decisions
        ),
    ]
    return sorted(moments, key=lambda moment: (moment.at, moment.kind))  # a decision, then the event that it leads to


def tasks_named(numbers: Iterable[int]) -> str:
    """Name tasks by their numbers: `task 2`, `tasks 2, 3`."""
    named = sorted(numbers)
    return ("task " if len(named) == 1 else "tasks ") + ", ".join(map(str, named))


def _event(event: Event) -> tuple[str, str]:
    return f"`{event.type}`", f"told by a {event.source}"


def _asking(told: Judged, anew: Sequence[Decision], notes: Mapping[str, str]) -> Iterator[Moment]:
    """Gather what was decided at one time for one reason; an ask names a task or an image, a raise a question."""
    numbers = {task.task_id: task.number for task in told.story.tasks}
    numbers |= {str(answer.input["item"]): numbers[answer.task_id] for answer in told.page.answers}
    asks = [each for each in told.story.asking if each.kind == "ask"]
    numbers |= {str(each.result["task_id"]): numbers[str(each.task_id)] for each in asks}

    def number(asking: Decision) -> int:
        return numbers[str(asking.payload.get("input", {}).get("item") or asking.task_id)]

    decided = sorted([*told.story.asking, *anew], key=lambda each: (each.decided_at, _words(each)))
    for (at, words), group in groupby(decided, lambda each: (each.decided_at, _words(each))):
        members = list(group)
        why = members[0].reason or notes[f"handler:{members[0].pipeline}:{members[0].handler}"]
        yield Moment(at, "decision", f"{words}: {tasks_named(map(number, members))}", f"{by(members[0])}: {why}")


def _words(asking: Decision) -> str:
    if asking.kind == "votes":
        return "One more vote asked for"
    asked = asking.payload["input"]
    if "round" in asked:
        return f"Asked anew of somebody else, round {asked['round']}"
    return f"{asking.payload['overlap']} votes asked for on each"


def _voting(told: Judged) -> Iterator[Moment]:
    """Gather the votes that one person gave on one page of questions."""
    votes = [(voting, task.number, vote) for task in told.story.tasks for voting, vote in task.votes]
    ordered = sorted(votes, key=lambda each: (each[0].submitted or 0.0, each[0].assignment_id, each[1]))
    for page, group in groupby(ordered, lambda each: each[0]):
        said = ", ".join(f"task {number} {(vote.output or {}).get('verdict')}" for _, number, vote in group)
        yield Moment(page.submitted or 0.0, "votes", said, f"`{page.user_id}` on `{page.assignment_id}`")
