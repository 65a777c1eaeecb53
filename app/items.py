"""Give a run its work: items, as events of our own, each once however often they are given."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from uuid import uuid5

from app.acts import logged
from handlers.pipeline import Pipeline
from handlers.routing import Running
from store.contract import Store
from store.errors import CrowdhookError
from store.records import Event
from webhooks.reconciler import EVENTS

ADDED = "ITEMS_ADDED"
AT_ONCE = 500  # items an event

Item = Mapping[str, Any]  # key, url, …


class NoIntake(CrowdhookError):
    """Nothing in this pipeline listens to items that are added (`on_added`), so it can be given no work:"""


def intake(pipeline: Pipeline) -> str:
    """Return the role of the pool that takes items; raises NoIntake."""
    role = next((role for role, kind in pipeline.handlers if kind == ADDED), None)
    if role is None:
        raise NoIntake(pipeline.name)
    return role


def given(store: Store, running: Running) -> dict[str, Item]:
    """Return the items that the run was given so far, by key."""
    events = logged(store, ADDED, running.pool_ids[intake(running.pipeline)])
    return {str(item["key"]): item for each in events for item in each.event.payload["items"]}


def give(store: Store, running: Running, items: Sequence[Item], now: float) -> int:
    """Give a run the items that it does not have yet, at platform time `now`; return how many these were."""
    before = given(store, running)
    new = [item for item in items if item["key"] not in before]
    pool_id = running.pool_ids[intake(running.pipeline)]
    for at in range(0, len(new), AT_ONCE):
        payload = {"items": new[at : at + AT_ONCE]}
        keys = "\n".join(str(item["key"]) for item in payload["items"])
        name = f"{running.pipeline.name}:{running.run}:{sha256(keys.encode()).hexdigest()}"
        event = Event(
            uuid=str(uuid5(EVENTS, name)),
            type=ADDED,
            pool_id=pool_id,
            event_time=now,
            source="crowdhook",
            payload=payload,
        )
        store.append([(json.dumps(payload).encode(), [event])])
    return len(new)
