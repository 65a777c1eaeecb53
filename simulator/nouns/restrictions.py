"""Bans: who may not take part, where, and until when."""

import math

from simulator.elements.clock import MILLISECOND, exact, iso, seconds
from simulator.elements.errors import Flaw, conflict, flaw, missing, not_allowed, refuse, required
from simulator.elements.shapes import brief, fields, insist, moment, text
from simulator.nouns.leaving import consider
from simulator.records.standing import Restriction
from simulator.records.state import Json, State

OBJECTS = {"ALL_PROJECTS": None, "PROJECT": "project_id", "POOL": "pool_id"}
FIELDS = {
    "scope": text,
    "user_id": text,
    "project_id": text,
    "pool_id": text,
    "private_comment": brief(499),
    "will_expire": moment,
    "id": text,
    "created": text,
}


def restrict(
    state: State, user_id: str, scope: str, object_id: str | None, until: float | None, comment: str | None
) -> tuple[Restriction, bool]:
    """Ban a performer as the requester says, or change his ban that still runs; also whether it is new."""
    state.losses.add((user_id, "", ""))
    ban = _running(state, user_id, scope, object_id)
    if ban is None:
        return _begin(state, user_id, scope, object_id, until, comment), True
    _cut_short(state, ban, _end(until))
    ban.until, ban.comment, ban.rule = until, comment, None
    _record(state, ban)
    return ban, False


def restrict_by(
    state: State,
    rule: str,
    user_id: str,
    scope: str,
    object_id: str | None,
    until: float | None,
    comment: str | None,
) -> None:
    """Let a rule ban a performer, and forget what it counted when that ban is over.

    Of all that bans him there the latest end holds, and the requester's own ban keeps its comment. A rule whose own ban
    still runs changes nothing.
    """
    state.losses.add((user_id, "RESTRICTION", ""))
    ban = _running(state, user_id, scope, object_id)
    if ban is None:
        ban = _begin(state, user_id, scope, object_id, until, comment, rule)
    elif _end(ban.ends.get(rule, state.now)) > state.now:
        return
    elif _end(until) > _end(ban.until):
        _prolong(state, ban, until, comment, rule)
    ban.ends[rule] = until
    if until is not None:
        state.forgiven[rule, user_id] = until


def _end(until: float | None) -> float:
    return math.inf if until is None else until


def _running(state: State, user_id: str, scope: str, object_id: str | None) -> Restriction | None:
    ban = state.bans[user_id].get((scope, object_id))
    return ban if ban and _end(ban.until) > state.now else None


def _begin(
    state: State,
    user_id: str,
    scope: str,
    object_id: str | None,
    until: float | None,
    comment: str | None,
    rule: str | None = None,
) -> Restriction:
    identity = state.number("restriction", [user_id, scope, object_id])
    ban = Restriction(identity, user_id, scope, object_id, state.now, until, comment, rule)
    state.restrictions[identity] = state.bans[user_id][scope, object_id] = ban
    _record(state, ban)
    consider(state, user_id, "ban", identity)
    return ban


def _prolong(state: State, ban: Restriction, until: float | None, comment: str | None, rule: str) -> None:
    ban.until = until
    if ban.rule is not None:
        ban.comment, ban.rule = comment, rule
    _record(state, ban)


def _cut_short(state: State, ban: Restriction, end: float) -> None:
    """End the bans of rules that would outlast this moment; those that were not for good count anew from now on."""
    last = max(end, state.now)
    for rule in [rule for rule, until in ban.ends.items() if _end(until) > last]:
        if ban.ends.pop(rule) is not None:
            state.forgiven[rule, ban.user_id] = exact(state.now + MILLISECOND)


def _record(state: State, ban: Restriction) -> None:
    if ban.until is None:
        state.deadlines.cancel("unban", ban.id)
    else:
        state.deadlines.put(ban.until, "unban", ban.id)
    until = None if ban.until is None else iso(ban.until)
    state.record("RESTRICTION", ban.id, user_id=ban.user_id, scope=ban.scope, object_id=ban.object_id, until=until)


def put(state: State, body: Json) -> tuple[Restriction, bool]:
    """Apply a requester's restriction; raises VALIDATION_ERROR, or SYSTEM_SCOPE_MODIFICATION."""
    insist(body, fields(FIELDS))
    scope = body.get("scope")
    if scope == "SYSTEM":
        raise conflict("SYSTEM_SCOPE_MODIFICATION", "system restrictions are read-only")
    flaws: dict[str, Flaw] = {name: not_allowed() for name in body if name not in FIELDS}
    if scope not in OBJECTS:
        flaws["scope"] = required() if scope is None else flaw("UNKNOWN_ENUM_VALUE", "unknown scope")
    target = OBJECTS.get(scope) if scope else None
    known = {"user_id": state.people.keys(), "project_id": state.projects.keys(), "pool_id": state.pools.keys()}
    for name in ("user_id", target) if target else ("user_id",):
        if body.get(name) is None:
            flaws[name] = required()
        elif body[name] not in known[name]:
            flaws[name] = flaw("ENTITY_DOES_NOT_EXIST", f"no such {name}")
    refuse(flaws)
    until = seconds(body["will_expire"]) if body.get("will_expire") else None
    object_id = body[target] if target else None
    return restrict(state, body["user_id"], str(scope), object_id, until, body.get("private_comment"))


def get(state: State, identity: str) -> Restriction:
    """The restriction with this id, or DOES_NOT_EXIST."""
    if identity not in state.restrictions:
        raise missing("user restriction", identity)
    return state.restrictions[identity]


def delete(state: State, identity: str) -> None:
    """Lift a ban."""
    ban = get(state, identity)
    _cut_short(state, ban, state.now)
    del state.restrictions[identity]
    if state.bans[ban.user_id].get((ban.scope, ban.object_id)) is ban:
        del state.bans[ban.user_id][ban.scope, ban.object_id]
    state.deadlines.cancel("unban", identity)
    state.freed.add(ban.user_id)
    state.record("RESTRICTION_LIFTED", identity, user_id=ban.user_id)


def view(ban: Restriction) -> Json:
    """A restriction as the API shows it."""
    shown: Json = {"id": ban.id, "user_id": ban.user_id, "scope": ban.scope, "created": iso(ban.created)}
    target = OBJECTS[ban.scope]
    if target:
        shown[target] = ban.object_id
    if ban.until is not None:
        shown["will_expire"] = iso(ban.until)
    return shown | ({"private_comment": ban.comment} if ban.comment else {})
