"""Projects: what performers are asked, with which inputs and outputs."""

from simulator.clock import iso
from simulator.errors import Flaw, missing, not_allowed, refuse, required
from simulator.spec import TYPES
from simulator.state import Json, Project, State

REQUIRED = ("public_name", "public_description", "task_spec")
FIELDS = (
    *REQUIRED,
    "public_instructions",
    "private_comment",
    "assignments_issuing_type",
    "assignments_issuing_view_config",
    "assignments_automerge_enabled",
    "max_active_assignments_count",
    "quality_control",
    "localization_config",
    "metadata",
    "traits_config",
)
READ_ONLY = ("id", "status", "created", "owner")


def check(body: Json) -> None:
    """Raise VALIDATION_ERROR for a project that lacks something, or has fields or types that nobody knows."""
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
    refuse(flaws)


def create(state: State, body: Json) -> Project:
    """A new project."""
    check(body)
    project = Project(state.number("project", body["public_name"]), _own(body), state.now)
    state.projects[project.id] = project
    state.record("PROJECT_CREATED", project.id, public_name=body["public_name"])
    return project


def update(state: State, project: Project, body: Json) -> Project:
    """Replace what a project asks."""
    check(body)
    project.body = _own(body)
    return project


def _own(body: Json) -> Json:
    return {name: value for name, value in body.items() if name not in READ_ONLY}


def get(state: State, identity: str) -> Project:
    """The project with this id, or DOES_NOT_EXIST."""
    if identity not in state.projects:
        raise missing("project", identity)
    return state.projects[identity]


def view(project: Project) -> Json:
    """A project as the API shows it: what was sent, and what Toloka adds."""
    added = {"id": project.id, "status": project.status, "created": iso(project.created)}
    defaults = {"assignments_issuing_type": "AUTOMATED", "owner": {"id": "requester", "myself": True}}
    return defaults | project.body | added
