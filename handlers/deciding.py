"""Claim, fetch, fold, load, let handlers decide, write it down: everything up to the ledger, nothing after it."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from handlers.actions import Action, Learn
from handlers.context import Asked, Context, GivenVote, Subject
from handlers.controls import PREFIX
from handlers.gateway import Gateway
from handlers.record import KINDS, LENGTH, Record
from handlers.recording import record
from handlers.routing import Registry, RunsChanged
from handlers.trouble import TolokaTrouble
from store.contract import Store
from store.records import (
    Answer,
    Decision,
    DecisionState,
    Delivery,
    Lane,
    Lesson,
    NewDecision,
    Page,
    PoolState,
    Question,
    Standing,
)

log = logging.getLogger(__name__)
LEASE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Step:
    """Something the worker just did, for those who watch it: claimed, decided, sent, applied or settled."""

    name: str
    kinds: frozenset[str]  # of the decisions concerned
    keys: tuple[str, ...]  # of the events (claimed) or decisions


Observer = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a handler may fail with one event before it is parked, and the first pause in between (seconds)."""

    attempts: int = 8
    first_pause: float = 1.0


class Decider:
    """Takes batches of deliveries and turns them into recorded decisions."""

    def __init__(
        self,
        store: Store,
        gateway: Gateway,
        registry: Registry,
        *,
        owner: str,
        machine_clock: Callable[[], float],
        observe: Observer,
        patience: Patience,
        fresh: Callable[[], bool] = lambda: True,
    ) -> None:
        self.fresh = fresh
        self.store, self.gateway, self.registry = store, gateway, registry
        self.owner, self.machine_clock = owner, machine_clock
        self.observe, self.patience = observe, patience

    def batch(self, now: float) -> Lane | None:
        """Handle one lane's batch and say which; None when there is none.

        Raises TolokaTrouble when Toloka is away, and RunsChanged; then the batch is given back.
        """
        claimed = self.store.claim(self.owner, LEASE_SECONDS)
        if claimed is None:
            return None
        lane, deliveries = claimed
        self.observe(Step("claimed", frozenset(), tuple(d.event.key or d.event.uuid for d in deliveries)))
        try:
            if not self.fresh():
                raise RunsChanged
            pool = self._fetch(lane, deliveries)
        except (TolokaTrouble, RunsChanged):
            self.store.give_back(lane, [delivery.id for delivery in deliveries])
            raise
        self._decide(lane, deliveries, pool, now)
        return lane

    def _fetch(self, lane: Lane, deliveries: Sequence[Delivery]) -> PoolState | None:
        """Read what the events are about: assignments (an accepted one is final and not read again) and the pool."""
        wanted = {
            d.event.assignment_id: (d.event.type, d.event.event_time) for d in deliveries if d.event.assignment_id
        }
        known = self.store.pages(wanted)
        wanted = {key: value for key, value in wanted.items() if key not in known or known[key].status != "ACCEPTED"}
        if wanted:
            self.store.fold(self.gateway.pages(lane.pool_id, wanted))
        closed = any(delivery.event.type == "POOL_CLOSED" for delivery in deliveries)
        return self.gateway.pool(lane.pool_id) if closed else None

    def _decide(self, lane: Lane, deliveries: Sequence[Delivery], pool: PoolState | None, now: float) -> None:
        """Let each handler decide, in order, each knowing what the ones before it decided."""
        contexts = Loader(self.store, self.registry, pool).contexts(deliveries)
        batch = Batch(self.store, lane.pool_id, now)
        for delivery in deliveries:
            try:
                known = batch.knowing(contexts[delivery.id], (delivery.pipeline, delivery.run))
                actions = self._handle(delivery, known)
                batch.add(delivery, actions, self.registry)
            except Exception as error:
                self._failed(lane, delivery, error)
        if batch.handled:
            self._told(self.store.decide(lane, batch.handled, batch.decisions, batch.lessons, now))

    def _handle(self, delivery: Delivery, context: Context) -> list[Action]:
        if delivery.attempts > self.patience.attempts:
            raise RuntimeError(f"The worker did not survive this event {delivery.attempts - 1} times.")
        if delivery.event.assignment_id and context.assignment is None:
            raise LookupError("Toloka does not know this assignment.")
        handler = self.registry.handler(delivery)
        if handler is None:
            raise LookupError(f"There is no handler {delivery.handler} any more.")
        return list(handler(context))

    def _failed(self, lane: Lane, delivery: Delivery, error: Exception) -> None:
        park = delivery.attempts >= self.patience.attempts or isinstance(error, LookupError | TypeError)
        log.error("handler failed", extra={"delivery": delivery.id, "handler": delivery.handler}, exc_info=error)
        pause = self.patience.first_pause * 2.0 ** (delivery.attempts - 1)
        self.store.fail(
            lane,
            delivery.id,
            f"{type(error).__name__}: {error}",
            park=park,
            retry_at_machine=self.machine_clock() + min(600.0, pause),
        )

    def _told(self, written: Sequence[Decision]) -> None:
        keys = tuple(sorted(decision.key for decision in written))
        self.observe(Step("decided", frozenset(decision.kind for decision in written), keys))


