"""What performers have and lack: skills with their values, and bans."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Skill:
    """A named number that performers may have."""

    id: str
    body: dict[str, Any]
    created: float
    modified: float


@dataclass(slots=True)
class UserSkill:
    """One performer's value (0..100) of one skill."""

    id: str
    skill_id: str
    user_id: str
    value: float
    created: float
    modified: float


@dataclass(slots=True)
class Restriction:
    """A ban: `scope` is ALL_PROJECTS, PROJECT or POOL; `until` None means for good.

    `rule` names what caused it, None being the requester. `ends` says until when each rule would have it so.
    """

    id: str
    user_id: str
    scope: str
    object_id: str | None
    created: float
    until: float | None
    comment: str | None
    rule: str | None = None
    ends: dict[str, float | None] = field(default_factory=dict)
