"""Pipeline and Pool: declarations and registration. Decorators return the function untouched; nothing here acts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers.actions import Action, Aggregate, Ask, Close, MoreVotes, Open, Publish
from handlers.context import Context
from handlers.controls import Control
from store.errors import CrowdhookError
from store.records import Answer, Question

Handler = Callable[[Context], Iterable[Action]]
Items = Sequence[Mapping[str, Any]]  # key, url, …
OURS = ("ITEMS_ADDED", "PERSON_DECIDED", "ASK_FAILED", "ASK_FOUND", "AGGREGATED")  # events of our own
Answered = ("ASSIGNMENT_SUBMITTED", "ASSIGNMENT_APPROVED")


class WrongPipeline(CrowdhookError):
    """A pipeline is declared wrongly:"""


@dataclass(frozen=True, slots=True)
class Buffer:
    """How long asks wait for company, so that paid pages are full: `size` tasks or `seconds` of platform time."""

    size: int = 1
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Declared:
    """What a role looks like on the platform: functions that return toloka-kit's own objects."""

    project: Callable[[Any], Any] | None = None  # settings -> toloka.Project
    pool: Callable[[Any, Mapping[str, str], float], Any] | None = None  # settings, bound ids, now -> toloka.Pool
    training: bool = False  # `pool` returns a toloka.Training, which is a pool, too
    needed: Callable[[Any], bool] = lambda settings: True  # whether settings need it at all


@dataclass(frozen=True, slots=True)
class Estimate:
    """What some work will cost, in dollars without the platform's fee, and what that supposes."""

    best: float
    expected: float
    worst: float
    assumptions: tuple[str, ...] = ()


class Pool:
    """A pool by its role; registers handlers for its events and makes actions about it."""

    def __init__(self, pipeline: "Pipeline", role: str, declared: Declared, buffer: Buffer) -> None:
        self.pipeline = pipeline
        self.role = role
        self.declared = declared
        self.buffer = buffer

    def on_added(self, handler: Handler) -> Handler:
        """Call the handler when items are given to the pipeline to work on."""
        return self.pipeline.register(self.role, ("ITEMS_ADDED",), handler)

    def on_submitted(self, handler: Handler) -> Handler:
        """Call the handler when a page waits for review."""
        return self.pipeline.register(self.role, ("ASSIGNMENT_SUBMITTED",), handler)

    def on_answered(self, handler: Handler) -> Handler:
        """Call the handler when a page is answered in an auto-accepted pool, which may tell it once or twice."""
        return self.pipeline.register(self.role, Answered, handler)

    def on_reviewed(self, handler: Handler) -> Handler:
        """Call the handler when a page was accepted or refused, by us or on the site."""
        return self.pipeline.register(self.role, ("ASSIGNMENT_APPROVED", "ASSIGNMENT_REJECTED"), handler)

    def on_person(self, handler: Handler) -> Handler:
        """Call the handler when a person decided about a page, by command."""
        return self.pipeline.register(self.role, ("PERSON_DECIDED",), handler)

    def on_failed(self, handler: Handler) -> Handler:
        """Call the handler when the platform refused a question, or more votes on one, for good."""
        return self.pipeline.register(self.role, ("ASK_FAILED",), handler)

    def on_found(self, handler: Handler) -> Handler:
        """Call the handler when a question turned out to be asked already, by a ledger that was lost."""
        return self.pipeline.register(self.role, ("ASK_FOUND",), handler)

    def on_closed(self, handler: Handler) -> Handler:
        """Call the handler when the pool closed, for whatever reason."""
        return self.pipeline.register(self.role, ("POOL_CLOSED",), handler)

    def on_aggregated(self, handler: Handler) -> Handler:
        """Call the handler when the answers in this pool were made labels."""
        return self.pipeline.register(self.role, ("AGGREGATED",), handler)

    def ask(
        self,
        *,
        about: Answer | None = None,
        control: Control | None = None,
        key: str = "",
        generation: int = 0,
        overlap: int | None = 1,
        solution: Mapping[str, Any] | None = None,
        hint: str = "",
        author: str = "",
        unavailable_for: Sequence[str] = (),
        **inputs: Any,
    ) -> Ask:
        """Put a task into this pool: a question `about` an answer, never shown to its author, or work under a `key`.

        A `control` question looks like one about an answer; only we know its truth. A task with a `solution` is a
        control task of the platform's, with a `hint` a training task. Overlap None: everybody may answer it, once.

        Keyword arguments that are left are the task's input values.
        """
        if about is not None:
            if not author:
                raise ValueError("ask(about=…) needs author=…, so that nobody judges his own work.")
            inputs |= {"assignment_id": about.assignment_id, "task_id": about.task_id}
            key = f"{about.assignment_id}:{about.task_id}"
        if control is not None:
            inputs |= control.subject
            key = f"{control.assignment_id}:{control.task_id}"
        if not key:
            raise ValueError("ask() needs about=… or key=…, so that the same question is asked once.")
        excluded = tuple(sorted({*unavailable_for, *([author] if author else [])}))
        return Ask(
            pool=self.role,
            key=f"{key}:{generation}",
            input=inputs,
            overlap=overlap,
            about=about,
            unavailable_for=excluded,
            generation=generation,
            control=control,
            solution=solution,
            hint=hint,
        )

    def more_votes(self, question: Question, reason: str = "") -> MoreVotes:
        """Show a question to one more performer."""
        if question.task_id is None:
            raise ValueError("A question that was not asked yet cannot get more votes.")
        return MoreVotes(self.role, question.task_id, question.overlap + 1, reason, question.subject_assignment_id)

    def open(self, occasion: str) -> Open:
        """Open this pool."""
        return Open(self.role, occasion)

    def close(self, occasion: str) -> Close:
        """Close this pool."""
        return Close(self.role, occasion)

    def aggregate(
        self, occasion: str, method: str, *, field: str = "result", without_banned: bool = False
    ) -> Aggregate:
        """Make labels of the answers in this pool: of their output value `field`."""
        return Aggregate(self.role, occasion, method, field, without_banned)

    def publish(self, occasion: str) -> Publish:
        """Write the results as they stand."""
        return Publish(self.role, occasion)


