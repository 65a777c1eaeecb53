"""A ledger and folded answers in a real SQLite file, as a segmentation run leaves them, said in few words."""

from collections.abc import Collection, Sequence
from pathlib import Path

from app.boxes import Box, to_shape
from app.pipelines import find
from handlers.routing import Running
from store.migrations import migrate
from store.records import Answer, DecisionState, Event, Lesson, NewDecision, Outcome, Page, Route
from store.sqlite import SqliteStore

OUTLINING, CHECKING = "101", "102"
BOX = Box(0.25, 0.5, 0.5, 0.25)
LISTENER = Route("image-segmentation", "test", "settle")


class Ledger:
    def __init__(self, folder: Path) -> None:
        migrate(folder / "crowdhook.db")
        self.store = SqliteStore(folder / "crowdhook.db", lambda: 1.0)
        pipeline = find("image-segmentation")
        pools = {"outlining": OUTLINING, "checking": CHECKING}
        self.running = Running(pipeline, "test", pipeline.settings(max_rounds=2), pools)
        self.events = 0

    def record(
        self,
        *decisions: NewDecision,
        state: DecisionState = DecisionState.DONE,
        lessons: Collection[Lesson] = (),
    ) -> int:
        """Let one event decide all of these, carry them out, and return its seq."""
        self.events += 1
        event = Event(f"event-{self.events}", "ITEMS_ADDED", OUTLINING, float(self.events), source="crowdhook")
        self.store.append([(b"{}", [event])])
        self.store.route(lambda _: [LISTENER])
        taken = self.store.claim("test", 60.0)
        assert taken is not None
        lane, (delivery,) = taken
        caused = [(delivery.id, each) for each in decisions]
        for written in self.store.decide(lane, [delivery.id], caused, lessons, float(self.events)):
            held = self.store.hold_lane(written.lane, "test", 60.0)
            assert held is not None
            if written.state is not DecisionState.SUPERSEDED:
                result = {"task_id": written.key.rsplit(":", 1)[-1]} if written.kind == "ask" else {}
                self.store.settle(held, [Outcome(written.id, state, result)], [])
        return delivery.event_seq

    def page(self, assignment_id: str, *answers: Answer, status: str = "SUBMITTED", **more: object) -> None:
        """Fold a page of outlines, by its performer `p-<assignment>`."""
        self._fold(OUTLINING, assignment_id, answers, status, **more)

    def votes(self, assignment_id: str, *answers: Answer, user_id: str, reward: float = 0.01) -> None:
        """Fold a page of votes, accepted as such pages are."""
        self._fold(CHECKING, assignment_id, answers, "ACCEPTED", user_id=user_id, reward=reward)

    def _fold(self, pool_id: str, assignment_id: str, answers: Sequence[Answer], status: str, **more: object) -> None:
        self.events += 1
        shown: dict[str, object] = {"user_id": f"p-{assignment_id}", "reward": 0.05, "created": 1.0}
        shown |= {"submitted": float(self.events), "reviewed": None}
        placed = tuple(_placed(each, assignment_id, at) for at, each in enumerate(answers))
        page = Page(
            assignment_id=assignment_id,
            pool_id=pool_id,
            status=status,
            answers=placed,
            **(shown | more),  # type: ignore[arg-type]
        )
        self.store.fold([page])


def ask(item: str, task_id: str, round: int = 1) -> NewDecision:
    """An outline is asked for; its task gets the id `task_id`."""
    payload = {"input": {"item": item, "round": round}, "overlap": 1, "unavailable_for": [], "generation": round}
    return NewDecision(f"ask:{OUTLINING}:{task_id}", "ask", OUTLINING, payload)


def question(assignment_id: str, task_id: str) -> NewDecision:
    """A question about an outline is asked; its task gets the id `q-<task>`."""
    payload = {"input": {}, "overlap": 3, "unavailable_for": [], "generation": 0}
    key = f"ask:{CHECKING}:q-{task_id}"
    return NewDecision(key, "ask", CHECKING, payload, assignment_id=assignment_id, task_id=task_id)


def more_votes(task_id: str, overlap: int = 4) -> NewDecision:
    payload = {"task_id": f"q-{task_id}", "overlap": overlap}
    return NewDecision(f"votes:q-{task_id}:{overlap}", "votes", CHECKING, payload, task_id=f"q-{task_id}")


def accept(assignment_id: str, *anew: str) -> NewDecision:
    return _about("accept", f"verdict:{assignment_id}", assignment_id, {"anew": list(anew)}, "they say right")


def reject(assignment_id: str, comment: str = "Picture 1: a box is not tight.") -> NewDecision:
    return _about("reject", f"verdict:{assignment_id}", assignment_id, {"comment": comment}, "they say wrong")


def appeal(assignment_id: str) -> NewDecision:
    return _about("appeal", f"appeal:{assignment_id}:1", assignment_id, {}, "it was right after all")


def hold(assignment_id: str, occasion: int = 3) -> NewDecision:
    return _about("hold", f"hold:{assignment_id}:{occasion}", assignment_id, {}, "they do not agree")


def outline(item: str, task_id: str, *boxes: Box, round: int = 1) -> Answer:
    """What a performer drew on one image of his page."""
    output = {"result": [to_shape(box) for box in boxes]} if boxes else {"nothing": True}
    return Answer("", task_id, 0, {"item": item, "round": round}, output)


def vote(assignment_id: str, task_id: str, wrong: str = "") -> Answer:
    """What a verifier said of one outline: right, or what is wrong."""
    output = {"verdict": "BAD", "wrong": wrong} if wrong else {"verdict": "OK"}
    about = {"subject_assignment_id": assignment_id, "subject_task_id": task_id}
    return Answer("", f"q-{task_id}", 0, {}, output, **about)


def _about(kind: str, key: str, assignment_id: str, payload: dict[str, object], reason: str) -> NewDecision:
    return NewDecision(key, kind, OUTLINING, payload, assignment_id=assignment_id, reason=reason)


def _placed(answer: Answer, assignment_id: str, position: int) -> Answer:
    return Answer(
        assignment_id=assignment_id,
        task_id=answer.task_id,
        position=position,
        input=answer.input,
        output=answer.output,
        subject_assignment_id=answer.subject_assignment_id,
        subject_task_id=answer.subject_task_id,
    )
