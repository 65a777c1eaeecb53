"""How any run stands: its money, its pools, and what did not come to what was decided or declared."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.drift import Drift, last_audit
from app.pool_states import PoolStanding, pool_standings
from handlers.record import KINDS
from handlers.routing import Running
from store.contract import Store
from store.records import Decision, DecisionState, Page, Workload
from store.spending import Purse

HOUR = 3600.0
LAST_HOURS = 3.0  # of platform time, from which rates are taken
DECLARED = ("project ", "pool ", "skill ")  # what a pipeline declares; an audit tells of decisions, too
BUYING = ("ask", "votes", "open")  # decisions that cost money, or let it be spent
WENT_ASTRAY = frozenset({DecisionState.CONFLICT, DecisionState.FAILED, DecisionState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Spending:
    """What a person allowed the run to spend, and what came of it; dollars with the fee that was set at its start."""

    state: str  # ready, started, paused, stopped; "" when nobody ever said anything
    cap: float | None
    daily_cap: float | None
    purse: Purse
    waiting: int  # asks, votes and openings that are decided and not carried out yet
    held_back: str  # why they are not: ready, paused, stopped, cap, daily cap; "" when nothing keeps them


@dataclass(frozen=True, slots=True)
class Astray:
    """A decision that did not come to what was decided: a person should look."""

    kind: str
    state: str  # conflict, failed, unknown
    about: str  # assignment or task id; else the decision's key
    reason: str
    event_seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """How a run stands at the platform time `now`; shares are in 0..1, money in dollars."""

    pipeline: str
    run: str
    now: float
    spending: Spending
    pools: tuple[PoolStanding, ...]
    astray: tuple[Astray, ...]
    audited: float | None  # platform time of the last look at what the platform has; None: nobody looked yet
    drift: tuple[Drift, ...]  # what it found changed
    workload: Workload  # of the whole database


def run_status(
    store: Store, running: Running, decisions: Sequence[Decision], pages: dict[str, Sequence[Page]], now: float
) -> RunStatus:
    """Return what is the same of every run; `decisions` are the run's, `pages` by role those that are known."""
    looked = last_audit(store, running.pipeline.name, running.run)
    return RunStatus(
        pipeline=running.pipeline.name,
        run=running.run,
        now=now,
        spending=_spending(store, running, decisions, now),
        pools=pool_standings(store, running, decisions, pages),
        astray=_astray(decisions),
        audited=looked.at if looked else None,
        drift=tuple(each for each in looked.drift if each.what.startswith(DECLARED)) if looked else (),
        workload=store.workload(now),
    )


def decisions_of(store: Store, running: Running) -> tuple[Decision, ...]:
    """Return a run's decisions, in the order in which they were taken."""
    name, run = running.pipeline.name, running.run
    return tuple(each for each in store.decisions() if (each.pipeline, each.run) == (name, run))


def platform_now(store: Store, running: Running, machine_now: float) -> float:
    """Return platform time, as well as the database knows it.

    Where the platform's clock and the machine's agree it is the machine's time. Where they do not (a simulator) it is
    that of the newest decision or event.
    """
    last = store.recent(running.pipeline.name, running.run, ("ask", "votes", *KINDS), 1)
    if not last or abs(last[0].decided_at - last[0].decided_at_machine) < HOUR:
        return machine_now
    return max([last[0].decided_at, *(each.event.event_time for each in store.events(limit=20).events)])


def _spending(store: Store, running: Running, decisions: Sequence[Decision], now: float) -> Spending:
    control = store.run_control(running.pipeline.name, running.run)
    waits = [each for each in decisions if each.kind in BUYING and each.buffer in running.pool_ids.values()]
    waiting = [each for each in waits if each.state is DecisionState.PLANNED]
    held_back = ""
    for pool_id in sorted({each.lane for each in waiting}):
        may = store.allowance(pool_id, now)
        fewest = min(each.places for each in waiting if each.lane == pool_id)
        if may.barred or (may.places is not None and may.places < fewest):
            held_back = may.why
    return Spending(
        state=str(control.state) if control else "",
        cap=control.cap if control else None,
        daily_cap=control.daily_cap if control else None,
        purse=store.purse(running.pipeline.name, running.run, now),
        waiting=len(waiting),
        held_back=held_back,
    )


def _astray(decisions: Sequence[Decision]) -> tuple[Astray, ...]:
    return tuple(
        Astray(
            kind=each.kind,
            state=str(each.state),
            about=each.assignment_id or each.task_id or each.key,
            reason=str(each.result.get("error") or f"the platform shows {each.result.get('status', 'nothing')}"),
            event_seq=each.event_seq,
        )
        for each in decisions
        if each.state in WENT_ASTRAY
    )
