"""`crowdhook start`, `pause`, `resume` and `stop`: a person's word about a run's money, and its pools."""

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

from app.config import Settings
from app.pool_states import OPENED, closed_by_run
from app.runs import Account, find_run, signed_in
from handlers.routing import Running
from handlers.subscribing import Subscriptions
from handlers.trouble import TolokaTrouble, TroubleKind
from store.contract import Store
from store.errors import CrowdhookError
from store.records import Event
from store.spending import RunControl, RunState
from store.sqlite import SqliteStore

OPENED_BY_WORK = "COMPLETED"  # a pool that closed so is opened by the next task that is put into it
EMPTY = "EMPTY_POOL"


class BadCap(CrowdhookError):
    """This cap cannot be:"""


class NoBalance(CrowdhookError):
    """The account cannot pay for the next page: pay money in, then start again."""


class Ended(CrowdhookError):
    """This run was put away (`crowdhook destroy`): set up another one, with another --run."""


class NeverStarted(CrowdhookError):
    """This run was never started: `crowdhook start` it with a --cap."""


@dataclass(frozen=True, slots=True)
class Caps:
    """What a run may cost, in dollars with the platform's fee."""

    total: float
    daily: float | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """A run, the account that it spends from, and who speaks."""

    store: Store
    account: Account
    running: Running
    fee: float
    who: str

    def start(self, caps: Caps) -> Iterator[str]:
        """Let the run spend up to its caps; says what was done. Raises BadCap, NoBalance."""
        self._write(replace(self._control(), fee=self.fee))
        purse = self.store.purse(self.running.pipeline.name, self.running.run, self.account.now)
        known = f"${purse.paid:.2f} are paid and ${purse.in_flight:.2f} in flight"
        if caps.total < purse.committed:
            raise BadCap(f"${caps.total:.2f} is too low: {known}. Choose ${purse.committed:.2f} or more.")
        self._check_balance(purse.in_flight)
        state = RunState.STARTED
        self._say(replace(self._control(), state=state, cap=caps.total, daily_cap=caps.daily), "RUN_STARTED")
        daily = "" if caps.daily is None else f", ${caps.daily:.2f} a day"
        yield f"{self.name}: started, with ${caps.total:.2f} to spend{daily}; {known}."
        if self.account.balance < caps.total - purse.paid:
            yield f"Note: the balance is ${self.account.balance:.2f}, less than the cap; without money pools close."
        if not self._subscribed():
            yield "Note: nothing is subscribed: events are found by looking, two minutes late (crowdhook subscribe)."
        yield from self._open()

    def pause(self) -> Iterator[str]:
        """Ask nothing new; what was asked goes on, verdicts go out."""
        self._say(replace(self._started(), state=RunState.PAUSED), "RUN_PAUSED")
        yield f"{self.name}: paused. Nothing new is asked; what was asked goes on, and verdicts go out."

    def resume(self) -> Iterator[str]:
        """Go on, with the caps that were set at the start."""
        control = self._started()
        yield from self.start(Caps(control.cap or 0.0, control.daily_cap))

    def stop(self) -> Iterator[str]:
        """Ask nothing new and close the pools; verdicts still go out."""
        self._say(replace(self._control(), state=RunState.STOPPED), "RUN_STOPPED")
        yield f"{self.name}: stopped. Pages that people are at may still be handed in, and verdicts go out."
        for role, pool_id in self.running.pool_ids.items():
            state = self.account.gateway.pool(pool_id)
            if state.status == "OPEN":
                state = self.account.gateway.close_pool(pool_id)
            yield f"  pool {role} ({pool_id}): {state.status.lower()}"

    def end(self) -> None:
        """Nobody watches this run any more."""
        self._say(replace(self._control(), state=RunState.ENDED), "RUN_ENDED")

    @property
    def name(self) -> str:
        """Return the run as a person names it."""
        return f"{self.running.pipeline.name}, run {self.running.run}"

    def _open(self) -> Iterator[str]:
        """Open the pools that have work; one whose work was complete is opened by the next task.

        Those that the run itself closed are opened with another one, not alone.
        """
        states = {role: self.account.gateway.pool(pool_id) for role, pool_id in self.running.pool_ids.items()}
        shut = {
            role for role, each in states.items() if each.status == "CLOSED" and each.close_reason != OPENED_BY_WORK
        }
        goes_on = any(not closed_by_run(self.store, self.running.pool_ids[role]) for role in shut)
        for role, state in states.items():
            pool_id = self.running.pool_ids[role]
            if role in shut and goes_on:
                yield f"  pool {role} ({pool_id}): {self._opened(pool_id)}"
            else:
                yield f"  pool {role} ({pool_id}): {state.status.lower()}"

    def _opened(self, pool_id: str) -> str:
        try:
            opened = self.account.gateway.open(pool_id)
        except TolokaTrouble as error:
            if error.trouble.code == EMPTY:
                return "opens when tasks are put into it"
            if error.trouble.kind in {TroubleKind.CONFLICT, TroubleKind.PERMANENT}:
                return f"stays closed: {error.detail}"
            raise
        self._log(OPENED, pool_id)
        return opened.status.lower()

    def _subscribed(self) -> bool:
        pools = set(self.running.pool_ids.values())
        return any(each.pool_id in pools for each in Subscriptions(self.account.gateway).all())

    def _check_balance(self, in_flight: float) -> None:
        pools = self.account.gateway.pool_rewards(self.running.pool_ids.values())
        needed = in_flight + (1 + self.fee) * max(pools, default=0.0)
        if self.account.balance < needed:
            raise NoBalance(f"(${self.account.balance:.2f} are there, ${needed:.2f} are needed)")

    def _control(self) -> RunControl:
        names = (self.running.pipeline.name, self.running.run)
        control = self.store.run_control(*names) or RunControl(*names, RunState.READY)
        if control.state is RunState.ENDED:
            raise Ended(f"({self.name})")
        return control

    def _started(self) -> RunControl:
        control = self._control()
        if control.cap is None:
            raise NeverStarted(f"({self.name})")
        return control

    def _write(self, control: RunControl) -> None:
        self.store.write_run(control)

    def _say(self, control: RunControl, type: str) -> None:
        """Keep the word, and write into the log who said it and when."""
        self._write(control)
        self._log(type, next(iter(self.running.pool_ids.values())), cap=control.cap, daily_cap=control.daily_cap)

    def _log(self, type: str, pool_id: str, **told: float | None) -> None:
        payload = {"type": type, "who": self.who} | told
        event = Event(
            uuid=str(uuid4()),
            type=type,
            pool_id=pool_id,
            event_time=self.account.now,
            source="crowdhook",
            payload=payload,
        )
        self.store.append([(json.dumps(payload).encode(), [event])])


@contextmanager
def at_the_desk(settings: Settings, pipeline: str, run: str | None, who: str) -> Iterator[Desk]:
    """Sign in and sit down at a run. Raises UnknownRun, WrongToken, NoToloka, ForeignDatabase."""
    with closing(SqliteStore(settings.database, time.time)) as store, signed_in(settings, store) as account:
        yield Desk(store, account, find_run(store, pipeline, run), settings.fee, who)
