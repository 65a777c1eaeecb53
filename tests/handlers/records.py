"""Short ways to say the records that these tests speak of."""

from collections.abc import Mapping
from typing import Any

from handlers.pipeline import Buffer, Pipeline
from handlers.routing import Running
from store.records import Answer, Decision, DecisionState


def running(buffer: Buffer | None = None) -> Running:
    """A pipeline of two pools that nobody declared on any platform."""
    pipeline = Pipeline("small")
    pipeline.pool("work")
    pipeline.pool("checks", buffer=buffer)
    return Running(pipeline, "test", {}, {"work": "101", "checks": "102"})


def answer(assignment_id: str = "page", task_id: str = "task", **more: Any) -> Answer:
    return Answer(assignment_id, task_id, 0, {"question": "?"}, {"answer": "yes"}, **more)


def waiting(
    number: int, due_at: float | None = 100.0, kind: str = "ask", inputs: Mapping[str, Any] | None = None
) -> Decision:
    """A decision that waits in the buffer of pool 102."""
    payload = {"input": inputs or {"question": str(number)}, "overlap": 1, "unavailable_for": []}
    return Decision(
        id=number,
        key=f"{kind}:102:{number:06}",
        kind=kind,
        lane="102",
        payload=payload,
        state=DecisionState.PLANNED,
        assignment_id=None,
        task_id=None,
        due_at=due_at,
        buffer="102",
        reason="",
        event_seq=1,
        handler="have_it_checked",
        pipeline="small",
        run="test",
        call_id=None,
        sends=0,
        decided_at=1.0,
        decided_at_machine=1.0,
        settled_at_machine=None,
        result={},
    )
