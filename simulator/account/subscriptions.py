"""Who is told of what: webhook subscriptions, and the notifications that events leave for the courier."""

from dataclasses import replace
from typing import Any

from simulator.elements.addresses import postable
from simulator.elements.clock import iso
from simulator.elements.draws import digest
from simulator.elements.errors import Flaw, flaw, missing, not_allowed
from simulator.elements.shapes import fields, text
from simulator.records.notices import Notice, Subscription
from simulator.records.state import Json, State

EVENT_TYPES = (
    "ASSIGNMENT_CREATED",
    "ASSIGNMENT_SKIPPED",
    "ASSIGNMENT_EXPIRED",
    "ASSIGNMENT_SUBMITTED",
    "ASSIGNMENT_APPROVED",
    "ASSIGNMENT_REJECTED",
    "DYNAMIC_OVERLAP_COMPLETED",
    "POOL_CLOSED",
)
"""In the order in which those of one moment follow from each other."""
FIELDS = ("webhook_url", "event_type", "pool_id", "secret_key")


def flaws(state: State, body: Json) -> dict[str, Flaw]:
    """What is wrong with a subscription that a requester sent."""
    found = fields(dict.fromkeys(FIELDS, text), *FIELDS[:3])(body, "")
    if found:
        return found
    found |= {name: not_allowed() for name in body if name not in (*FIELDS, "id", "created")}
    if body["event_type"] not in EVENT_TYPES:
        found["event_type"] = flaw("UNKNOWN_ENUM_VALUE", "unknown event type")
    if body["pool_id"] not in state.pools:
        found["pool_id"] = flaw("ENTITY_DOES_NOT_EXIST", "pool does not exist")
    if not postable(body["webhook_url"]):
        found["webhook_url"] = flaw("INVALID_URL_SYNTAX", "not an http address that can be posted to")
    return found


def upsert(state: State, body: Json) -> tuple[Subscription, bool]:
    """Create, or give a new secret to, the subscription of (pool, event type, address); also whether it is new."""
    key = (body["pool_id"], body["event_type"], body["webhook_url"])
    secret = body.get("secret_key")
    for old in state.subscriptions.values():
        if (old.pool_id, old.event_type, old.url) == key:
            old.secret = secret
            return old, False
    created = _free_moment(state)
    identity = digest("subscription", key[0], key[1], created, length=24)
    new = Subscription(identity, *key, secret, created)
    state.subscriptions[identity] = new
    return new, True


def _free_moment(state: State) -> float:
    """The first millisecond from now at which no subscription was created: clients page by it."""
    taken = {round(old.created * 1000) for old in state.subscriptions.values()}
    moment = round(state.now * 1000)
    while moment in taken:
        moment += 1
    return moment / 1000


def get(state: State, identity: str) -> Subscription:
    """The subscription with this id, or DOES_NOT_EXIST."""
    if identity not in state.subscriptions:
        raise missing("webhook subscription", identity)
    return state.subscriptions[identity]


def view(subscription: Subscription) -> Json:
    """A subscription as the API shows it: never with its secret."""
    return {
        "id": subscription.id,
        "pool_id": subscription.pool_id,
        "event_type": subscription.event_type,
        "webhook_url": subscription.url,
        "created": iso(subscription.created),
    }


def announce(state: State, event_type: str, pool_id: str, identity: str, **fields: Any) -> None:
    """Leave one notification per subscription to this pool's events of this type; `identity` is what it is about."""
    event = digest("event", pool_id, event_type, identity, state.now)
    notice = Notice(_uuid(event), state.now, "", None, _body(state, event_type, pool_id, _uuid(event), fields))
    gone = state.unsubscribed if state.haunted else {}
    for subscription in sorted([*state.subscriptions.values(), *gone.values()], key=lambda each: each.id):
        if (subscription.pool_id, subscription.event_type) == (pool_id, event_type):
            body = notice.body | {"webhook_subscription_id": subscription.id}
            told = replace(notice, url=subscription.url, secret=subscription.secret, body=body)
            state.notices[told.key] = replace(told, gone=subscription.id in gone)


def delete(state: State, identity: str) -> None:
    """Delete a subscription, or DOES_NOT_EXIST; what waits to be sent for it still is."""
    state.unsubscribed[identity] = get(state, identity)
    del state.subscriptions[identity]


def trial_notices(state: State, subscription: Subscription, occasion: int) -> list[Notice]:
    """The five TEST_EVENTs that the test call sends; `occasion` tells one call from the next."""
    uuids = [_uuid(digest("test", subscription.id, occasion, number)) for number in range(5)]
    bodies = [(uuid, _body(state, "TEST_EVENT", subscription.pool_id, uuid, {})) for uuid in uuids]
    return [Notice(uuid, state.now, subscription.url, subscription.secret, body) for uuid, body in bodies]


def _body(state: State, event_type: str, pool_id: str, uuid: str, fields: Json) -> Json:
    return {
        "uuid": uuid,
        "event_time": iso(state.now),
        "project_id": state.pools[pool_id].project_id,
        "pool_id": pool_id,
        "type": event_type,
    } | fields


def _uuid(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"