@dataclass(slots=True)
class Pipeline:
    """A pipeline: its pools by role, its skills, its settings, and which handler listens to what."""

    name: str
    settings: Callable[..., Any] = dict  # builds the settings from keyword arguments
    skills: Mapping[str, str] = field(default_factory=dict)  # by role: names that may hold {settings.…}; "": not needed
    warnings: Callable[[Any], Sequence[str]] = lambda settings: ()  # what a requester should hear before he starts
    check_live: Callable[[Any], None] = lambda settings: None  # raises for what must not be where money is real
    examples: str = "boxes"  # what is known of a data set's examples: boxes, or classes
    check_items: Callable[[Any, Items], Sequence[str]] = lambda settings, items: ()  # notes
    from_data: tuple[str, ...] = ()  # settings that a data set gives, not a person: they may change
    estimate: Callable[[Any, Items], Estimate] | None = None  # what these items cost; None: nobody can say
    pools: dict[str, Pool] = field(default_factory=dict)
    handlers: dict[tuple[str, str], list[Handler]] = field(default_factory=dict)  # (role, event type) -> handlers

    def skill_names(self, settings: Any) -> dict[str, str]:
        """Return the names of its skills on the platform: the account's, shared by all runs that name them so."""
        names = {role: name.format(settings=settings) for role, name in self.skills.items()}
        return {role: name for role, name in names.items() if name}

    def pool(
        self,
        role: str,
        *,
        project: Callable[[Any], Any] | None = None,
        pool: Callable[[Any, Mapping[str, str], float], Any] | None = None,
        training: Callable[[Any, Mapping[str, str], float], Any] | None = None,
        buffer: Buffer | None = None,
        needed: Callable[[Any], bool] = lambda settings: True,
    ) -> Pool:
        """Declare a pool, or a training, under a role of this pipeline; it is created where settings need it."""
        if role in self.pools:
            raise WrongPipeline(f"{self.name} declares the pool {role!r} twice.")
        declared = Declared(project, training or pool, training is not None, needed)
        self.pools[role] = Pool(self, role, declared, buffer or Buffer())
        return self.pools[role]

    def register(self, role: str, types: Sequence[str], handler: Handler) -> Handler:
        """Let a handler listen to event types of a pool; its docstring is shown on the event's page."""
        if not (handler.__doc__ or "").strip():
            raise WrongPipeline(
                f"{self.name}: the handler {handler.__name__} needs a docstring that says what it does."
            )
        for kind in types:
            listening = self.handlers.setdefault((role, kind), [])
            if any(other.__name__ == handler.__name__ for other in listening):
                raise WrongPipeline(f"{self.name}: {handler.__name__} listens to {role} {kind} twice.")
            listening.append(handler)
        return handler

    def handler(self, role: str, kind: str, name: str) -> Handler | None:
        """Return the handler of that name that listens to the event type, if it still exists."""
        return next((h for h in self.handlers.get((role, kind), ()) if h.__name__ == name), None)

    def event_types(self, role: str) -> list[str]:
        """Return the platform's event types that the role's handlers listen to: what must be subscribed."""
        return sorted({kind for pool, kind in self.handlers if pool == role and kind not in OURS})
