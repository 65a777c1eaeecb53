"""Short ways to say the records that the store's tests speak of."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from store.contract import Store
from store.records import Answer, Decision, Delivery, Event, Lane, NewDecision, Page, Route


class Clock:
    """A machine clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Deployment:
    """One empty database, and a way to open it as often as there are processes."""

    open: Callable[[], Store]
    clock: Clock


def submitted(name: str, at: float = 1.0, pool_id: str = "outlining") -> Event:
    """A page named `name` was submitted."""
    return Event(
        uuid=f"uuid-{name}",
        type="ASSIGNMENT_SUBMITTED",
        pool_id=pool_id,
        event_time=at,
        key=f"ASSIGNMENT_SUBMITTED:{name}",
        assignment_id=name,
        payload={"assignment_id": name},
    )


def pool_closed(uuid: str, at: float = 1.0, pool_id: str = "outlining") -> Event:
    return Event(uuid=uuid, type="POOL_CLOSED", pool_id=pool_id, event_time=at)


def to_one_handler(event: Event) -> list[Route]:
    return [Route("segmentation", "main", "have_it_checked")]


def arrive(store: Store, events: Iterable[Event]) -> None:
    """Append each event in a request of its own and route them all to one handler."""
    for event in events:
        store.append([(b"{}", [event])])
    store.route(to_one_handler)


def claimed(store: Store, *events: Event, owner: str = "ann") -> tuple[Lane, list[Delivery]]:
    """Let events arrive and claim them."""
    arrive(store, events)
    taken = store.claim(owner, 60.0)
    assert taken is not None
    return taken


def accept(assignment_id: str, **more: object) -> NewDecision:
    decision = {"key": f"verdict:{assignment_id}", "kind": "accept", "lane": "outlining", "payload": {}}
    return NewDecision(**(decision | {"assignment_id": assignment_id} | more))


def reject(assignment_id: str, **more: object) -> NewDecision:
    return accept(assignment_id, **({"kind": "reject", "payload": {"comment": "loose"}} | more))


def ask(assignment_id: str, task_id: str = "t1", **more: object) -> NewDecision:
    decision = {
        "key": f"ask:checking:{assignment_id}:{task_id}:0",
        "kind": "ask",
        "lane": "outlining",
        "payload": {"overlap": 2, "generation": 0},
        "assignment_id": assignment_id,
        "task_id": task_id,
    }
    return NewDecision(**(decision | more))


def decided(store: Store, *decisions: NewDecision, cause: str = "a1") -> tuple[Lane, list[Decision]]:
    """Have one delivery decide all of these."""
    lane, deliveries = claimed(store, submitted(cause))
    written = store.decide(lane, [deliveries[0].id], [(deliveries[0].id, each) for each in decisions], [], 5.0)
    return lane, written


def keys(decisions: Sequence[Decision]) -> list[str]:
    return [each.key for each in decisions]


def answer(assignment_id: str, task_id: str, position: int = 0, about: str | None = None) -> Answer:
    return Answer(
        assignment_id=assignment_id,
        task_id=task_id,
        position=position,
        input={"image": "a.jpg"},
        output={"verdict": "OK"},
        subject_assignment_id=about,
        subject_task_id="t1" if about else None,
    )


def page(assignment_id: str, *answers: Answer, **more: object) -> Page:
    shown = {
        "assignment_id": assignment_id,
        "pool_id": "checking",
        "user_id": "bob",
        "status": "SUBMITTED",
        "reward": 0.05,
        "created": 1.0,
        "submitted": 2.0,
        "reviewed": None,
        "answers": answers,
    }
    return Page(**(shown | more))
