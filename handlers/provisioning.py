"""Create on the platform what a pipeline declares, or adopt what this run already created; bind the ids."""

import json
from collections.abc import Mapping
from typing import Any

from handlers.gateway import Gateway
from handlers.pipeline import Pipeline
from handlers.routing import Running
from store.contract import Store
from store.records import Binding


class Provisioner:
    """Sets one run of a pipeline up; what is bound already is left as it is."""

    def __init__(self, store: Store, gateway: Gateway, pipeline: Pipeline, run: str, values: Mapping[str, Any]) -> None:
        self.store, self.gateway, self.pipeline, self.run = store, gateway, pipeline, run
        self.values = values
        self.settings = pipeline.settings(**values)
        self.ids = {each.role: each.object_id for each in store.bindings(pipeline.name, run)}

    def provide(self, now: float) -> Running:
        """Create or adopt the skills, then each pool's project, then the pools; `now` is platform time."""
        client = self.gateway.client
        self.store.write_note(f"settings:{self.pipeline.name}:{self.run}", json.dumps(self.values))
        for role, name in self.pipeline.skills.items():
            if f"skill:{role}" not in self.ids:
                self._bind(f"skill:{role}", self._skill(name))
        for role, pool in self.pipeline.pools.items():
            declared = pool.declared
            if declared.project and f"project:{role}" not in self.ids:
                project = declared.project(self.settings)
                project.metadata = self._mark(role)
                self._bind(f"project:{role}", self.gateway.ask(client.create_project, project).id)
            if declared.pool and f"pool:{role}" not in self.ids:
                made = declared.pool(self.settings, self.ids, now)
                made.metadata = self._mark(role)
                pool_id = str(self.gateway.ask(client.create_pool, made).id)
                self.store.write_note(f"pool:{pool_id}", f"{self.pipeline.name} {self.run} {role}")
                self._bind(f"pool:{role}", pool_id)
        return running(self.pipeline, self.run, self.settings, self.ids)

    def _skill(self, name: str) -> str:
        """Find the skill of that name, or create it: skills are the account's, shared by all runs."""
        found = self.gateway.ask(lambda: next(iter(self.gateway.client.get_skills(name=name)), None))
        created = found or self.gateway.ask(
            self.gateway.client.create_skill, name=name, hidden=True, public_requester_description={"EN": name}
        )
        return str(created.id)

    def _bind(self, role: str, object_id: str) -> None:
        self.store.bind(Binding(self.pipeline.name, self.run, role, object_id))
        self.ids[role] = object_id

    def _mark(self, role: str) -> dict[str, list[str]]:
        return {"crowdhook": [f"{self.pipeline.name}:{self.run}:{role}"]}


def running(pipeline: Pipeline, run: str, settings: Any, ids: Mapping[str, str]) -> Running:
    """Return a run with the pools that are bound."""
    pool_ids = {role: ids[f"pool:{role}"] for role in pipeline.pools if f"pool:{role}" in ids}
    return Running(pipeline, run, settings, pool_ids)
