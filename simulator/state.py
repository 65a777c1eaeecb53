"""Everything the simulated platform remembers: plain mutable records, and one place that holds them all."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from simulator.clock import exact, iso
from simulator.draws import canonical, digest, object_id
from simulator.hands import Act
from simulator.performers import Answers, Crowd, Performer
from simulator.schedule import Schedule

Json = dict[str, Any]
"""A JSON object as the API speaks it."""

FIRST_NUMBER = 10**11
PER_SECOND = 10**4


@dataclass(slots=True)
class Project:
    """What performers are asked to do; `body` is what the requester sent."""

    id: str
    body: Json
    created: float
    status: str = "ACTIVE"


@dataclass(slots=True)
class Pool:
    """Tasks of one project with a price and rules; `open_tasks` are (created, id) of those that can still be issued."""

    id: str
    project_id: str
    body: Json
    created: float
    expires: float
    status: str = "CLOSED"
    close_reason: str | None = None
    last_started: float | None = None
    last_stopped: float | None = None
    task_ids: list[str] = field(default_factory=list)
    assignment_ids: list[str] = field(default_factory=list)
    open_tasks: list[tuple[float, str]] = field(default_factory=list)
    active: int = 0
    quiet_since: float = 0.0


@dataclass(slots=True)
class Task:
    """One question; `issued` counts the pages that hold a place of its overlap."""

    id: str
    pool_id: str
    body: Json
    created: float
    overlap: int
    issued: int = 0
    assignment_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Assignment:
    """One page of tasks given to one performer; `price` is what it costs the requester, in millionths."""

    id: str
    suite_id: str
    pool_id: str
    user_id: str
    task_ids: tuple[str, ...]
    reward: float
    price: int
    created: float
    status: str = "ACTIVE"
    solutions: list[Json] | None = None
    comment: str | None = None
    submitted: float | None = None
    accepted: float | None = None
    rejected: float | None = None
    skipped: float | None = None
    expired: float | None = None


@dataclass(slots=True)
class Skill:
    """A named number that performers may have."""

    id: str
    body: Json
    created: float


@dataclass(slots=True)
class UserSkill:
    """One performer's value (0..100) of one skill."""

    id: str
    skill_id: str
    user_id: str
    value: float
    created: float
    modified: float


@dataclass(slots=True)
class Restriction:
    """A ban: `scope` is ALL_PROJECTS, PROJECT or POOL; `until` None means for good; `rule` names what caused it."""

    id: str
    user_id: str
    scope: str
    object_id: str | None
    created: float
    until: float | None
    comment: str | None
    rule: str | None = None


@dataclass(slots=True)
class Operation:
    """Work that the API did for a request, with its log."""

    id: str
    type: str
    parameters: Json
    at: float
    status: str = "SUCCESS"
    details: Json = field(default_factory=dict)
    log: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class Subscription:
    """Where one pool's events of one type are sent."""

    id: str
    pool_id: str
    event_type: str
    url: str
    secret: str | None
    created: float


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification to be sent: `body` is the event as it goes over the wire."""

    uuid: str
    at: float
    url: str
    secret: str | None
    body: Json


@dataclass(slots=True)
class Person:
    """A performer's whereabouts: `busy` with an assignment or not, and what he had already, by pool."""

    performer: Performer
    busy: str | None = None
    pages_left: int = 0
    had: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    assignment_ids: list[str] = field(default_factory=list)


class State:
    """All records by id, the three schedules, and what waits until time next moves."""

    def __init__(
        self, crowd: Crowd, answers: Answers, *, start: float, balance: float, fee: float, quotas: bool
    ) -> None:
        self.crowd, self.answers, self.fee = crowd, answers, fee
        self.start = self.now = exact(start)
        self.balance = round(balance * 1e6)
        self.reserved: dict[str, int] = {}
        self.at_work: dict[str, int] = {}
        self.origin = ""
        self.people = {person.id: Person(person) for person in crowd.people()}
        self.projects: dict[str, Project] = {}
        self.pools: dict[str, Pool] = {}
        self.tasks: dict[str, Task] = {}
        self.assignments: dict[str, Assignment] = {}
        self.suites: dict[str, str] = {}
        self.skills: dict[str, Skill] = {}
        self.user_skills: dict[tuple[str, str], UserSkill] = {}
        self.restrictions: dict[str, Restriction] = {}
        self.operations: dict[str, Operation] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.notices: dict[tuple[str, str], Notice] = {}
        self.quotas = quotas
        self.created_at: dict[str, list[float]] = defaultdict(list)
        self.lines: list[Json] = []
        self.spent: Counter[str] = Counter()
        self.likers: dict[str, tuple[str, ...]] = {}
        self.majorities: dict[tuple[str, int, str], dict[str, tuple[float, bool]]] = defaultdict(dict)
        self.forgiven: dict[tuple[str, str], float] = {}
        self.doings = Schedule()
        """What performers and pools are about to do: a rehearsal goes on until this is empty."""
        self.deadlines = Schedule()
        """What the platform does by the calendar alone: acceptance of unreviewed pages, expiry, ends of bans."""
        self.acts = Schedule()
        """When a person at the requester's site acts."""
        self.by: str | None = None
        """Whose hand is at work, for the history: None for requests and for what happens by itself."""
        self.undone: list[Act] = []
        self.supplied: set[str] = set()
        self.completed: set[str] = set()
        self.touched: set[tuple[str, str, str]] = set()
        self.freed: set[str] = set()
        self._taken: set[object] = set()
        self._times: Counter[object] = Counter()

    def number(self, kind: str, content: Any) -> str:
        """A new decimal id of 12 digits that grows with time and depends on content; probes on when it is taken."""
        second = FIRST_NUMBER + int(self.now - self.start) * PER_SECOND
        offset = int(digest(kind, canonical(content, self.origin)), 16) % PER_SECOND
        while (kind, second + offset) in self._taken:
            offset = (offset + 1) % PER_SECOND
        self._taken.add((kind, second + offset))
        return str(second + offset)

    def identify(self, kind: str, pool_id: str, content: Any) -> str:
        """A new id for something in a pool; the same content again at the same time counts its occurrences."""
        key = (kind, pool_id, self.now, canonical(content, self.origin))
        self._times[key] += 1
        return object_id(pool_id, self.now, *key, self._times[key])

    def record(self, kind: str, identity: str, **content: Any) -> None:
        """Write one line of the world's history."""
        hand = {"by": self.by} if self.by else {}
        self.lines.append({"at": iso(self.now), "kind": kind, "id": identity} | content | hand)

    def record_change(self, kind: str, identity: str, before: Json, after: Json) -> None:
        """Write down which fields of an object were changed, and to what; nothing when none was."""
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        if changed:
            self.record(kind, identity, changed={name: after.get(name) for name in changed})

    def project_of(self, pool: Pool) -> Project:
        """The project this pool belongs to."""
        return self.projects[pool.project_id]
