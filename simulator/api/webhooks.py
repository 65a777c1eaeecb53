"""Webhook subscriptions over HTTP, with the call that tests one."""

from collections.abc import Callable
from itertools import count
from typing import Any

from flask import Blueprint, Response, request

from simulator.account import subscriptions
from simulator.api.search import Listing
from simulator.api.wire import Answer, batch, blueprint, content, reply
from simulator.delivery.sending import Sender
from simulator.elements.clock import iso
from simulator.elements.errors import invalid
from simulator.elements.shapes import anything, insist, listed, mapped
from simulator.records.notices import Subscription
from simulator.records.state import Json, State
from simulator.world.world import World

TEST_TIMEOUT = 10.0
LISTING: Listing[Subscription] = Listing(
    view=subscriptions.view,
    ranges={"id": lambda each: each.id, "created": lambda each: each.created},
    equals={"event_type": lambda each: each.event_type, "pool_id": lambda each: each.pool_id},
    choices={"event_type": subscriptions.EVENT_TYPES},
    default_sort="created",
)


def routes(world: World, clock: Callable[[], float]) -> Blueprint:
    """/webhook-subscriptions: put one or many, list, get, delete, test. `clock` is machine time in epoch seconds."""
    made = blueprint(
        "webhooks",
        world,
        {
            "PUT /webhook-subscriptions": _put,
            "GET /webhook-subscriptions": _find,
            "GET /webhook-subscriptions/<identity>": _get,
            "DELETE /webhook-subscriptions/<identity>": _delete,
        },
    )
    occasions = count()

    def test(identity: str) -> Response:
        with world.lock:
            subscription = subscriptions.get(world.state, identity)
            notices = subscriptions.trial_notices(world.state, subscription, next(occasions))
            at = iso(world.now)
        sender = Sender(clock, TEST_TIMEOUT)
        try:
            outcome = _outcome(sender.post(notices))
        except OSError as error:
            timed_out = isinstance(error.__cause__, TimeoutError)
            outcome = {"success": False, "errorType": "REQUEST_TIMEOUT" if timed_out else "CONNECTION_ERROR"}
        finally:
            sender.close()
        uuids = [notice.uuid for notice in notices]
        return reply((200, outcome | {"responseReceivedAt": at, "uuids": uuids}))

    made.add_url_rule("/webhook-subscriptions/<identity>/test", "test", test, methods=["POST"])
    return made


def _outcome(status: int) -> Json:
    good = 200 <= status < 300
    outcome: Json = {"success": good, "originalStatusCode": status}
    return outcome if good else outcome | {"errorType": "WRONG_STATUS_CODE"}


def _put(state: State) -> Answer:
    sent: Any = content()
    if isinstance(sent, dict):
        flaws = subscriptions.flaws(state, sent)
        if flaws:
            raise invalid(flaws)
        subscription, new = subscriptions.upsert(state, sent)
        return 201 if new else 200, subscriptions.view(subscription)
    insist(sent, listed(mapped(anything)))
    flawed = {index: flaws for index, item in enumerate(sent) if (flaws := subscriptions.flaws(state, item))}
    good = ((index, item) for index, item in enumerate(sent) if index not in flawed)
    return 200, batch({i: subscriptions.view(subscriptions.upsert(state, item)[0]) for i, item in good}, flawed)


def _find(state: State) -> Answer:
    return 200, LISTING.page(state.subscriptions.values(), request.args)


def _get(state: State, identity: str) -> Answer:
    return 200, subscriptions.view(subscriptions.get(state, identity))


def _delete(state: State, identity: str) -> Answer:
    subscriptions.delete(state, identity)
    return 204, None
