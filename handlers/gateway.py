"""The one door to Toloka: reads, actions, errors made sense of, requests paced. Nothing here decides."""

import datetime
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import toloka.client as toloka
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_after_delay, wait_exponential

from handlers.client import PacedClient
from handlers.controls import subject
from handlers.trouble import TolokaTrouble, Trouble, TroubleKind, classify
from store.records import Answer, Call, DecisionState, Json, Page, PoolState

T = TypeVar("T")
log = logging.getLogger(__name__)
REVIEWED = {"accept": "ACCEPTED", "reject": "REJECTED"}
# An event's type -> the assignment's own date for it, by which the API can list
DATED = {"ASSIGNMENT_SUBMITTED": "submitted", "ASSIGNMENT_APPROVED": "accepted", "ASSIGNMENT_REJECTED": "rejected"}
PAGES_AT_ONCE = 1000
LOOKS = 3  # that are tried to read something
SLOW = 5.0  # seconds, after which nothing is tried once more: Toloka does not stumble, it is away
UNFINISHED = {"PENDING", "RUNNING"}


@dataclass(frozen=True, slots=True)
class Created:
    """What a bulk creation brought: task ids and refusals by the member's position; `finished` False: ask again."""

    finished: bool
    failed: bool = False
    task_ids: Mapping[int, str] = field(default_factory=dict)
    refusals: Mapping[int, str] = field(default_factory=dict)


