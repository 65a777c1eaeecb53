"""Where the platform, or what became of our decisions, is no longer what was declared; nothing is ever changed back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from os.path import commonprefix
from typing import Any

from app.pool_states import ADVICE, BY_ITSELF
from handlers.gateway import Gateway, plain, pool_state
from handlers.routing import Running
from handlers.trouble import TolokaTrouble, TroubleKind
from store.contract import Store
from store.records import Decision, DecisionState

AUDIT_SECONDS = 3600.0  # platform time between two audits
RETRY_SECONDS = 60.0  # platform time after one that Toloka did not let through
ASTRAY = (DecisionState.CONFLICT, DecisionState.FAILED, DecisionState.UNKNOWN)
MOVING = frozenset({"will_expire", "metadata"})  # depends on when it was set up, or is only a mark
UNORDERED = frozenset({"filter", "quality_control"})  # lists whose order means nothing
LONGEST = 80  # characters of a value that are shown
GONE = "does not exist any more"


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that is not as declared: what, how it should be and is, since when, and what a person can do."""

    what: str  # "pool checking: reward_per_assignment", "project outlining: status", "skill checking", "accept a1"
    declared: str
    found: str
    since: float  # platform time: of a closing or a decision, else of the first audit that saw it
    advice: str = ""


def note_name(running: Running) -> str:
    """Return the name of the note that keeps a run's last audit."""
    return f"drift:{running.pipeline.name}:{running.run}"


def last_audit(store: Store, running: Running) -> tuple[float | None, list[Drift]]:
    """Return when a run was last audited (platform time; None: never) and what was found."""
    text = store.notes().get(note_name(running))
    if text is None:
        return None, []
    kept = json.loads(text)
    return float(kept["at"]), [Drift(**each) for each in kept["drift"]]


def audit(store: Store, gateway: Gateway, running: Running, now: float) -> list[Drift]:
    """Compare a run with the platform at platform time `now`, and tell of decisions that came to something else.

    What an earlier audit found already keeps its `since`. Raises TolokaTrouble.
    """
    _, before = last_audit(store, running)
    known = {(each.what, each.found): each.since for each in before}
    ids = {each.role: each.object_id for each in store.bindings(running.pipeline.name, running.run)}
    shown = [
        replace(each, since=known.get((each.what, each.found), each.since))
        for each in _look(gateway, running, ids, now)
    ]
    return [*shown, *_astray(store, running)]


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
            found = [asdict(each) for each in audit(self.store, self.gateway, running, now)]
            self.store.write_note(note_name(running), json.dumps({"at": now, "drift": found}))
        self.next_at = now + AUDIT_SECONDS


def _look(gateway: Gateway, running: Running, ids: Mapping[str, str], now: float) -> Iterator[Drift]:
    client = gateway.client
    for role, name in running.pipeline.skills.items():
        if f"skill:{role}" in ids and _seen(gateway, client.get_skill, ids[f"skill:{role}"]) is None:
            advice = "pools that ask for it or give it do not work as declared; set up another run"
            yield Drift(f"skill {role}", name, GONE, now, advice)
    for role, pool in running.pipeline.pools.items():
        if f"project:{role}" in ids and pool.declared.project:
            found = _seen(gateway, client.get_project, ids[f"project:{role}"])
            yield from _project(role, pool.declared.project(running.settings), found, now)
        if f"pool:{role}" in ids:
            found = _seen(gateway, client.get_pool, ids[f"pool:{role}"])
            made = pool.declared.pool(running.settings, ids, now) if pool.declared.pool else None
            yield from _pool(role, made, found, now)


def _seen(gateway: Gateway, read: Any, object_id: str) -> Any:
    """Return what the platform shows, None when it knows no such thing."""
    try:
        return gateway.ask(read, object_id)
    except TolokaTrouble as error:
        if error.trouble.kind is TroubleKind.PERMANENT:
            return None
        raise


def _project(role: str, made: Any, found: Any, now: float) -> Iterator[Drift]:
    if found is None:
        yield Drift(f"project {role}", made.public_name, GONE, now, "set up another run")
        return
    if found.status.value != "ACTIVE":
        advice = "nothing can be asked in it any more; set up another run"
        yield Drift(f"project {role}: status", "ACTIVE", found.status.value, now, advice)
    yield from _changed(f"project {role}", made, found, now)


