"""Create on the platform what a pipeline declares, or adopt what this run already created; bind the ids.

Creating a project, a pool or a skill is not idempotent there: an answer that is lost would make a second one. So every
object carries its run and role in its `metadata`, and is looked for before it is created.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from handlers.differences import differences
from handlers.gateway import Gateway
from handlers.pipeline import Pipeline
from handlers.routing import Running
from handlers.trouble import TolokaTrouble, TroubleKind
from store.contract import Store
from store.errors import CrowdhookError
from store.records import Binding
from store.spending import RunControl, RunState

UNUSABLE = ("ARCHIVED", "LOCKED")


class Gone(CrowdhookError):
    """What this run was set up with cannot be used any more: set up another run (--run) for what is left."""


class OpenPool(CrowdhookError):
    """An open pool is not changed: pause the run and close the pool first (`crowdhook stop`)."""


class Changed(CrowdhookError):
    """What is declared is not what was set up; look at the differences above, and say --apply to change it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that is declared otherwise than it stands."""

    field: str
    declared: str
    found: str


@dataclass(frozen=True, slots=True)
class Planned:
    """One object of a run: what it is, whether it is there, and what would be changed about it."""

    role: str  # "skill:outlining", "project:outlining", "pool:outlining"
    name: str  # as the platform shows it
    object_id: str | None  # None: not there, will be created
    bound: bool = False  # this database knows it; else it was found by its mark, or its name
    status: str = ""
    reward: float | None = None  # of a pool: dollars a page
    changes: tuple[Change, ...] = ()


class Provisioner:
    """Sets one run of a pipeline up; a second run finishes what a first one began."""

    def __init__(self, store: Store, gateway: Gateway, pipeline: Pipeline, run: str, values: Mapping[str, Any]) -> None:
        self.store, self.gateway, self.pipeline, self.run = store, gateway, pipeline, run
        self.values = values
        self.settings = pipeline.settings(**values)
        self.ids = {each.role: each.object_id for each in store.bindings(pipeline.name, run)}
        self.bound = frozenset(self.ids)  # what this database knows; `ids` also get what is found

    def plan(self, now: float) -> list[Planned]:
        """Say what is there and what is not; nothing is changed. Raises Gone, TolokaTrouble."""
        look = _Look(self)
        return [*look.skills(), *look.pools_and_projects(now)]

    def settings_changes(self) -> tuple[Change, ...]:
        """Return which settings differ from those that the run was set up with."""
        text = self.store.notes().get(self._note)
        before: Mapping[str, Any] = json.loads(text) if text else self.values
        names = sorted({*before, *self.values})
        wanted = json.loads(json.dumps(dict(self.values)))
        return tuple(
            Change(name, _shown(wanted.get(name)), _shown(before.get(name)))
            for name in names
            if name not in self.pipeline.from_data and wanted.get(name) != before.get(name)
        )

    def provide(self, now: float, *, apply: bool = False) -> Running:
        """Create or adopt what is missing, and bind it; `now` is platform time.

        A run that is new may spend nothing until it is started. Raises Changed before anything is done, unless `apply`
        allows to change what stands; then raises OpenPool for a pool that is open.
        """
        planned = self.plan(now)
        changed = [each for each in planned if each.changes]
        if (changed or self.settings_changes()) and not apply:
            raise Changed
        for each in changed:
            if each.status == "OPEN":
                raise OpenPool(f"({each.role}, {each.object_id})")
        if self.store.run_control(self.pipeline.name, self.run) is None:
            self.store.write_run(RunControl(self.pipeline.name, self.run, RunState.READY))
        self.store.write_note(self._note, json.dumps(dict(self.values)))
        for each in planned:
            self._bring_about(each, now)
        return running(self.pipeline, self.run, self.settings, self.ids)

    @property
    def _note(self) -> str:
        return f"settings:{self.pipeline.name}:{self.run}"

    def _bring_about(self, planned: Planned, now: float) -> None:
        kind, _, role = planned.role.partition(":")
        object_id = planned.object_id or self._create(kind, role, now)
        if kind == "pool":
            self.store.write_note(f"pool:{object_id}", f"{self.pipeline.name} {self.run} {role}")
            self.store.write_price(object_id, planned.reward or 0.0)
        if not planned.bound:
            self.store.bind(Binding(self.pipeline.name, self.run, planned.role, object_id))
        self.ids[planned.role] = object_id
        if planned.changes:
            self.gateway.ask(self._calls(kind, role)[1], object_id, self.declared(kind, role, now))

    def _create(self, kind: str, role: str, now: float) -> str:
        client = self.gateway.client
        if kind == "skill":
            name = self.pipeline.skill_names(self.settings)[role]
            made = self.gateway.ask(
                client.create_skill, name=name, hidden=True, public_requester_description={"EN": name}
            )
        else:
            made = self.gateway.ask(self._calls(kind, role)[0], self.declared(kind, role, now))
        return str(made.id)

    def _calls(self, kind: str, role: str) -> tuple[Any, Any]:
        """Return the calls that create and update an object of this kind."""
        client = self.gateway.client
        if kind == "project":
            return client.create_project, client.update_project
        if self.pipeline.pools[role].declared.training:
            return client.create_training, client.update_training
        return client.create_pool, client.update_pool

    def declared(self, kind: str, role: str, now: float) -> Any:
        """Return the toloka-kit object that the pipeline declares, with the mark by which it is found again."""
        declared = self.pipeline.pools[role].declared
        if kind == "pool" and declared.pool:
            made = declared.pool(self.settings, _Ids(self.ids), now)
        elif declared.project:
            made = declared.project(self.settings)
        else:
            raise LookupError(f"{role} declares no {kind}.")
        made.metadata = {"crowdhook": [self.mark(role)]}
        return made

    def mark(self, role: str) -> str:
        """Return what an object's metadata says of whose it is."""
        return f"{self.pipeline.name}:{self.run}:{role}"


