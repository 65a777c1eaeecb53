"""The frozen records that every package speaks in.

Times are UNIX seconds as floats: *platform time* (what Toloka dates) unless a name says `machine`. `id` is ours and an
integer, `…_id` is Toloka's and a string, `key` is what must be unique, `seq` is the order of the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = Mapping[str, Any]


class EventState(StrEnum):
    """Where an event stands in the log."""

    NEW = "new"  # in the log, not yet given to handlers
    ROUTED = "routed"  # every handler that listens has a delivery (there may be none)
    IGNORED = "ignored"  # kept and shown, never dispatched: unknown types, TEST_EVENT
    DEAD = "dead"  # malformed among well-formed ones: kept with the reason


class DeliveryState(StrEnum):
    """How far one handler is with one event."""

    PENDING = "pending"
    DONE = "done"  # its decisions are in the ledger
    PARKED = "parked"  # the handler failed too often; a person must look


class DecisionState(StrEnum):
    """How far a decision is; the ledger's promise is that it is made once and carried out to one of the last five."""

    PLANNED = "planned"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"  # refused by the platform for good
    UNKNOWN = "unknown"  # sent, and no way to learn whether it was applied
    CONFLICT = "conflict"  # the platform stands elsewhere: a person must look
    SUPERSEDED = "superseded"  # a contrary decision under the same key was there first; never carried out
    RECALLED = "recalled"  # taken back before it was sent; its key is free again


class CallState(StrEnum):
    """How far a bulk creation is."""

    PLANNED = "planned"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, as Toloka (or the reconciler, or we ourselves) told it."""

    uuid: str
    type: str  # as Toloka writes it: ASSIGNMENT_SUBMITTED, POOL_CLOSED, …; ours likewise
    pool_id: str
    event_time: float
    key: str | None = None  # see natural_key; None: may repeat
    assignment_id: str | None = None
    task_id: str | None = None
    source: str = "webhook"  # webhook | reconciler | crowdhook
    state: EventState = EventState.NEW
    reason: str = ""  # why it is dead or ignored
    payload: Json = field(default_factory=dict)  # the event's own JSON object


def natural_key(type: str, pool_id: str, assignment_id: str | None, event_time: float) -> str | None:
    """Return what makes two reports of one fact one event: an assignment's id, or the second at which a pool closed."""
    if type.startswith("ASSIGNMENT_") and assignment_id:
        return f"{type}:{assignment_id}"
    return f"{type}:{pool_id}:{event_time:.0f}" if type == "POOL_CLOSED" else None


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event with its place in the log."""

    seq: int
    event: Event
    received_at: float  # machine time
    deliveries: int = 0
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """One handler of one pipeline that listens to an event."""

    pipeline: str
    run: str
    handler: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One handler's turn with one event: the unit of retry and of blame."""

    id: int
    event_seq: int
    event: Event
    pipeline: str
    run: str
    handler: str
    lane: str
    state: DeliveryState
    attempts: int
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """The right to work on one pool's deliveries and decisions, held by one worker at a time."""

    pool_id: str
    owner: str
    epoch: int


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A decision as a handler took it, before it has a place in the ledger."""

    key: str
    kind: str  # accept | reject | hold | ask | votes | open | close | publish
    lane: str  # pool whose worker carries it out
    payload: Json
    assignment_id: str | None = None
    task_id: str | None = None
    due_at: float | None = None  # platform time before which it is not carried out; None: at once
    buffer: str | None = None  # name of the buffer it waits in (a pool_id) until released
    reason: str = ""
    places: int = 0  # answers that it buys


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision in the ledger."""

    id: int
    key: str
    kind: str
    lane: str
    payload: Json
    state: DecisionState
    assignment_id: str | None
    task_id: str | None
    due_at: float | None
    buffer: str | None
    reason: str
    event_seq: int | None  # what caused it
    handler: str
    pipeline: str
    run: str
    call_id: int | None
    sends: int
    decided_at: float
    decided_at_machine: float
    settled_at_machine: float | None
    result: Json
    places: int = 0


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one decided task says about one of its verifiers; a verifier's accuracy is the sum of his lessons."""

    key: str  # "<assignment_id>:<task_id>:<user_id>"
    user_id: str
    known: float  # weight in 0..1: how sure the others made it
    agreed: float  # `known` if the verifier said what they said, else 0
    truth: bool | None = None  # of a control question: whether the outline shown was right