class Batch:
    """What a batch decided so far, and each run's record as it will be."""

    def __init__(self, store: Store, lane: str, now: float) -> None:
        self.store, self.lane, self.now = store, lane, now
        self.handled: list[int] = []
        self.decisions: list[tuple[int, NewDecision]] = []
        self.lessons: list[Lesson] = []
        self.live: set[str] = set()  # keys under which the batch decided
        self.records: dict[tuple[str, str], Record] = {}

    def knowing(self, context: Context, run: tuple[str, str]) -> Context:
        """Return the context with the record, and what waits to be asked, as the batch has made it."""
        record = self.records.setdefault(run, context.record)
        if context.event.type != "POOL_CLOSED":
            return replace(context, record=record)
        asks = [each for _, each in self.decisions if each.kind == "ask" and each.lane == self.lane]
        waiting = sum(self.store.decision(each.key) is None for each in asks)
        return replace(context, record=record, waiting=context.waiting + waiting)

    def add(self, delivery: Delivery, actions: Sequence[Action], registry: Registry) -> None:
        """Take what a handler decided; under a key that the batch used before, nothing changes the record."""
        running = registry.places[delivery.event.pool_id].running
        recorded = [
            (each, record(each, running, self.lane, self.now)) for each in actions if not isinstance(each, Learn)
        ]
        run = (delivery.pipeline, delivery.run)
        self.records[run] = self.records[run].after([action for action, decision in recorded if self._new(decision)])
        self.decisions += [(delivery.id, decision) for _, decision in recorded]
        self.lessons += [lesson for each in actions if isinstance(each, Learn) for lesson in each.lessons]
        self.handled.append(delivery.id)

    def _new(self, decision: NewDecision) -> bool:
        """Say whether its key is free in this batch, and take it; a recall frees the verdict's, as in the ledger."""
        new = decision.key not in self.live
        self.live.add(decision.key)
        if new and decision.kind == "recall":
            self.live.discard(f"verdict:{decision.assignment_id}")
        return new


