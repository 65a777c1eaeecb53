"""What a store must be able to do, one sentence each; every backend passes `tests/store/test_store_contract_*.py`."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from store.assignments import AssignmentFile, AssignmentList, Decided
from store.counts import Counts, Size
from store.labels import TaskLabel
from store.media import Media
from store.records import (
    Answer,
    Attempt,
    Binding,
    Call,
    CallState,
    Decision,
    Delivery,
    Event,
    EventFile,
    EventPage,
    Json,
    Lane,
    Lesson,
    NewCall,
    NewDecision,
    Outcome,
    Page,
    Question,
    Route,
    Standing,
    Workload,
)
from store.spending import Allowance, Purse, RunControl


class EventLog(Protocol):
    """The half of the store that the receiver and the pages need."""

    def append(self, batches: Sequence[tuple[bytes, Sequence[Event]]]) -> list[list[bool]]:
        """Store the events of several requests (body, events) in one durable transaction; True for each that is new.

        An event already there by uuid or by natural key is not stored again. Raises StoreBusy, StoreFull.
        """

    def events(
        self,
        *,
        before: int | None = None,
        type: str | None = None,
        pool_id: str | None = None,
        state: str | None = None,
        assignment_id: str | None = None,
        limit: int = 50,
    ) -> EventPage:
        """Return a page of the log, newest first; `before` is a seq. `state` is an EventState, "parked" or "failed".

        Failed are parked and dead events, and those of whose decisions one came to something else than was decided.
        """

    def event_file(self, seq: int) -> EventFile | None:
        """Return one event with its raw body, deliveries, decisions, calls and attempts."""

    def seq_of(self, uuid: str) -> int | None:
        """Return the place in the log of the event with this uuid; None if there is none."""

    def assignment_file(self, assignment_id: str) -> AssignmentFile | None:
        """Return all that is known about an assignment; None when nothing ever told of it."""

    def assignments(self, decided: Decided, *, before: int | None = None, limit: int = 50) -> AssignmentList:
        """Return a page of the assignments that stand so, last decided first; `before` is a decision's id.

        Held ones are those that still wait: what was reviewed on the site meanwhile is not among them.
        """

    def filters(self) -> tuple[list[str], list[str]]:
        """Return the event types and pool ids that occur in the log, for the page's filters."""

    def notes(self) -> Mapping[str, str]:
        """Return what the worker wrote for the pages (see `Store.write_note`)."""

    def workload(self, now: float, shut: Collection[str] = ()) -> Workload:
        """Count what is left to do at platform time `now`; what waits in buffers that are `shut` does not count."""

    def media(self, token: str) -> Media | None:
        """Return the image whose address has this token; None if there is none."""

    def counts(self) -> Counts:
        """Count events by pool, type and source and decisions by kind and state, and say since when work waits."""

    def size(self) -> Size:
        """Return how large the database is."""

    def beaten_at(self) -> float | None:
        """Return the machine time at which a worker last said that it is at work; None when none ever did."""


