"""Where the platform, or what became of our decisions, is no longer what was declared; nothing is ever changed back."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from app.in_flight import missing_answers
from app.pool_states import ADVICE, BY_ITSELF, closed_by_run
from handlers.differences import differences
from handlers.gateway import Gateway, pool_state
from handlers.routing import Running
from handlers.trouble import TolokaTrouble, TroubleKind
from store.contract import Store
from store.records import Decision, DecisionState, PoolState

log = logging.getLogger(__name__)
AUDIT_SECONDS = 3600.0  # platform time between two audits
RETRY_SECONDS = 60.0  # platform time after one that Toloka did not let through
ASTRAY = (DecisionState.CONFLICT, DecisionState.FAILED, DecisionState.UNKNOWN)
LOOK = "look at its page in the event log"
WORKS = "open while there is work"
GONE = "does not exist any more"
ANEW = "nothing can be asked in it any more; set up another run for what is left"
CHANGED = "put it back on the site if nobody meant it; what is asked meanwhile is asked and paid as found"
LOST = "give it back on the site, or let it be: the author of a picture never checks it in any case"
STARVED = "top the account up or look why work was stopped; open the pool on the site"


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that is not as declared: what, how it should be and is, since when, and what a person can do."""

    what: str  # "pool checking: reward_per_assignment", "project outlining: status", "skill checking", "accept a1"
    declared: str
    found: str
    since: float  # platform time: of a closing or a decision, else of the first audit that saw it
    advice: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What one look at the platform found, at a platform time."""

    at: float
    drift: tuple[Drift, ...]
    holders: Mapping[str, Sequence[str]] = field(default_factory=dict)  # skill's role -> performers who ever had it


def note_name(pipeline: str, run: str) -> str:
    """Return the name of the note that keeps a run's last audit."""
    return f"drift:{pipeline}:{run}"


def last_audit(store: Store, pipeline: str, run: str) -> Audit | None:
    """Return a run's last audit; None when there was none yet."""
    text = store.notes().get(note_name(pipeline, run))
    if text is None:
        return None
    kept = json.loads(text)
    return Audit(kept["at"], tuple(Drift(**each) for each in kept["drift"]), kept["holders"])


def audit(store: Store, gateway: Gateway, running: Running, now: float) -> Audit:
    """Compare a run with the platform at platform time `now`, and tell of decisions that came to something else.

    What has no date of its own keeps the `since` of the first audit that found it. Raises TolokaTrouble.
    """
    before = last_audit(store, running.pipeline.name, running.run) or Audit(now, ())
    known = {(each.what, each.found): each.since for each in before.drift}
    look = _Look(store, gateway, running, now)
    holders = look.holders()
    had = {role: sorted({*before.holders.get(role, ()), *have}) for role, have in holders.items()}
    found = [*look.projects(), *look.pools(), *look.skills(holders, had)]
    dated = (_first_seen(each, known) if each.since == now else each for each in found)
    return Audit(now, (*dated, *_astray(store, running)), had)


def _first_seen(drift: Drift, known: Mapping[tuple[str, str], float]) -> Drift:
    return replace(drift, since=known.get((drift.what, drift.found), drift.since))


class Auditor:
    """Audits every run at its start and once an hour, and keeps what it found as a note."""

    def __init__(self, store: Store, gateway: Gateway, runs: Sequence[Running]) -> None:
        self.store, self.gateway, self.runs = store, gateway, runs
        self.next_at: float | None = None

    def due(self, now: float) -> bool:
        """Say whether it is time for an audit, in platform time."""
        return self.next_at is None or now >= self.next_at

    def look(self, now: float) -> None:
        """Audit every run. Raises TolokaTrouble."""
        self.next_at = now + RETRY_SECONDS
        for running in self.runs:
            self._audit(running, now)
        self.next_at = now + AUDIT_SECONDS

    def _audit(self, running: Running, now: float) -> None:
        try:
            found = audit(self.store, self.gateway, running, now)
        except TolokaTrouble:
            raise
        except Exception as error:  # what cannot be compared must not keep anybody from being paid
            log.error("not audited", extra={"pipeline": running.pipeline.name, "run": running.run}, exc_info=error)
            return
        self.store.write_note(note_name(running.pipeline.name, running.run), json.dumps(asdict(found)))