@dataclass(frozen=True, slots=True)
class Standing:
    """The sum of a verifier's lessons, and apart from it his answers to control questions."""

    user_id: str
    known: float = 0.0
    agreed: float = 0.0
    good: int = 0  # answers about outlines known to be right
    good_right: int = 0
    bad: int = 0  # answers about outlines made wrong on purpose
    bad_right: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One request that creates in bulk; its members were fixed when it was decided."""

    id: int
    operation_id: str
    kind: str
    pool_id: str
    state: CallState
    sends: int
    generation: int
    members: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class NewCall:
    """A bulk creation about to be fixed: which decisions go together, under which operation id."""

    operation_id: str
    kind: str
    pool_id: str
    decision_ids: tuple[int, ...]
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at carrying something out; the list only grows."""

    decision_id: int | None
    call_id: int | None
    at_machine: float
    error_class: str  # "" when it worked; transient | quota | auth | conflict | permanent | unknown
    status: int | None = None
    code: str = ""
    request_id: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How carrying out one decision ended."""

    decision_id: int
    state: DecisionState
    result: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """One task of one assignment: what was shown and what the performer said."""

    assignment_id: str
    task_id: str
    position: int
    input: Json
    output: Json | None
    unavailable_for: tuple[str, ...] = ()
    subject_assignment_id: str | None = None  # for a question: the work it asks about
    subject_task_id: str | None = None
    known: bool = False  # a control or training task: the platform knows the answer, and nobody paid for this one


@dataclass(frozen=True, slots=True)
class Page:
    """One assignment (a page of tasks) as the platform last showed it, with its answers."""

    assignment_id: str
    pool_id: str
    user_id: str
    status: str  # ACTIVE SUBMITTED ACCEPTED REJECTED SKIPPED EXPIRED
    reward: float
    created: float
    submitted: float | None
    reviewed: float | None  # accepted or rejected
    answers: tuple[Answer, ...]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class PoolState:
    """How a pool stood when asked: its status, why it last closed, when it last started and stopped."""

    pool_id: str
    status: str  # OPEN CLOSED ARCHIVED LOCKED
    close_reason: str | None
    last_started: float | None
    last_stopped: float | None

    @property
    def may_reopen(self) -> bool:
        """Say whether new work may open it: never against a person's, a date's or the balance's will."""
        return self.status == "CLOSED" and self.close_reason in (None, "COMPLETED")


@dataclass(frozen=True, slots=True)
class Question:
    """One verification task about one outline: an ask that was carried out, with its present overlap."""

    task_id: str | None  # None while it waits in the buffer
    subject_assignment_id: str
    subject_task_id: str
    generation: int
    overlap: int  # votes wanted so far, those of recorded MoreVotes included
    key: str
    truth: bool | None = None  # of a control question: whether the outline that it shows is right
    open: bool = False  # it, or a raise of its overlap, is decided and not carried out yet


@dataclass(frozen=True, slots=True)
class Binding:
    """Which object on the platform a role of a pipeline is."""

    pipeline: str
    run: str
    role: str  # "pool:outlining", "project:outlining", "skill:outlining", …
    object_id: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of the event log, newest first, and where the next one starts."""

    events: tuple[LoggedEvent, ...]
    next_before: int | None
    total: int


@dataclass(frozen=True, slots=True)
class EventFile:
    """All that hangs on one event: for the page that shows why."""

    event: LoggedEvent
    body: bytes
    deliveries: tuple[Delivery, ...]
    decisions: tuple[Decision, ...]
    calls: tuple[Call, ...]
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Workload:
    """What is left to do, as of a platform time: for idleness, readiness and progress."""

    unrouted: int
    pending: int
    due: int  # decisions whose time has come, and sent ones not yet settled
    calls: int  # calls not yet done
    next_due_at: float | None
    waiting: int  # decisions whose time has not come
    parked: int