class Store(EventLog, Protocol):
    """All of it: the log, the ledger, and what was folded from the platform's answers."""

    # identity
    def claim_identity(self, account_id: str, environment: str) -> None:
        """Tie this database to an account and environment, for good; raises ForeignDatabase if it is another's."""

    def identity(self) -> tuple[str, str] | None:
        """Return the account id and environment that this database is tied to; None when it is new."""

    def bind(self, binding: Binding) -> None:
        """Remember which platform object a role is; binding a role again replaces it."""

    def bindings(self, pipeline: str | None = None, run: str | None = None) -> list[Binding]:
        """Return the bindings, of one pipeline and run or all."""

    def write_note(self, name: str, text: str) -> None:
        """Keep a text for the pages or for a person, such as a handler's docstring; the last one stays."""

    # money
    def write_run(self, control: RunControl) -> None:
        """Keep what a person said about a run's money; the last word stays."""

    def run_control(self, pipeline: str, run: str) -> RunControl | None:
        """Return what was said about a run's money; None when nothing ever was."""

    def write_price(self, pool_id: str, reward: float) -> None:
        """Keep what a pool pays for a page, in dollars without the fee."""

    def purse(self, pipeline: str, run: str, now: float) -> Purse:
        """Return what a run cost and can still cost, with its fee, at platform time `now`."""

    def allowance(self, pool_id: str, now: float) -> Allowance:
        """Return how many more answers may be bought in a pool; without a word about its run there is no limit."""

    # images
    def register_media(self, media: Sequence[Media]) -> None:
        """Keep where images are, all or none; one that is known already stays uploaded if its object is the same."""

    def media_of(self, pipeline: str, run: str) -> list[Media]:
        """Return the images of a run by (key, token); a file that changed has one for each content it had."""

    def mark_uploaded(self, tokens: Collection[str]) -> None:
        """Note that the objects of these images are in their bucket."""

    def unshared_media(self, tokens: Collection[str]) -> list[Media]:
        """Return those of these images whose object no image but these uses, by token."""

    def forget_media(self, tokens: Collection[str]) -> None:
        """Forget images: their addresses show nothing any more."""

    # lanes and deliveries
    def route(self, router: Callable[[Event], Sequence[Route]], limit: int = 1000) -> int:
        """Give each NEW event a delivery per route and mark it ROUTED, in one transaction; return how many events."""

    def claim(self, owner: str, lease_seconds: float, limit: int = 100) -> tuple[Lane, list[Delivery]] | None:
        """Take the free lane with the earliest pending delivery, and its first `limit` by (event time, key).

        Earliest is by (event_time, event key or uuid). A lane is free when nobody holds it, its lease ended, or `owner`
        holds it. Taking it from another raises its epoch. Deliveries stay PENDING until `decide` (or `fail`).
        Counts one more attempt for each delivery.
        """

    def hold_lane(self, pool_id: str, owner: str, lease_seconds: float) -> Lane | None:
        """Take or extend one lane; None when another worker holds it."""

    def lanes_due(self, now: float) -> list[str]:
        """Return pool ids, sorted, with decisions to carry out at `now`: due, buffered, sent, or calls not done."""

    def extend(self, lane: Lane, lease_seconds: float) -> None:
        """Prolong the lease; raises LaneLost."""

    def release(self, lane: Lane) -> None:
        """Give the lane back, if still held."""

    def decide(
        self,
        lane: Lane,
        delivery_ids: Collection[int],
        decisions: Iterable[tuple[int, NewDecision]],
        lessons: Iterable[Lesson],
        now: float,
    ) -> list[Decision]:
        """Write (delivery id, decision) pairs and lessons, mark the deliveries DONE: all in one transaction.

        A decision of kind "recall" takes back the refusal of its assignment that was not sent yet, and frees its key.
        A verdict that the platform turned down (FAILED, CONFLICT) gives way to a person's (payload "by").
        A decision whose key is taken is not written again when it says the same (kind and payload), and is written as
        SUPERSEDED when it says something else. Returns the decisions that were written. Raises LaneLost.
        """

    def fail(self, lane: Lane, delivery_id: int, error: str, *, park: bool, retry_at_machine: float = 0.0) -> None:
        """Note a handler's error; park the delivery, or let it be claimed again from that machine time on."""

    def give_back(self, lane: Lane, delivery_ids: Collection[int]) -> None:
        """Uncount the attempt of claimed deliveries that were not handled for no fault of theirs (Toloka was away)."""

    def unpark(self, delivery_id: int) -> None:
        """Let a parked delivery be claimed again, its attempts forgotten."""

    # carrying out
    def due(self, lane: Lane, now: float, kinds: Collection[str] | None = None) -> list[Decision]:
        """Return the lane's PLANNED (due, not buffered) and SENT decisions that are in no call, by key."""

    def buffered(self, lane: Lane, buffer: str, limit: int | None = None) -> list[Decision]:
        """Return the lane's PLANNED decisions that wait in a buffer, by (due_at, key).

        These are all that buy no answer, and the first `limit` of those that do.
        """

    def fix_calls(
        self, lane: Lane, calls: Sequence[NewCall], release: Collection[int], buying_at: float | None = None
    ) -> list[Call]:
        """Fix bulk creations and take their members and the decisions in `release` out of the buffer, at once.

        With `buying_at` (platform time) raises MayNotSpend when the run may not buy all these answers then.
        """

    def open_calls(self, lane: Lane) -> list[Call]:
        """Return the lane's calls that are not DONE or FAILED, oldest first, members by key."""

    def mark_sent(self, lane: Lane, decision_ids: Collection[int], call_ids: Collection[int] = ()) -> None:
        """Note, before the wire, that these go out now: state SENT, one more send; a call's members are SENT too."""

    def settle(
        self,
        lane: Lane,
        outcomes: Sequence[Outcome],
        attempts: Sequence[Attempt],
        calls: Mapping[int, CallState] | None = None,
    ) -> None:
        """Write how decisions and calls ended, with the attempts made, in one transaction. Raises LaneLost.

        An outcome may leave a decision PLANNED or SENT (tried, to be tried again).
        """

    def decision(self, key: str) -> Decision | None:
        """Return the live decision under a key: not superseded, not recalled."""

    def decisions(self, *, kind: str | None = None, state: str | None = None) -> list[Decision]:
        """Return decisions by id."""

    def recent(self, pipeline: str, run: str, kinds: Collection[str], limit: int) -> list[Decision]:
        """Return a run's newest `limit` decisions of these kinds, oldest first; superseded ones do not count."""

    def verdicts_after(self, decision: Decision) -> tuple[int, float | None]:
        """Count the run's verdicts (proposed ones too) decided after this one, and when the last of them was."""

    def postpone(self, lane: Lane, due_at: Mapping[int, float]) -> None:
        """Let waiting decisions (by id) wait until another platform time."""

    # what the platform showed
    def fold(self, pages: Sequence[Page]) -> None:
        """Keep assignments and their answers as the platform shows them now."""

    def pages(self, assignment_ids: Collection[str]) -> dict[str, Page]:
        """Return the assignments that are known, by id."""

    def pages_of(self, pool_id: str, status: str | None = None) -> list[Page]:
        """Return all known assignments of a pool, by id."""

    def votes_about(self, assignment_ids: Collection[str]) -> list[tuple[Page, Answer]]:
        """Return every submitted answer to a question about these assignments, by (submitted, assignment id, task)."""

    def questions_about(self, assignment_ids: Collection[str]) -> list[Question]:
        """Return the questions recorded about these assignments, from the ledger, by key."""

    def standings(self, user_ids: Collection[str]) -> dict[str, Standing]:
        """Return the verifiers' sums of lessons; unknown ones are absent."""

    def verifiers(self, pool_id: str) -> list[Standing]:
        """Return the standings of all who answered in a pool and of whom something is known, by user id."""

    def watermark(self, pool_id: str, kind: str) -> float | None:
        """Return up to which platform time the reconciler has seen everything."""

    def write_watermarks(self, marks: Mapping[tuple[str, str], float]) -> None:
        """Move watermarks."""

    # labels
    def labels_of(self, pool_id: str, field: str) -> Iterator[tuple[str, str, str]]:
        """Stream (task id, user id, label) of every answer on a SUBMITTED or ACCEPTED page of a pool.

        The label is the answer's output value of that name: a text as it is, anything else as JSON says it. Answers
        without it are left out. The order is by (label, task id, user id).
        """

    def fields_of(self, pool_id: str) -> list[str]:
        """Return the names of the output values that occur on a pool's SUBMITTED and ACCEPTED pages, sorted."""

    def tasks_of(self, pool_id: str) -> Iterator[tuple[str, str, Json]]:
        """Stream (task id, key, input values) of every task put into a pool, in the order in which it was decided.

        The key is the one it was asked under, without the pool's id: what is asked about, and the generation.
        """

    def solutions_of(self, pool_id: str) -> Mapping[str, Json]:
        """Return the known output values of a pool's control and training tasks, by task id, from the ledger."""

    def rewards_of(self, pool_id: str) -> float:
        """Return what a pool's SUBMITTED and ACCEPTED pages cost, in dollars without the fee."""

    def write_labels(self, pool_id: str, method: str, labels: Iterable[TaskLabel]) -> None:
        """Keep what a pool's answers came to by a method, in place of what they came to before, all at once."""

    def labels(self, pool_id: str) -> Mapping[str, list[TaskLabel]]:
        """Return the last labels of a pool's tasks by the method that made them, each by task id."""

    # looking on
    def tally(self) -> Mapping[str, int]:
        """Count decisions by "kind:state", and the answers given so far by pool id; what is not there counts 0."""

    def uuids(self) -> list[tuple[int, str]]:
        """Return (seq, uuid) of every event, by seq."""

    def version(self) -> Any:
        """Return a value that changes whenever another connection wrote: a cheap way to wait for work."""

    def beat(self) -> None:
        """Note that a worker is at work now; what waits for `version` to change is not woken."""

    def close(self) -> None:
        """Close the connections of all threads of this process; a later use opens them again."""
