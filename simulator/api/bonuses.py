"""User bonuses over HTTP."""

from flask import Blueprint, request

from simulator.api import batching
from simulator.api.search import Listing
from simulator.api.wire import Answer, blueprint, switch
from simulator.nouns import bonuses
from simulator.records.dealings import Bonus
from simulator.records.state import State
from simulator.world.world import World

LISTING: Listing[Bonus] = Listing(
    view=bonuses.view,
    ranges={"id": lambda bonus: bonus.id, "created": lambda bonus: bonus.created},
    equals={
        "user_id": lambda bonus: bonus.body["user_id"],
        "assignment_id": lambda bonus: bonus.body.get("assignment_id"),
        "private_comment": lambda bonus: bonus.body.get("private_comment"),
    },
)


def routes(world: World) -> Blueprint:
    """/user-bonuses: issue one or many, list, get."""
    return blueprint(
        "bonuses",
        world,
        {
            "POST /user-bonuses": _issue,
            "GET /user-bonuses": _find,
            "GET /user-bonuses/<bonus_id>": _get,
        },
    )


def _issue(state: State) -> Answer:
    skip = switch("skip_invalid_items")
    return batching.create(
        state,
        "USER_BONUS.BATCH_CREATE",
        ("skip_invalid_items",),
        lambda items, later: bonuses.issue(state, items, skip_invalid_items=skip, later=later),
        lambda identity: bonuses.view(state.bonuses[identity]),
    )


def _find(state: State) -> Answer:
    return 200, LISTING.page(state.bonuses.values(), request.args)


def _get(state: State, bonus_id: str) -> Answer:
    return 200, bonuses.view(bonuses.get(state, bonus_id))
