"""Attachments over HTTP: listed, read and downloaded."""

from collections.abc import Iterator

from flask import Blueprint, Response, request

from simulator.account.requester import OWNER
from simulator.api.search import Listing
from simulator.api.wire import Answer, blueprint
from simulator.elements.errors import invalid, required
from simulator.nouns import assignments, attachments, pools
from simulator.records.dealings import Attachment
from simulator.records.state import State
from simulator.world.world import World

LISTING: Listing[Attachment] = Listing(
    view=attachments.view,
    ranges={"id": lambda each: each.id, "created": lambda each: each.created},
    equals={
        "pool_id": lambda each: each.pool_id,
        "assignment_id": lambda each: each.assignment_id,
        "name": lambda each: each.name,
        "type": lambda each: "ASSIGNMENT_ATTACHMENT",
        "user_id": lambda each: each.user_id,
        "owner_id": lambda each: OWNER["id"],
        "owner_company_id": lambda each: OWNER["company_id"],
    },
    choices={"type": ("ASSIGNMENT_ATTACHMENT",)},
    most=100,
)


def routes(world: World) -> Blueprint:
    """/attachments: list, get, download."""
    made = blueprint("attachments", world, {"GET /attachments": _find, "GET /attachments/<attachment_id>": _get})

    @made.get("/attachments/<attachment_id>/download")
    def download(attachment_id: str) -> Response:
        with world.lock:
            found = attachments.get(world.state, attachment_id)
        return Response(attachments.content(found), content_type=found.media_type)

    return made


def _find(state: State) -> Answer:
    return 200, LISTING.page((state.attachments[identity] for identity in _candidates(state)), request.args)


def _candidates(state: State) -> Iterator[str]:
    if "assignment_id" in request.args:
        return iter(assignments.get(state, request.args["assignment_id"]).attachment_ids)
    if "pool_id" not in request.args:
        raise invalid({"pool_id": required()})
    pages = pools.get(state, request.args["pool_id"]).assignment_ids
    return (identity for page in pages for identity in state.assignments[page].attachment_ids)


def _get(state: State, attachment_id: str) -> Answer:
    return 200, attachments.view(attachments.get(state, attachment_id))
