"""Everything the simulated platform remembers: plain mutable records, and one place that holds them all."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from simulator.crowd.performers import Answers, Performer, Population
from simulator.elements.clock import exact, iso
from simulator.elements.draws import canonical, digest, moment_id, object_id
from simulator.elements.limits import TOLOKAS
from simulator.elements.registers import Register
from simulator.elements.schedule import Schedule
from simulator.elements.tallies import Tally
from simulator.elements.windows import Window
from simulator.records.asked import Asked
from simulator.records.dealings import Attachment, Bonus, Thread
from simulator.records.hands import Act
from simulator.records.history import History
from simulator.records.nobody import Replenish, Stranded
from simulator.records.notices import Notice, Subscription
from simulator.records.standing import Restriction, Skill, UserSkill

Json = dict[str, Any]
"""A JSON object as the API speaks it."""
KINDS = ("real", "golden", "training")
"""Kinds of tasks, as a pool's mixer names them: of unknown answer, of known answer, and those that also explain it."""
SUITE = "suite"
"""The kind of place that a task suite made by the requester is; a pool has either those or tasks."""
Rank = tuple[float, ...]
"""Where on its shelf a place stands: the least goes first."""

FIRST_NUMBER = 10**11
PER_SECOND = 10**4


@dataclass(slots=True)
class Project:
    """What performers are asked to do; `body` is what the requester sent."""

    id: str
    body: Json
    created: float
    status: str = "ACTIVE"
    training_skill: str | None = None


@dataclass(slots=True)
class Shelf:
    """A pool's places of one kind.

    `open` are (rank, id) of those that can still be issued, in the order in which they are. Of the `finite` ones, whose
    overlap is a number, `unfinished` are among them.
    """

    open: list[tuple[Rank, str]] = field(default_factory=list)
    finite: int = 0
    unfinished: int = 0


@dataclass(slots=True)
class Pool:
    """Tasks of one project with a price and rules; a training is one too, `training` being what the requester sent.

    `tasks` and `pages` are its lists in the orders that clients ask for. `listening` are the ids of those whom news of
    it may move to look: who is at rest and not known to be kept out; None for all who like its project's work. `flawed`
    is how many pages were skipped for want of an answer that the project allows.
    """

    id: str
    project_id: str
    body: Json
    created: float
    expires: float
    status: str = "CLOSED"
    close_reason: str | None = None
    last_started: float | None = None
    last_stopped: float | None = None
    training: Json | None = None
    task_ids: list[str] = field(default_factory=list)
    suite_ids: list[str] = field(default_factory=list)
    assignment_ids: list[str] = field(default_factory=list)
    tasks: "Register[Task]" = field(default_factory=Register)
    suites: "Register[Suite]" = field(default_factory=Register)
    pages: "Register[Assignment]" = field(default_factory=Register)
    shelves: dict[str, Shelf] = field(default_factory=lambda: {kind: Shelf() for kind in (*KINDS, SUITE)})
    active: int = 0
    quiet_since: float = 0.0
    listening: set[str] | None = None
    used: float = 0.0
    flawed: int = 0


@dataclass(slots=True)
class Place:
    """Something that is issued to performers as a whole: a task where pages are mixed, elsewhere a task suite.

    `overlap` None is without end, `issued` counts the pages that hold it, `rank` is where on the shelf it stands.
    """

    id: str
    pool_id: str
    body: Json
    created: float
    kind: str
    overlap: int | None
    rank: Rank = ()
    issued: int = 0
    assignment_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Task(Place):
    """One question; `suite_id` is the suite that the requester put it in, and by which it is issued."""

    suite_id: str | None = None


@dataclass(slots=True)
class Suite(Place):
    """The tasks of one page: put together by the requester, or `mixed` by the platform for one performer.

    `line` is where in its request a suite stood.
    """

    task_ids: tuple[str, ...] = ()
    mixed: bool = False
    line: int = 0


class Mark(NamedTuple):
    """How an answer whose right answer is known was marked: `place` on the page, kind of the task, credit in 0..1."""

    place: int
    kind: str
    credit: float


