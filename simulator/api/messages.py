"""Message threads over HTTP."""

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict

from simulator.api.search import Listing
from simulator.api.wire import Answer, blueprint, body
from simulator.nouns import messages
from simulator.nouns.message_forms import folders_of
from simulator.records.dealings import Thread
from simulator.records.state import State
from simulator.world.world import World

LISTING: Listing[Thread] = Listing(
    view=messages.view,
    ranges={"id": lambda thread: thread.id, "created": lambda thread: thread.created},
    equals={},
)


def routes(world: World) -> Blueprint:
    """/message-threads: compose, list, reply, put into folders, take out of them."""
    return blueprint(
        "messages",
        world,
        {
            "POST /message-threads/compose": _compose,
            "GET /message-threads": _find,
            "POST /message-threads/<thread_id>/reply": _reply,
            "POST /message-threads/<thread_id>/add-to-folders": _add_to_folders,
            "POST /message-threads/<thread_id>/remove-from-folders": _remove_from_folders,
        },
    )


def _compose(state: State) -> Answer:
    return 201, messages.view(messages.compose(state, body()))


def _find(state: State) -> Answer:
    wanted = MultiDict(request.args)
    within, without = (
        folders_of(name, ",".join(wanted.poplist(name))) if name in wanted else None for name in ("folder", "folder_ne")
    )
    found = (
        thread
        for thread in state.threads.values()
        if (within is None or thread.folders & within) and not (without and thread.folders & without)
    )
    return 200, LISTING.page(found, wanted)


def _reply(state: State, thread_id: str) -> Answer:
    return 201, messages.view(messages.reply(state, messages.get(state, thread_id), body()))


def _add_to_folders(state: State, thread_id: str) -> Answer:
    return 201, messages.view(messages.put_into(messages.get(state, thread_id), body()))


def _remove_from_folders(state: State, thread_id: str) -> Answer:
    return 201, messages.view(messages.take_out(messages.get(state, thread_id), body()))