class Gateway:
    """Toloka as the dispatcher, the reconciler and the set-up see it. Raises TolokaTrouble and nothing else."""

    def __init__(self, client: PacedClient, *, threads: int = 4, pause: float = 0.5) -> None:
        """`pause`: seconds before something is read once more; the next one is twice as long."""
        self.client = client
        self.threads = ThreadPoolExecutor(threads, "toloka")
        self._again = Retrying(
            retry=retry_if_exception(_stumbled),
            stop=stop_after_attempt(LOOKS) | stop_after_delay(SLOW),
            wait=wait_exponential(pause),
            reraise=True,
        )

    def close(self) -> None:
        """Let the threads end and close their connections."""
        self.threads.shutdown()
        self.client.close()

    def ask(self, call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Make one call of the kit's, with its errors made sense of."""
        try:
            return call(*args, **kwargs)
        except Exception as error:
            raise TolokaTrouble(classify(error).without(self.client.token)) from error

    def read(self, call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Make one call that changes nothing, and once more where Toloka stumbled over it."""
        found: T = self._again(self.ask, call, *args, **kwargs)
        return found

    def each(self, call: Callable[[Any], T], items: Sequence[Any]) -> list[T]:
        """Make one call per item on a few threads; results in order."""
        return list(self.threads.map(call, items))

    # reads
    def account(self) -> tuple[str, float]:
        """Return the requester's id and balance."""
        requester = self.read(self.client.get_requester)
        return str(requester.id), float(requester.balance)

    def page(self, assignment_id: str) -> Page:
        """Return one assignment as it stands."""
        return page_of(self.read(self.client.get_assignment, assignment_id))

    def page_or_none(self, assignment_id: str) -> Page | None:
        """Return one assignment as it stands, None when Toloka does not know it."""
        try:
            return self.page(assignment_id)
        except TolokaTrouble as error:
            if error.trouble.kind is TroubleKind.PERMANENT:
                return None
            raise

    def pages(self, pool_id: str, wanted: Mapping[str, tuple[str, float]]) -> list[Page]:
        """Return assignments by id -> (event type, event time): listed in bulk, then GET what the list did not show."""
        found: dict[str, Page] = {}
        if len(wanted) > 2:
            for kind, name in DATED.items():
                times = [at for of, at in wanted.values() if of == kind]
                if times:
                    for page in self.listed(pool_id, name, min(times) - 0.001, max(times) + 0.001):
                        found[page.assignment_id] = page
        missing = self.each(self.page_or_none, sorted(set(wanted) - set(found)))
        found |= {page.assignment_id: page for page in missing if page is not None}
        return [found[assignment_id] for assignment_id in sorted(wanted) if assignment_id in found]

    def listed(self, pool_id: str, dated: str, since: float, until: float) -> list[Page]:
        """List a pool's assignments whose `dated` (submitted, accepted, rejected) lies in [since, until]."""
        window = {f"{dated}_gte": _datetime(since), f"{dated}_lte": _datetime(until)}
        request = toloka.search_requests.AssignmentSearchRequest(pool_id=pool_id, **window)
        found = self.read(lambda: list(self.client.get_assignments(request, batch_size=PAGES_AT_ONCE)))
        return [page_of(each) for each in found]

    def handed_in(self, pool_id: str) -> Iterator[list[Page]]:
        """Yield all pages of a pool that were handed in, a thousand at a time."""
        after = None
        while True:
            request = toloka.search_requests.AssignmentSearchRequest(
                pool_id=pool_id, status=["SUBMITTED", "ACCEPTED", "REJECTED"], id_gt=after
            )
            found = self.read(self.client.find_assignments, request, sort=["id"], limit=PAGES_AT_ONCE)
            if found.items:
                yield [page_of(each) for each in found.items]
            if not found.has_more:
                return
            after = found.items[-1].id

    def pool(self, pool_id: str) -> PoolState:
        """Return how a pool stands."""
        return pool_state(self.read(self.client.get_pool, pool_id))

    def pool_rewards(self, pool_ids: Iterable[str]) -> list[float]:
        """Return what pools pay for a page, in dollars."""
        return [float(self.read(self.client.get_pool, each).reward_per_assignment or 0) for each in pool_ids]

    def tasks(self, pool_id: str, since: float) -> list[tuple[str, Json]]:
        """Return the tasks (id, input values) that were created in a pool since a platform time, by id."""
        request = toloka.search_requests.TaskSearchRequest(pool_id=pool_id, created_gte=_datetime(since))
        found = self.read(lambda: list(self.client.get_tasks(request, batch_size=10_000)))
        return [(each.id, plain(each.input_values)) for each in found]

    # actions
    def review(self, kind: str, assignment_id: str, comment: str, *, resend: bool) -> tuple[DecisionState, str]:
        """Accept or reject a page. Returns how it ended and the status seen.

        A resend looks first, and so does every acceptance: Toloka would pay a page that somebody has just refused.
        """
        wanted = REVIEWED[kind]
        if resend or kind == "accept":
            status = self.page(assignment_id).status
            if status != "SUBMITTED":
                return (DecisionState.DONE if status == wanted else DecisionState.CONFLICT), status
        patch = self.client.accept_assignment if kind == "accept" else self.client.reject_assignment
        try:
            self.ask(patch, assignment_id, comment)
        except TolokaTrouble as error:
            if error.trouble.kind is not TroubleKind.CONFLICT:
                raise
            status = self.page(assignment_id).status
            return (DecisionState.DONE if status == wanted else DecisionState.CONFLICT), status
        return DecisionState.DONE, wanted

    def appeal(self, assignment_id: str, comment: str) -> tuple[DecisionState, str]:
        """Pay a page whose refusal was sent; it must be REJECTED (or paid already). Returns how it ended, as review."""
        status = self.page(assignment_id).status
        if status == "REJECTED":
            self.ask(self.client.accept_assignment, assignment_id, comment)
            return DecisionState.DONE, "ACCEPTED"
        return (DecisionState.DONE if status == "ACCEPTED" else DecisionState.CONFLICT), status

    def create(self, call: Call) -> Created:
        """Create a call's tasks under its operation id; a second creation finds the first one's result."""
        tasks = [_task(call.pool_id, at, member.payload) for at, member in enumerate(call.members)]
        operation_id = UUID(call.operation_id)
        try:
            operation = self.ask(
                self.client.create_tasks_async, tasks, operation_id=operation_id, skip_invalid_items=True
            )
        except TolokaTrouble as error:
            if error.trouble.code != "OPERATION_FAILED":
                raise
            return self._failed(call)
        status = _status(operation)
        if status in UNFINISHED:
            return Created(finished=False)
        return self._logged(call) if status == "SUCCESS" else self._failed(call)

    def _logged(self, call: Call) -> Created:
        return _created(self.read(self.client.get_operation_log, call.operation_id))

    def _failed(self, call: Call) -> Created:
        """An operation fails either because every task was refused, which is an answer, or for no reason of ours."""
        created = self._logged(call)
        return created if len(created.refusals) == len(call.members) else Created(finished=True, failed=True)

    def raise_overlap(self, task_id: str, overlap: int) -> int:
        """Raise a task's overlap to `overlap`, unless it stands that high; returns what it stands at."""
        standing = self.read(self.client.get_task, task_id).overlap or 0
        if standing < overlap:
            self.ask(self.client.patch_task, task_id, toloka.task.TaskPatch(overlap=overlap))
        return max(standing, overlap)

    def open(self, pool_id: str) -> PoolState:
        """Open a pool, unless it is open."""
        operation = self.ask(self.client.open_pool_async, pool_id)
        if operation is not None and _status(operation) == "FAIL":
            raise TolokaTrouble(Trouble(TroubleKind.PERMANENT, code="POOL_NOT_OPENED", message=f"Pool {pool_id}."))
        return self.pool(pool_id)

    def close_pool(self, pool_id: str) -> PoolState:
        """Close a pool, unless it is closed or archived."""
        state = self.pool(pool_id)
        if state.status != "OPEN":
            return state
        self.ask(self.client.close_pool_async, pool_id)
        return self.pool(pool_id)

    def reopen(self, pool_id: str) -> PoolState:
        """Open a pool that closed because its work was complete, or was never opened; leave every other as it is.

        A pool that Toloka will not open (no money, expired) stays closed: nothing is fought over.
        """
        state = self.pool(pool_id)
        if not state.may_reopen:
            return state
        try:
            return self.open(pool_id)
        except TolokaTrouble as error:
            if error.trouble.kind not in {TroubleKind.CONFLICT, TroubleKind.PERMANENT}:
                raise
            log.warning("pool stays closed", extra={"pool_id": pool_id, "code": error.trouble.code})
            return self.pool(pool_id)


def _status(operation: Any) -> str:
    return str(operation.status.value)


def _task(pool_id: str, at: int, payload: Mapping[str, Any]) -> toloka.Task:
    task = toloka.Task(
        pool_id=pool_id,
        input_values=dict(payload["input"]),
        overlap=payload["overlap"],
        infinite_overlap=True if payload["overlap"] is None else None,
        unavailable_for=list(payload["unavailable_for"]) or None,
        message_on_unknown_solution=payload.get("hint") or None,
    )
    if "solution" in payload:
        task.known_solutions = [toloka.Task.KnownSolution(output_values=dict(payload["solution"]))]
    unexpected: dict[str, Any] = task._unexpected or {}
    task._unexpected = unexpected | {"__item_idx": str(at)}  # the kit's own way to find an item in the operation's log
    return task


def _created(log: Sequence[Any]) -> Created:
    task_ids: dict[int, str] = {}
    refusals: dict[int, str] = {}
    for entry in log:
        at = (entry.input or {}).get("__item_idx")
        if at is None:
            continue
        if entry.success and "task_id" in (entry.output or {}):
            task_ids[int(at)] = entry.output["task_id"]
        elif not entry.success:
            refusals[int(at)] = str(entry.output)[:500]
    return Created(True, False, task_ids, refusals)


def page_of(assignment: Any) -> Page:
    """Make our record of a toloka-kit Assignment; numbers that the kit made Decimals become floats."""
    outputs: Sequence[Any] = assignment.solutions or [None] * len(assignment.tasks)
    answers = tuple(
        _answer(assignment.id, at, task, None if solution is None else plain(solution.output_values))
        for at, (task, solution) in enumerate(zip(assignment.tasks, outputs, strict=True))
    )
    return Page(
        assignment_id=assignment.id,
        pool_id=assignment.pool_id,
        user_id=assignment.user_id,
        status=assignment.status.value,
        reward=float(assignment.reward or 0),
        created=_seconds(assignment.created) or 0.0,
        submitted=_seconds(assignment.submitted),
        reviewed=_seconds(assignment.accepted) or _seconds(assignment.rejected),
        answers=answers,
        comment=assignment.public_comment or "",
    )


def _answer(assignment_id: str, at: int, task: Any, output: Any) -> Answer:
    inputs = plain(task.input_values)
    subject_assignment_id, subject_task_id = subject(inputs.get("assignment_id"), inputs.get("task_id"))
    return Answer(
        assignment_id=assignment_id,
        task_id=task.id,
        position=at,
        input=inputs,
        output=output,
        unavailable_for=tuple(task.unavailable_for or ()),
        known=bool(task.known_solutions),
        subject_assignment_id=subject_assignment_id,
        subject_task_id=subject_task_id,
    )


def pool_state(pool: Any) -> PoolState:
    """Make our record of a toloka-kit Pool."""
    reason = pool.last_close_reason.value if pool.last_close_reason else None
    return PoolState(pool.id, pool.status.value, reason, _seconds(pool.last_started), _seconds(pool.last_stopped))


def plain(value: Any) -> Any:
    """Turn Decimals inside JSON values into ints and floats."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, Collection) and not isinstance(value, str | bytes):
        return [plain(each) for each in value]
    return value


def _seconds(moment: datetime.datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _datetime(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _stumbled(error: BaseException) -> bool:
    return isinstance(error, TolokaTrouble) and error.trouble.kind is TroubleKind.TRANSIENT
