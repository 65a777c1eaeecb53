"""Carry recorded decisions out and settle them. Whatever was sent before is looked at before it is sent again."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from handlers.adopting import Unclaimed
from handlers.buffering import new_call, parts, refusal_waits
from handlers.buying import Buyer
from handlers.controls import PREFIX
from handlers.deciding import LEASE_SECONDS, Observer, Step
from handlers.gateway import Created, Gateway
from handlers.recording import REFUSALS
from handlers.routing import Registry
from handlers.telling import aggregated, ask_failed, ask_found
from handlers.trouble import Breaker, TolokaTrouble, Trouble, TroubleKind
from store.contract import Store
from store.errors import CrowdhookError
from store.records import Attempt, Call, CallState, Decision, DecisionState, Lane, Outcome

log = logging.getLogger(__name__)
AT_ONCE = 40  # reviews between two settlements
MOST_GENERATIONS = 5  # of a bulk creation whose operation fails
LOST = {DecisionState.FAILED, DecisionState.UNKNOWN}
WAITS = {TroubleKind.TRANSIENT, TroubleKind.QUOTA, TroubleKind.AUTH, TroubleKind.UNKNOWN}

Publisher = Callable[[Decision], None]
Aggregator = Callable[[Decision], Mapping[str, object] | None]  # what came of it; None while it goes on


def nobody_aggregates(decision: Decision) -> Mapping[str, object] | None:
    """Refuse to make labels, where nobody said how."""
    raise CrowdhookError(f"Nobody here makes labels ({decision.key}).")


@dataclass(frozen=True, slots=True)
class Tried:
    """How one try ended: the decision's state now, what is to be remembered, and the trouble if there was one."""

    state: DecisionState
    result: dict[str, object]
    trouble: Trouble | None = None