class _Look:
    """One look at everything that a run has on the platform."""

    def __init__(self, store: Store, gateway: Gateway, running: Running, now: float) -> None:
        self.store, self.gateway, self.running, self.now = store, gateway, running, now
        self.ids = {each.role: each.object_id for each in store.bindings(running.pipeline.name, running.run)}
        self.skills_declared = {f"skill:{role}": role for role in running.pipeline.skill_names(running.settings)}
        self.bound_skills = {bound: role for bound, role in self.skills_declared.items() if bound in self.ids}

    def projects(self) -> Iterator[Drift]:
        """Compare the projects: that they are there and in use, and say what was declared."""
        for role, pool in self.running.pipeline.pools.items():
            if pool.declared.project is None or f"project:{role}" not in self.ids:
                continue
            what, made = f"project {role}", pool.declared.project(self.running.settings)
            found = self._seen(self.gateway.client.get_project, self.ids[f"project:{role}"])
            if found is None:
                yield self._drift(what, made.public_name, GONE, ANEW)
                continue
            if found.status.value != "ACTIVE":
                yield self._drift(f"{what}: status", "ACTIVE", found.status.value, ANEW)
            yield from self._changed(what, made, found)

    def pools(self) -> Iterator[Drift]:
        """Compare the pools: that they are there, not stopped by anybody, and as declared."""
        for role, pool_id in self.running.pool_ids.items():
            what, declared = f"pool {role}", self.running.pipeline.pools[role].declared
            client = self.gateway.client
            found = self._seen(client.get_training if declared.training else client.get_pool, pool_id)
            if found is None:
                yield self._drift(what, WORKS, GONE, ANEW)
                continue
            if not declared.training:  # the cap counts what is paid now
                self.store.write_price(pool_id, float(found.reward_per_assignment or 0))
            yield from self._standing(f"{what}: status", pool_state(found))
            if declared.pool is not None and self._needed <= self.ids.keys():
                yield from self._changed(what, declared.pool(self.running.settings, self.ids, self.now), found)

    @property
    def _needed(self) -> set[str]:
        """The roles of all that pools may be declared with."""
        pools = self.running.pipeline.pools
        projects = {f"project:{role}" for role, pool in pools.items() if pool.declared.project}
        return {*projects, *(f"pool:{role}" for role in pools), *self.skills_declared}

    def holders(self) -> dict[str, set[str]]:
        """Return who has each skill that is still there, by its role."""
        client = self.gateway.client
        found: dict[str, set[str]] = {}
        for bound, role in self.bound_skills.items():
            skill = self._seen(client.get_skill, self.ids[bound])
            if skill is not None:
                have = self.gateway.read(lambda skill_id: list(client.get_user_skills(skill_id=skill_id)), skill.id)
                found[role] = {each.user_id for each in have}
        return found

    def skills(self, holders: Mapping[str, set[str]], had: Mapping[str, Sequence[str]]) -> Iterator[Drift]:
        """Tell which skills are gone, and which performers lost one that they had at an earlier audit."""
        for role in self.bound_skills.values():
            if role not in holders:
                yield self._drift(
                    f"skill {role}", self.running.pipeline.skill_names(self.running.settings)[role], GONE, ANEW
                )
                continue
            for user_id in had[role]:
                if user_id not in holders[role]:
                    yield self._drift(f"skill {role} of {user_id}", "kept", "taken away", LOST)

    def _standing(self, what: str, state: PoolState) -> Iterator[Drift]:
        reason = state.close_reason
        if state.status == "CLOSED" and closed_by_run(self.store, state.pool_id):
            return
        if state.status not in ("OPEN", "CLOSED"):
            yield self._drift(what, WORKS, state.status, ANEW)
        elif state.status == "CLOSED" and reason not in BY_ITSELF:
            advice = ADVICE.get(reason or "", "look at it on the site")
            yield Drift(what, WORKS, f"CLOSED by {reason}", state.last_stopped or self.now, advice)
        elif state.status == "CLOSED" and missing_answers(self.store, state.pool_id):
            yield self._drift(what, WORKS, "CLOSED with work left", STARVED)

    def _changed(self, what: str, made: Any, found: Any) -> Iterator[Drift]:
        for name, declared, shown in differences(made, found):
            yield self._drift(f"{what}: {name}", declared, shown, CHANGED)

    def _drift(self, what: str, declared: str, found: str, advice: str) -> Drift:
        return Drift(what, declared, found, self.now, advice)

    def _seen(self, read: Callable[[str], Any], object_id: str) -> Any:
        """Return what the platform shows, None when it knows no such thing."""
        try:
            return self.gateway.read(read, object_id)
        except TolokaTrouble as error:
            if error.trouble.kind is TroubleKind.PERMANENT:
                return None
            raise


def _astray(store: Store, running: Running) -> Iterator[Drift]:
    """Tell of our decisions that came to something else than was decided, those with the same trouble together."""
    alike: dict[tuple[str, str], list[Decision]] = {}
    for state in ASTRAY:
        for each in store.decisions(state=state):
            if (each.pipeline, each.run) == (running.pipeline.name, running.run):
                alike.setdefault((each.kind, _outcome(each)), []).append(each)
    for (kind, found), decisions in alike.items():
        first = decisions[0]
        more = f" and {len(decisions) - 1} more" if len(decisions) > 1 else ""
        about = first.assignment_id or first.task_id or first.key
        yield Drift(f"{kind} {about}{more}", "done", found, first.decided_at, LOOK)


def _outcome(decision: Decision) -> str:
    shown = decision.result.get("error") or f"the platform shows {decision.result.get('status', 'nothing')}"
    return f"{decision.state}: {shown}"
