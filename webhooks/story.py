"""What is known of one assignment, put in the order in which a person asks for it."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from store.assignments import AssignmentFile
from store.records import Answer, Attempt, Decision, DecisionState, Event, Page

_ASKING = ("ask", "votes")
_NOT_IN_FORCE = (DecisionState.SUPERSEDED, DecisionState.RECALLED, DecisionState.FAILED)
_REVIEWED = {"ASSIGNMENT_REJECTED": ("reject",), "ASSIGNMENT_APPROVED": ("accept", "appeal")}


@dataclass(frozen=True, slots=True)
class Task:
    """One task of an assignment: what was answered, and what others said of that answer."""

    number: int  # as its performer counts, from 1 on
    task_id: str
    answer: Answer | None  # None when the assignment itself is not known
    wanted: int  # votes asked for so far; 0: nobody was asked
    votes: tuple[tuple[Page, Answer], ...]  # oldest first
    anew: bool = False  # paid for, but no result: it is asked anew
    truth: bool | None = None  # of a control question: whether what it shows is right

    @property
    def tally(self) -> dict[str, int]:
        """Count the votes by what they say, the most said first."""
        said = ((vote.output or {}).get("verdict") for _, vote in self.votes)
        return dict(Counter(str(each) for each in said if each is not None).most_common())


@dataclass(frozen=True, slots=True)
class Story:
    """An assignment with its tasks, the decisions by which it stands, and those that only asked."""

    file: AssignmentFile
    tasks: tuple[Task, ...]
    decisions: tuple[Decision, ...]  # verdicts, holds, recalls, appeals: oldest first
    asking: tuple[Decision, ...]  # questions and more votes: oldest first
    is_control: bool = False  # nobody's work: a question whose truth is known

    def tries(self, decision: Decision) -> tuple[Attempt, ...]:
        """Return the attempts at carrying a decision out, those of its call too, oldest first."""
        return tuple(each for each in self.file.attempts if _tried(each, decision))


def story(file: AssignmentFile) -> Story:
    """Tell an assignment's story."""
    asking = tuple(each for each in file.decisions if each.kind in _ASKING)
    return Story(
        file=file,
        tasks=tuple(_tasks(file, asking)),
        decisions=tuple(each for each in file.decisions if each.kind not in _ASKING),
        asking=asking,
        is_control=any("truth" in each.payload for each in asking),
    )


def reason_for(event: Event, file: AssignmentFile) -> Decision | None:
    """Return the decision that an event about an assignment shows the effect of, or else by which it stands now."""
    kinds = _REVIEWED.get(event.type)
    if kinds is None:
        return file.standing
    return next((each for each in reversed(file.decisions) if _stood(each, kinds)), None)


def _tried(attempt: Attempt, decision: Decision) -> bool:
    of_call = attempt.call_id is not None and attempt.call_id == decision.call_id
    return of_call or attempt.decision_id == decision.id


def _stood(decision: Decision, kinds: Collection[str]) -> bool:
    return decision.kind in kinds and decision.state not in _NOT_IN_FORCE


def _tasks(file: AssignmentFile, asking: Iterable[Decision]) -> Iterable[Task]:
    """Return the tasks in the order of the page; where there is no page, those that were asked about."""
    asks = [each for each in asking if each.kind == "ask"]
    raises = [each for each in asking if each.kind == "votes" and _stood(each, _ASKING)]
    anew = file.standing.payload.get("anew", ()) if file.standing else ()
    answers = {answer.task_id: answer for answer in file.page.answers} if file.page else {}
    asked = [each.task_id for each in asks] + [vote.subject_task_id for _, vote in file.votes]
    for number, task_id in enumerate(dict.fromkeys([*answers, *filter(None, asked)]), 1):
        about = [each for each in asks if each.task_id == task_id and _stood(each, _ASKING)]
        yield Task(
            number=number,
            task_id=task_id,
            answer=answers.get(task_id),
            wanted=sum(_overlap(each, raises) for each in about),
            votes=tuple(vote for vote in file.votes if vote[1].subject_task_id == task_id),
            anew=task_id in anew,
            truth=next((each.payload["truth"] for each in about if "truth" in each.payload), None),
        )


def _overlap(ask: Decision, raises: Iterable[Decision]) -> int:
    """Return how many votes a question wants by now."""
    task_id = ask.result.get("task_id")
    raised = [int(each.payload["overlap"]) for each in raises if each.task_id == task_id]
    return max(int(ask.payload.get("overlap", 1)), *raised, 1)