def _pool(role: str, made: Any, found: Any, now: float) -> Iterator[Drift]:
    if found is None:
        yield Drift(f"pool {role}", "there", GONE, now, "set up another run")
        return
    state = pool_state(found)
    reason = state.close_reason
    if state.status == "CLOSED" and reason not in BY_ITSELF:
        advice = ADVICE.get(reason or "", "look at it on the site")
        yield Drift(
            f"pool {role}: status", "open while there is work", f"CLOSED: {reason}", state.last_stopped or now, advice
        )
    elif state.status not in ("OPEN", "CLOSED"):
        advice = "nothing can be asked in it any more; set up another run for what is pending"
        yield Drift(f"pool {role}: status", "open while there is work", state.status, now, advice)
    if made is not None:
        yield from _changed(f"pool {role}", made, found, now)


def _changed(what: str, made: Any, found: Any, now: float) -> Iterator[Drift]:
    """Compare every field that we declare; what the platform adds of its own is no drift."""
    advice = "put it back on the site, or change the pipeline; what was asked meanwhile was asked as found"
    for path, ours, theirs in _differing(plain(made.unstructure()), plain(found.unstructure()), ""):
        declared, shown = _texts(ours, theirs)
        yield Drift(f"{what}: {path}", declared, shown, now, advice)


def _differing(ours: Mapping[str, Any], theirs: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any, Any]]:
    for name, wanted in ours.items():
        where, shown = f"{path}{name}", theirs.get(name)
        wanted, shown = _parsed(wanted), _parsed(shown)
        if where in MOVING:
            continue
        if isinstance(wanted, Mapping) and isinstance(shown, Mapping) and name not in {*UNORDERED, "config"}:
            yield from _differing(wanted, shown, f"{where}.")
        elif not _same(wanted, shown, ordered=where not in UNORDERED):
            yield where, wanted, shown


def _parsed(value: Any) -> Any:
    """Return what a JSON text says: an interface is sent as text, and comes back with its keys in another order."""
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


def _same(ours: Any, theirs: Any, *, ordered: bool) -> bool:
    """Whether all that we say is there; what the platform adds to a mapping does not count."""
    if isinstance(ours, Mapping):
        return isinstance(theirs, Mapping) and all(
            _same(value, theirs.get(name), ordered=ordered) for name, value in ours.items()
        )
    if not isinstance(ours, list):
        return bool(ours == theirs)
    if not isinstance(theirs, list) or len(ours) != len(theirs):
        return False
    if ordered:
        return all(_same(mine, other, ordered=True) for mine, other in zip(ours, theirs, strict=True))
    return all(any(_same(mine, other, ordered=False) for other in theirs) for mine in ours)


def _texts(ours: Any, theirs: Any) -> tuple[str, str]:
    """Show both values as texts, long ones from where they begin to differ."""
    texts = [
        each if isinstance(each, str) else json.dumps(each, ensure_ascii=False, sort_keys=True)
        for each in (ours, theirs)
    ]
    start = len(commonprefix(texts)) - LONGEST // 4 if max(map(len, texts)) > LONGEST else 0
    return _part(texts[0], start), _part(texts[1], start)


def _part(text: str, start: int) -> str:
    before, rest = ("…", text[start:]) if start > 0 else ("", text)
    return before + (rest if len(rest) <= LONGEST else rest[: LONGEST - 1] + "…")


def _astray(store: Store, running: Running) -> Iterator[Drift]:
    run = (running.pipeline.name, running.run)
    for state in ASTRAY:
        for each in store.decisions(state=state):
            if (each.pipeline, each.run) == run:
                yield _outcome(each)


def _outcome(decision: Decision) -> Drift:
    shown = decision.result.get("error") or f"the platform shows {decision.result.get('status', 'nothing')}"
    about = decision.assignment_id or decision.task_id or decision.key
    return Drift(
        f"{decision.kind} {about}", "done", f"{decision.state}: {shown}", decision.decided_at, "look at it on the site"
    )
