"""How a labelling stands while it goes on: from the store alone, nothing is asked of the platform."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from app.labelling import ROLE, Labelling, labelling
from app.run_status import RunStatus, decisions_of, run_status
from app.worries import Weight, Worry, many, of_any_run
from handlers.routing import Running
from store.contract import Store
from store.records import Decision, DecisionState

BY_WORK = "COMPLETED"


@dataclass(frozen=True, slots=True)
class Made:
    """Labels that were made of the answers."""

    method: str
    tasks: int
    undecided: int
    answers: int  # that they were made of
    published: bool  # written as the run's results


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelStatus(RunStatus):
    """How a run of a classification stands at the platform time `now`."""

    labelling: Labelling
    made: Made | None  # the last ones; None: none were made yet


def label_status(store: Store, running: Running, now: float) -> LabelStatus:
    """Return how a labelling stands at platform time `now`."""
    decisions = decisions_of(store, running)
    shared = run_status(store, running, decisions, {}, now)
    return LabelStatus(
        **{each.name: getattr(shared, each.name) for each in fields(shared)},
        labelling=labelling(store, running, decisions),
        made=_made(decisions),
    )


def label_worries(status: LabelStatus) -> list[Worry]:
    """Return what is worrying about a labelling, the worst first."""
    return sorted([*of_any_run(status), *_not_final(status), *_doubts(status)], key=lambda worry: worry.weight)


def _not_final(status: LabelStatus) -> Iterator[Worry]:
    """Say what to do about a labelling that ended before it was complete."""
    main = next(each for each in status.pools if each.role == ROLE)
    numbers = status.labelling
    if main.status == "closed" and main.close_reason != BY_WORK and numbers.complete < numbers.images:
        missing = f"{numbers.complete} of {many(numbers.images, 'image')} have all their answers"
        text = f"nothing is published as final, {missing}; crowdhook resume {status.pipeline} opens all its pools again"
        yield Worry(Weight.STOPS, text)


def _doubts(status: LabelStatus) -> Iterator[Worry]:
    for each in status.labelling.doubts:
        yield Worry(Weight.WAITS, f"control task: {each}")


def _made(decisions: Sequence[Decision]) -> Made | None:
    done = [each for each in decisions if each.state is DecisionState.DONE]
    last = next((each for each in reversed(done) if each.kind == "aggregate"), None)
    if last is None:
        return None
    return Made(
        method=str(last.payload["method"]),
        tasks=int(last.result["tasks"]),
        undecided=int(last.result["undecided"]),
        answers=int(last.result["answers"]),
        published=any(each.kind == "publish" and each.id > last.id for each in done),
    )