class Loader:
    """Loads, in bulk, all that the handlers of a batch may know."""

    def __init__(self, store: Store, registry: Registry, pool: PoolState | None = None) -> None:
        self.store, self.registry, self.pool = store, registry, pool

    def contexts(self, deliveries: Sequence[Delivery]) -> dict[int, Context]:
        """Return each delivery's context."""
        pages = self.store.pages({d.event.assignment_id for d in deliveries if d.event.assignment_id})
        about = {a.subject_assignment_id for page in pages.values() for a in page.answers if a.subject_assignment_id}
        subjects = self.subjects(set(pages) | about)
        truths = {each.subject_task_id: each.truth for each in self.store.questions_about(_controls(about))}
        records = {run: self._record(*run) for run in {(each.pipeline, each.run) for each in deliveries}}
        contexts = {}
        for each in deliveries:
            context = self._context(each, pages, subjects)
            if each.event.type == "POOL_CLOSED":
                context = replace(
                    context,
                    unfinished=self._unfinished(each.pipeline, each.run),
                    waiting=self._waiting(each.event.pool_id),
                )
            known = {task: truth for task, truth in truths.items() if truth is not None}
            contexts[each.id] = replace(context, record=records[each.pipeline, each.run], truths=known)
        return contexts

    def _pool_ids(self, pipeline: str, run: str) -> list[str]:
        return [
            pool_id
            for running in self.registry.runs
            if (running.pipeline.name, running.run) == (pipeline, run)
            for pool_id in running.pool_ids.values()
        ]

    def _unfinished(self, pipeline: str, run: str) -> tuple[Subject, ...]:
        pages = [
            page for pool_id in self._pool_ids(pipeline, run) for page in self.store.pages_of(pool_id, "SUBMITTED")
        ]
        found = self.subjects(page.assignment_id for page in pages)
        return tuple(subject for _, subject in sorted(found.items()) if not subject.decided)

    def _waiting(self, pool_id: str) -> int:
        """Count the tasks for a pool that wait for company or for money, or are on their way."""
        states = (DecisionState.PLANNED, DecisionState.SENT)
        return sum(each.lane == pool_id for state in states for each in self.store.decisions(kind="ask", state=state))

    def _record(self, pipeline: str, run: str) -> Record:
        """Load what a run's verdicts and control questions came to."""
        pool_ids = self._pool_ids(pipeline, run)
        standings = {each.user_id: each for pool_id in pool_ids for each in self.store.verifiers(pool_id)}
        return Record.of(self.store.recent(pipeline, run, KINDS, LENGTH), list(standings.values()))

    def _context(self, delivery: Delivery, pages: Mapping[str, Page], subjects: Mapping[str, Subject]) -> Context:
        event = delivery.event
        page = pages.get(event.assignment_id or "")
        about = sorted({a.subject_assignment_id for a in page.answers if a.subject_assignment_id}) if page else []
        place = self.registry.places.get(event.pool_id)
        return Context(
            event=event,
            settings=place.running.settings if place else None,
            assignment=page,
            subject=subjects.get(page.assignment_id) if page else None,
            subjects=tuple(subjects[each] for each in about if each in subjects),
            pool=self.pool if event.type == "POOL_CLOSED" else None,
            payload=event.payload,
        )

    def subjects(self, assignment_ids: Iterable[str]) -> dict[str, Subject]:
        """Return pages with what verifiers said about each of their answers, by assignment id."""
        pages = self.store.pages(set(assignment_ids))
        votes = self.store.votes_about(pages)
        standings = self.store.standings({page.user_id for page, _ in votes})
        by_task: dict[tuple[str, str], list[GivenVote]] = {}
        for page, answer in votes:
            subject = (answer.subject_assignment_id or "", answer.subject_task_id or "")
            standing = standings.get(page.user_id, Standing(page.user_id))
            by_task.setdefault(subject, []).append(GivenVote(page.user_id, answer.output or {}, standing))
        questions = {
            (question.subject_assignment_id, question.subject_task_id): question
            for question in self.store.questions_about(pages)
        }
        return {key: self._subject(page, questions, by_task) for key, page in pages.items()}

    def _subject(
        self,
        page: Page,
        questions: Mapping[tuple[str, str], Question],
        votes: Mapping[tuple[str, str], Sequence[GivenVote]],
    ) -> Subject:
        def asked(answer: Answer) -> Asked:
            task = (page.assignment_id, answer.task_id)
            return _asked(answer, questions.get(task), tuple(votes.get(task, ())))

        verdict = self.store.decision(f"verdict:{page.assignment_id}")
        return Subject(page, tuple(asked(each) for each in page.answers), verdict)


def _asked(answer: Answer, question: Question | None, votes: tuple[GivenVote, ...]) -> Asked:
    """Put a question together with its votes: that there are more than we asked for, somebody else asked for them."""
    if question is not None and len(votes) > question.overlap:
        question = replace(question, overlap=len(votes))
    return Asked(answer, question, votes)


def _controls(about: Iterable[str]) -> set[str]:
    return {each for each in about if each.startswith(PREFIX)}