class _Ids(dict[str, str]):
    """Ids by role; what is not there yet will be by the time it is needed."""

    def __missing__(self, role: str) -> str:
        return "new"


class _Look:
    """One look at the platform for what a run has there."""

    def __init__(self, of: Provisioner) -> None:
        self.of, self.client, self.read = of, of.gateway.client, of.gateway.read

    def skills(self) -> Iterator[Planned]:
        """Skills are the account's, shared by all runs: found by name."""
        for role, name in self.of.pipeline.skill_names(self.of.settings).items():
            key = f"skill:{role}"
            found = self.of.ids.get(key) or self._skill_named(name)
            if found:
                self.of.ids[key] = found
            yield Planned(key, name, found, bound=key in self.of.bound)

    def pools_and_projects(self, now: float) -> Iterator[Planned]:
        """Each pool's project, then the pool, of those that the settings need: in the order of their declaration."""
        for role, pool in self.of.pipeline.pools.items():
            if not pool.declared.needed(self.of.settings):
                continue
            if pool.declared.project:
                yield self._planned("project", role, self.client.get_project, self.projects, now)
            if pool.declared.training:
                yield self._planned("pool", role, self.client.get_training, self.trainings, now)
            elif pool.declared.pool:
                yield self._planned("pool", role, self.client.get_pool, self.pools, now)

    @cached_property
    def projects(self) -> Mapping[str, Any]:
        """The account's projects that are in use, by their mark."""
        return self._marked(self.read(lambda: list(self.client.get_projects(status="ACTIVE"))))

    @cached_property
    def pools(self) -> Mapping[str, Any]:
        """The account's pools that are not archived, by their mark."""
        found = (self.read(lambda at: list(self.client.get_pools(status=at)), each) for each in ("OPEN", "CLOSED"))
        return self._marked(pool for pools in found for pool in pools)

    @cached_property
    def trainings(self) -> Mapping[str, Any]:
        """The account's trainings that are not archived, by their mark."""
        found = (self.read(lambda at: list(self.client.get_trainings(status=at)), each) for each in ("OPEN", "CLOSED"))
        return self._marked(training for trainings in found for training in trainings)

    def _planned(self, kind: str, role: str, read: Any, marked: Mapping[str, Any], now: float) -> Planned:
        key = f"{kind}:{role}"
        made = self.of.declared(kind, role, now)
        known = self.of.ids.get(key)
        found = self._seen(read, key, known) if known else marked.get(self.of.mark(role))
        reward = float(getattr(made, "reward_per_assignment", 0) or 0) if kind == "pool" else None
        name = made.private_name if kind == "pool" else made.public_name
        if found is None:
            return Planned(key, name, None, reward=reward)
        self.of.ids[key] = found.id
        changes = tuple(Change(*each) for each in differences(made, found))
        return Planned(key, name, found.id, key in self.of.bound, found.status.value, reward, changes)

    def _seen(self, read: Any, key: str, object_id: str) -> Any:
        """Return what is bound; raises Gone when it is not there, or not to be used any more."""
        try:
            found = self.read(read, object_id)
        except TolokaTrouble as error:
            if error.trouble.kind is TroubleKind.PERMANENT:
                raise Gone(f"({key} {object_id} does not exist)") from error
            raise
        if found.status.value in UNUSABLE:
            raise Gone(f"({key} {object_id} is {found.status.value})")
        return found

    def _skill_named(self, name: str) -> str | None:
        found = self.read(lambda: min((each.id for each in self.client.get_skills(name=name)), default=None))
        return None if found is None else str(found)

    def _marked(self, found: Iterable[Any]) -> Mapping[str, Any]:
        """Return objects by mark; of several with one mark the one that was there first."""
        oldest_last = sorted(found, key=lambda each: (each.created, each.id), reverse=True)
        return {mark: each for each in oldest_last for mark in (each.metadata or {}).get("crowdhook", ())}


def running(pipeline: Pipeline, run: str, settings: Any, ids: Mapping[str, str]) -> Running:
    """Return a run with the pools that are bound."""
    pool_ids = {role: ids[f"pool:{role}"] for role in pipeline.pools if f"pool:{role}" in ids}
    return Running(pipeline, run, settings, pool_ids)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 80 else f"{text[:79]}…"