@dataclass(slots=True)
class Assignment:
    """One page of tasks given to one performer; `price` is what it costs the requester, in millionths.

    `blocked` says whether that is reserved for it now.
    `attempts` are the first answers on a training page where any of them was wrong.
    """

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
    attempts: list[Json] | None = None
    blocked: bool = False
    marks: tuple[Mark, ...] = ()
    comment: str | None = None
    bonus_ids: tuple[str, ...] = ()
    attachment_ids: tuple[str, ...] = ()
    submitted: float | None = None
    accepted: float | None = None
    rejected: float | None = None
    skipped: float | None = None
    expired: float | None = None

    def answer(self, task_id: str) -> Json | None:
        """The output values given to a task of this page; None before the page is sent in."""
        if self.solutions is None:
            return None
        values: Json = self.solutions[self.task_ids.index(task_id)]["output_values"]
        return values


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
class Person:
    """A performer's whereabouts: `busy` with an assignment or not, what he had already, by pool, and what he learned.

    `taught` are the right answers of the training tasks he was shown, oldest first, by project; `done` counts the pages
    that he answered in each. `inside` are the pools that he took pages of and has not been shut out of since. `flawed`
    are ids of the tasks and suites that he skipped for want of an allowed answer. Who is `gone` never comes back.
    """

    performer: Performer
    busy: str | None = None
    pages_left: int = 0
    had: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    assignment_ids: list[str] = field(default_factory=list)
    taught: dict[str, list[Json]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    inside: set[str] = field(default_factory=set)
    flawed: set[str] = field(default_factory=set)
    gone: bool = False


class State:
    """All records by id, the three schedules, and what waits until time next moves."""

    def __init__(
        self, crowd: Population, answers: Answers, *, start: float, balance: float, fee: float, quotas: bool
    ) -> None:
        self.crowd, self.answers, self.fee = crowd, answers, fee
        self.start = self.now = exact(start)
        self.balance = round(balance * 1e6)
        self.reserved = self.at_work = 0
        """Millionths for pages that wait for their review, and for those that people work on now."""
        self.origin = ""
        self.people = {person.id: Person(person) for person in crowd.people()}
        self.projects: dict[str, Project] = {}
        self.pools: dict[str, Pool] = {}
        self.tasks: dict[str, Task] = {}
        self.assignments: dict[str, Assignment] = {}
        self.suites: dict[str, Suite] = {}
        self.skills: dict[str, Skill] = {}
        self.user_skills: dict[tuple[str, str], UserSkill] = {}
        self.user_skill_keys: dict[str, tuple[str, str]] = {}
        self.restrictions: dict[str, Restriction] = {}
        self.bans: dict[str, dict[tuple[str, str | None], Restriction]] = defaultdict(dict)
        """The last restriction of each performer, by scope and object."""
        self.attachments: dict[str, Attachment] = {}
        self.observed: dict[str, set[str]] = defaultdict(set)
        """Ids of the pools that each collector looks at, by its uuid."""
        self.raised: set[tuple[str, str]] = set()
        """Tasks for which the answers function raised, with how: the log has those tracebacks."""
        self.threads: dict[str, Thread] = {}
        self.bonuses: dict[str, Bonus] = {}
        self.operations: dict[str, Operation] = {}
        self.aggregated: dict[str, list[Json]] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.unsubscribed: dict[str, Subscription] = {}
        self.haunted = False
        """Whether deleted subscriptions are told of events, for the courier to lose or to send."""
        self.submitted_in_auto_accept = True
        """Whether pools that accept by themselves tell of ASSIGNMENT_SUBMITTED, too."""
        self.notices: dict[tuple[str, str], Notice] = {}
        self.quotas = quotas
        self.limits = TOLOKAS
        self.windows: dict[tuple[str, float], Window] = {}
        """How much was asked for lately, by kind and seconds."""
        self.history = History()
        self.spent: Counter[str] = Counter()
        self.moved: Counter[str] = Counter()
        """Millionths charged, blocked and released so far."""
        self.late: dict[str, Asked] = {}
        """Requests that will be carried out later than they were answered, by when they are on the calendar."""
        self.put_off = 0
        """How many requests were put off so far."""
        self.likers: dict[str, set[str]] = {}
        self.tallies: dict[tuple[str, str, str], Tally] = defaultdict(Tally)
        """What rules count, by its name, pool and performer; `Counting.latest` says which there are."""
        self.forgiven: dict[tuple[str, str], float] = {}
        """From when on a rule counts what a performer did, by its name and the performer."""
        self.doings = Schedule()
        """What performers and pools are about to do: a rehearsal goes on until this is empty."""
        self.stranded: dict[str, Stranded] = {}
        """Pools that nobody is left for, by id."""
        self.replenish: Replenish | None = None
        self.arrived = self.candidates = 0
        """How many fresh people came, and how many were looked at."""
        self.deadlines = Schedule()
        """What the platform does by the calendar alone: acceptance of unreviewed pages, ends of pools, bans, skills."""
        self.acts = Schedule()
        """When a person at the requester's site acts."""
        self.by: str | None = None
        """Whose hand is at work, for the history: None for requests and for what happens by itself."""
        self.undone: list[Act] = []
        self.supplied: set[str] = set()
        self.completed: set[str] = set()
        self.touched: set[tuple[str, str, str]] = set()
        self.freed: set[str] = set()
        self.losses: set[tuple[str, str, str]] = set()
        """Who may have been shut out of pools: user id, why (empty: by a requester's ban), the skill that changed."""
        self.reassigned: set[tuple[str, str]] = set()
        """Which rules had which pages of theirs done by others, by rule and page."""
        self._taken: set[object] = set()
        self._times: Counter[object] = Counter()
        self._moment = self.now

    def number(self, kind: str, content: Any) -> str:
        """A new decimal id of 12 digits that grows with time and depends on content; probes on when it is taken."""
        second = FIRST_NUMBER + int(self.now - self.start) * PER_SECOND
        number = second + int(digest(kind, canonical(content, self.origin)), 16) % PER_SECOND
        while (kind, number) in self._taken:
            number += 1
        self._taken.add((kind, number))
        return str(number)

    def identify(self, kind: str, pool_id: str, content: Any) -> str:
        """A new id for something in a pool, "" for none; the same content at the same time counts its occurrences."""
        key = (kind, pool_id, self.now, canonical(content, self.origin))
        if self.now != self._moment:
            self._moment = self.now
            self._times.clear()
        self._times[key] += 1
        content = (*key, self._times[key])
        return object_id(pool_id, self.now, *content) if pool_id else moment_id(self.now, *content)

    def record(self, kind: str, identity: str, **content: Any) -> None:
        """Write one line of the world's history."""
        hand = {"by": self.by} if self.by else {}
        line = {"at": iso(self.now), "kind": kind, "id": identity} | content | hand
        self.history.write(line["at"], kind, identity, canonical(line, self.origin))

    def record_change(self, kind: str, identity: str, before: Json, after: Json) -> None:
        """Write down which fields of an object were changed, and to what; nothing when none was."""
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        if changed:
            self.record(kind, identity, changed={name: after.get(name) for name in changed})

    def project_of(self, pool: Pool) -> Project:
        """The project this pool belongs to."""
        return self.projects[pool.project_id]
