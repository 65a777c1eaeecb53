"""Projects: what performers are asked, with which inputs and outputs."""

import copy
from typing import Any

from simulator.account import quotas
from simulator.account.requester import OWNER
from simulator.contents import localization
from simulator.contents.spec import TYPES
from simulator.elements.clock import iso
from simulator.elements.errors import Flaw, conflict, missing, not_allowed, refuse, required, wrong_status
from simulator.elements.shapes import (
    Shape,
    anything,
    closed,
    fields,
    flag,
    insist,
    listed,
    mapped,
    number,
    one_of,
    pattern,
    text,
    unsimulated,
)
from simulator.quality import rule_forms
from simulator.records.state import Json, Project, State


def _issuing(value: Any, path: str) -> dict[str, Flaw]:
    """AUTOMATED; performers who choose on a map are not simulated."""
    if value == "MAP_SELECTOR":
        return {path: not_allowed("MAP_SELECTOR is not simulated")}
    return one_of("AUTOMATED")(value, path)


def _merging(value: Any, path: str) -> dict[str, Flaw]:
    """False; identical tasks are not merged."""
    return unsimulated(value, path) if value is True else flag(value, path)


REQUIRED = ("public_name", "public_description", "task_spec")
SIZES = ("min_length", "max_length", "min_size", "max_size")
FIELD = {
    "type": text,
    "required": flag,
    "hidden": flag,
    "allowed_values": listed(anything),
    "pattern": pattern,
    "current_location": flag,
    **dict.fromkeys(("min_value", "max_value"), number()),
    **dict.fromkeys(SIZES, number(0, whole=True)),
}
SPEC: dict[str, Shape] = {
    "input_spec": mapped(closed(FIELD)),
    "output_spec": mapped(closed(FIELD)),
    "view_spec": mapped(anything),
}
FIELDS: dict[str, Shape] = {
    "public_name": text,
    "public_description": text,
    "task_spec": closed(SPEC),
    "public_instructions": text,
    "private_comment": text,
    "assignments_issuing_type": _issuing,
    "assignments_issuing_view_config": unsimulated,
    "assignments_automerge_enabled": _merging,
    "max_active_assignments_count": number(1, 2**31 - 1, whole=True),
    "quality_control": rule_forms.PROJECT_SHAPE,
    "localization_config": localization.SHAPE,
    "metadata": mapped(anything),
    "traits_config": unsimulated,
}
READ_ONLY = ("id", "status", "created", "owner")


def check(state: State, body: Json) -> None:
    """Raise VALIDATION_ERROR for a project that lacks something, or has fields or types that nobody knows."""
    insist(body, fields(FIELDS))
    flaws: dict[str, Flaw] = {name: not_allowed() for name in body if name not in (*FIELDS, *READ_ONLY)}
    flaws |= {name: required() for name in REQUIRED if not body.get(name)}
    spec = body.get("task_spec") or {}
    for part in ("input_spec", "output_spec", "view_spec"):
        if "task_spec" not in flaws and not isinstance(spec.get(part), dict):
            flaws[f"task_spec.{part}"] = required()
    for part in ("input_spec", "output_spec"):
        for name, field in (spec.get(part) or {}).items():
            if field.get("type") not in TYPES:
                flaws[f"task_spec.{part}.{name}.type"] = not_allowed(f"unknown type {field.get('type')}")
    flaws |= rule_forms.flaws(state, body["quality_control"]) if body.get("quality_control") else {}
    refuse(flaws)


def create(state: State, body: Json) -> Project:
    """A new project."""
    check(state, body)
    quotas.count(state, "project")
    identity = state.number("project", body["public_name"])
    project = Project(identity, _own(identity, body), state.now)
    state.projects[project.id] = project
    state.record("PROJECT_CREATED", project.id, public_name=body["public_name"])
    return project


def update(state: State, project: Project, body: Json) -> Project:
    """Replace what a project asks, from now on and for tasks that are there already; 409 when it is archived."""
    check(state, body)
    if project.status == "ARCHIVED":
        raise wrong_status("the project is archived", "ACTIVE")
    before = view(project)
    project.body = _own(project.id, body)
    for pool in (pool for pool in state.pools.values() if pool.project_id == project.id):
        pool.listening = None
    state.record_change("PROJECT_UPDATED", project.id, before, view(project))
    return project


def archive(state: State, project: Project) -> None:
    """Put a project away, which may have been done before; 409 while one of its pools is not archived."""
    pools = (pool for pool in state.pools.values() if pool.project_id == project.id)
    if any(pool.status != "ARCHIVED" for pool in pools):
        raise conflict("UNARCHIVED_POOLS_CONFLICT", "the project has pools that are not archived")
    if project.status == "ACTIVE":
        project.status = "ARCHIVED"
        state.record("PROJECT_ARCHIVED", project.id)


def _own(identity: str, body: Json) -> Json:
    own = copy.deepcopy({name: value for name, value in body.items() if name not in READ_ONLY})
    rule_forms.name_collectors(f"project/{identity}", own)
    return own


def get(state: State, identity: str) -> Project:
    """The project with this id, or DOES_NOT_EXIST."""
    if identity not in state.projects:
        raise missing("project", identity)
    return state.projects[identity]


def view(project: Project) -> Json:
    """A project as the API shows it: what was sent, and what Toloka adds."""
    added = {"id": project.id, "status": project.status, "created": iso(project.created)}
    defaults = {"assignments_issuing_type": "AUTOMATED", "owner": OWNER}
    return defaults | project.body | added