class Carrier:
    """Carries out what the ledger says, lane by lane."""

    def __init__(
        self,
        store: Store,
        gateway: Gateway,
        registry: Registry,
        *,
        identity: str,
        machine_clock: Callable[[], float],
        observe: Observer,
        publish: Publisher,
        aggregate: Aggregator = nobody_aggregates,
    ) -> None:
        self.store, self.gateway, self.registry = store, gateway, registry
        self.identity, self.machine_clock = identity, machine_clock
        self.observe, self.publish, self.aggregate = observe, publish, aggregate
        self.buyer = Buyer(store, registry, identity)
        self.quotas: dict[str, Breaker] = {}  # by kind of decision
        self.unclaimed = Unclaimed()
        self.done = 0  # decisions carried out, ever

    def lane(self, lane: Lane, now: float) -> bool:
        """Carry out what is due in a lane; True when anything was. Raises TolokaTrouble when it has to wait."""
        self._release(lane, now)
        worked = False
        for call in self.store.open_calls(lane):
            if self._allowed("ask"):
                self.store.extend(lane, LEASE_SECONDS)
                worked |= self._call(lane, call)
        due = [each for each in self.store.due(lane, now) if self._allowed(each.kind)]
        orphans = [each for each in due if each.kind == "ask"]
        if orphans:  # their call failed, and this worker died before it made the next one
            self._again(lane, orphans, max(each.sends for each in orphans))
        reviews = [each for each in due if each.kind in {"accept", "reject"}]
        for at in range(0, len(reviews), AT_ONCE):
            self._together(lane, reviews[at : at + AT_ONCE], self._review)
        votes = [each for each in due if each.kind == "votes"]
        if votes:
            self._together(lane, votes, self._more_votes, afterwards=lambda: self._reopen(lane.pool_id))
        for decision in due:
            if decision.kind not in {"accept", "reject", "votes", "ask"}:
                self._together(lane, [decision], self._other)
        return worked or bool(due)

    def adopt(self, lane: Lane) -> None:
        """Settle the waiting asks whose tasks are on the platform already. Raises TolokaTrouble; then look anew."""
        asks = [each for each in self.store.buffered(lane, lane.pool_id) if each.kind == "ask"]
        found = [(each, task_id) for each in asks if (task_id := self.unclaimed.take(each))]
        if found:
            log.warning("tasks found that the ledger did not know", extra={"pool_id": lane.pool_id, "n": len(found)})
            self._reopen(lane.pool_id)
            self.store.append([ask_found(lane.pool_id, each) for each, _ in found if _is_about_work(each)])
            outcomes = [Outcome(each.id, DecisionState.DONE, {"task_id": task_id}) for each, task_id in found]
            self._settle(lane, [each for each, _ in found], outcomes, [])

    def _allowed(self, kind: str) -> bool:
        """Say whether the platform's quota for this kind of call, if it was ever reached, is open again."""
        return kind not in self.quotas or self.quotas[kind].closed

    def _waits(self, kind: str, trouble: Trouble) -> None:
        """Wait: with this kind of call when its quota is reached, else (by raising) with everything."""
        if trouble.kind is not TroubleKind.QUOTA:
            raise TolokaTrouble(trouble)
        log.warning("quota reached", extra={"kind": kind, "pause": trouble.pause})
        self.quotas.setdefault(kind, Breaker(self.machine_clock)).failed(trouble.pause)

    def _release(self, lane: Lane, now: float) -> None:
        ripe, later = self._ripe(self.store.buffered(lane, REFUSALS), now)
        if ripe:
            self.store.fix_calls(lane, [], ripe)
        if later:
            self.store.postpone(lane, later)
        self.buyer.lane(lane, now)

    def _ripe(self, refusals: Sequence[Decision], now: float) -> tuple[list[int], dict[int, float]]:
        """Return the waiting refusals to be sent now, and those that must wait on, with until when."""
        ripe: list[int] = []
        later: dict[int, float] = {}
        for each in refusals:
            if each.due_at is not None and each.due_at > now:
                continue
            until = refusal_waits(each, *self.store.verdicts_after(each), now)
            if until is None:
                ripe.append(each.id)
            else:
                later[each.id] = until
        return ripe, later

    # bulk creation
    def _call(self, lane: Lane, call: Call) -> bool:
        """Create a call's tasks and open their pool; False while the platform is still at it."""
        self.store.mark_sent(lane, [], [call.id])
        self._tell("sent", call.members)
        try:
            created = self.gateway.create(call)
            if created.finished and not created.failed:
                self._reopen(call.pool_id)
        except TolokaTrouble as error:
            self._call_trouble(lane, call, error)
            return True
        self._tell("applied", call.members)
        if created.failed:
            self._next_generation(lane, call)
        elif created.finished:
            outcomes = [_created_outcome(created, at, member) for at, member in enumerate(call.members)]
            self._settle(lane, call.members, outcomes, [self._attempt(None, call.id)], {call.id: CallState.DONE})
        return created.finished

    def _reopen(self, pool_id: str) -> None:
        if self.buyer.may_open(pool_id):
            self.gateway.reopen(pool_id)

    def _call_trouble(self, lane: Lane, call: Call, error: TolokaTrouble) -> None:
        attempt = [self._attempt(error.trouble, call.id)]
        if error.trouble.kind in WAITS:
            self.store.settle(lane, [], attempt)
            self._waits("ask", error.trouble)
            return
        self._settle(lane, call.members, _all_failed(call, str(error)), attempt, {call.id: CallState.FAILED})

    def _next_generation(self, lane: Lane, call: Call) -> None:
        """A creation that the platform gave up is tried again under another operation id, a few times."""
        trouble = Trouble(TroubleKind.TRANSIENT, code="OPERATION_FAILED", message=f"generation {call.generation}")
        attempt = [self._attempt(trouble, call.id)]
        if call.generation + 1 >= MOST_GENERATIONS:
            outcomes = _all_failed(call, "The creation failed.")
            self._settle(lane, call.members, outcomes, attempt, {call.id: CallState.FAILED})
        else:
            self.store.settle(lane, [], attempt, {call.id: CallState.FAILED})
            self._again(lane, call.members, call.generation + 1)

    def _again(self, lane: Lane, asks: Sequence[Decision], generation: int) -> None:
        self.store.fix_calls(lane, [new_call(part, self.identity, generation) for part in parts(asks)], [])

    def _settle(
        self,
        lane: Lane,
        decisions: Sequence[Decision],
        outcomes: Sequence[Outcome],
        attempts: Sequence[Attempt],
        calls: Mapping[int, CallState] | None = None,
    ) -> None:
        """Write how decisions ended; questions that the platform refused for good are told as events of our own."""
        failed = [
            ask_failed(lane.pool_id, decision, outcome)
            for decision, outcome in zip(decisions, outcomes, strict=True)
            if outcome.state in LOST and decision.kind in {"ask", "votes"} and _is_about_work(decision)
        ]
        if failed:
            self.store.append(failed)
        self.store.settle(lane, outcomes, attempts, calls)
        self.done += sum(each.state is DecisionState.DONE for each in outcomes)
        self._tell("settled", decisions)

    # one by one
    def _together(
        self,
        lane: Lane,
        decisions: Sequence[Decision],
        carry: Callable[[Decision], Tried],
        afterwards: Callable[[], object] | None = None,
    ) -> None:
        """Mark, do, settle; `afterwards` belongs to the doing: until it worked, nothing is settled as done."""
        self.store.extend(lane, LEASE_SECONDS)
        self.store.mark_sent(lane, [decision.id for decision in decisions])
        self._tell("sent", decisions)
        tried = self.gateway.each(self._guarded(carry), decisions)
        if afterwards is not None:
            afterwards()
        self._tell("applied", decisions)
        outcomes = [Outcome(d.id, t.state, t.result) for d, t in zip(decisions, tried, strict=True)]
        attempts = [
            self._attempt(t.trouble, decision_id=d.id)
            for d, t in zip(decisions, tried, strict=True)
            if d.kind in {"accept", "reject", "appeal", "votes", "open", "close"}
        ]
        self._settle(lane, decisions, outcomes, attempts)
        for decision, each in zip(decisions, tried, strict=True):
            if each.trouble and each.trouble.kind in WAITS:
                self._waits(decision.kind, each.trouble)

    def _guarded(self, carry: Callable[[Decision], Tried]) -> Callable[[Decision], Tried]:
        def guarded(decision: Decision) -> Tried:
            try:
                return carry(decision)
            except TolokaTrouble as error:
                waits = error.trouble.kind in WAITS
                state = DecisionState.SENT if waits else DecisionState.FAILED
                return Tried(state, {} if waits else {"error": str(error)}, error.trouble)

        return guarded

    def _review(self, decision: Decision) -> Tried:
        comment = str(decision.payload.get("comment", ""))
        state, seen = self.gateway.review(
            decision.kind, decision.assignment_id or "", comment, resend=decision.sends > 0
        )
        return Tried(state, {"status": seen})

    def _more_votes(self, decision: Decision) -> Tried:
        payload = decision.payload
        return Tried(
            DecisionState.DONE, {"overlap": self.gateway.raise_overlap(payload["task_id"], payload["overlap"])}
        )

    def _other(self, decision: Decision) -> Tried:
        match decision.kind:
            case "hold" | "recall":
                return Tried(DecisionState.DONE, {})
            case "appeal":
                comment = str(decision.payload.get("comment", ""))
                state, seen = self.gateway.appeal(decision.assignment_id or "", comment)
                return Tried(state, {"status": seen})
            case "open":
                return Tried(DecisionState.DONE, {"status": self.gateway.open(decision.lane).status})
            case "close":
                return Tried(DecisionState.DONE, {"status": self.gateway.close_pool(decision.lane).status})
            case "aggregate":
                return self._aggregate(decision)
            case "publish":
                return self._publish(decision)
            case _:
                return Tried(DecisionState.FAILED, {"error": f"Nobody knows how to carry out {decision.kind!r}."})

    def _aggregate(self, decision: Decision) -> Tried:
        """Ask whether the labels are made; they are told as an event of our own."""
        try:
            made = self.aggregate(decision)
        except TolokaTrouble:
            raise
        except CrowdhookError as error:
            if error.temporary:
                return Tried(DecisionState.SENT, {})
            # what a method cannot do must not keep anybody from being paid
            log.error("not aggregated", extra={"key": decision.key}, exc_info=error)
            return Tried(DecisionState.FAILED, {"error": str(error)})
        if made is None:
            return Tried(DecisionState.SENT, {})
        self.store.append([aggregated(decision, made)])
        return Tried(DecisionState.DONE, dict(made))

    def _publish(self, decision: Decision) -> Tried:
        try:
            self.publish(decision)
        except Exception as error:  # results that cannot be written must not keep anybody from being paid
            log.error("results not written", extra={"key": decision.key}, exc_info=error)
            return Tried(DecisionState.FAILED, {"error": f"{type(error).__name__}: {error}"})
        return Tried(DecisionState.DONE, {})

    def _attempt(self, trouble: Trouble | None, call_id: int | None = None, decision_id: int | None = None) -> Attempt:
        at = self.machine_clock()
        if trouble is None:
            return Attempt(decision_id, call_id, at, "")
        return Attempt(
            decision_id, call_id, at, trouble.kind, trouble.status, trouble.code, trouble.request_id, trouble.message
        )

    def _tell(self, name: str, decisions: Sequence[Decision]) -> None:
        keys = tuple(decision.key for decision in decisions)
        self.observe(Step(name, frozenset(decision.kind for decision in decisions), keys))


def _created_outcome(created: Created, at: int, member: Decision) -> Outcome:
    """Tell how one member of a finished creation ended: with a task, refused, or lost without a word."""
    if at in created.task_ids:
        return Outcome(member.id, DecisionState.DONE, {"task_id": created.task_ids[at]})
    if at in created.refusals:
        return Outcome(member.id, DecisionState.FAILED, {"error": created.refusals[at]})
    return Outcome(member.id, DecisionState.UNKNOWN, {"error": "The operation's log does not name this task."})


def _all_failed(call: Call, error: str) -> list[Outcome]:
    return [Outcome(member.id, DecisionState.FAILED, {"error": error}) for member in call.members]


def _is_about_work(decision: Decision) -> bool:
    return bool(decision.assignment_id) and not str(decision.assignment_id).startswith(PREFIX)
