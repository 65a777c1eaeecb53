"""Trainings over HTTP."""

from flask import Blueprint, request

from simulator.api.search import Listing
from simulator.api.wire import Answer, blueprint, body
from simulator.nouns import cloning, operations, trainings
from simulator.offering import lifecycle
from simulator.records.state import Pool, State
from simulator.world.world import World

LISTING: Listing[Pool] = Listing(
    view=trainings.view,
    ranges={
        "id": lambda pool: pool.id,
        "created": lambda pool: pool.created,
        "last_started": lambda pool: pool.last_started,
    },
    equals={"status": lambda pool: pool.status, "project_id": lambda pool: pool.project_id},
    choices={"status": lifecycle.STATUSES},
)


def routes(world: World) -> Blueprint:
    """/trainings: create, list, get, update, open, close (for update), archive, clone."""
    return blueprint(
        "trainings",
        world,
        {
            "POST /trainings": _create,
            "GET /trainings": _find,
            "GET /trainings/<training_id>": _get,
            "PUT /trainings/<training_id>": _update,
            "POST /trainings/<training_id>/open": _open,
            "POST /trainings/<training_id>/close": _close,
            "POST /trainings/<training_id>/close-for-update": _close_for_update,
            "POST /trainings/<training_id>/archive": _archive,
            "POST /trainings/<training_id>/clone": _clone,
        },
    )


def _create(state: State) -> Answer:
    return 201, trainings.view(trainings.create(state, body()))


def _find(state: State) -> Answer:
    return 200, LISTING.page((pool for pool in state.pools.values() if pool.training is not None), request.args)


def _get(state: State, training_id: str) -> Answer:
    return 200, trainings.view(trainings.get(state, training_id))


def _update(state: State, training_id: str) -> Answer:
    return 200, trainings.view(trainings.update(state, trainings.get(state, training_id), body()))


def _open(state: State, training_id: str) -> Answer:
    return _set_status(state, training_id, "OPEN", "TRAINING.OPEN")


def _close(state: State, training_id: str) -> Answer:
    return _set_status(state, training_id, "CLOSED", "TRAINING.CLOSE")


def _close_for_update(state: State, training_id: str) -> Answer:
    if not lifecycle.close_for_update(state, trainings.get(state, training_id)):
        return 204, None
    return 202, operations.view(operations.finish(state, "TRAINING.CLOSE", {"training_id": training_id}))


def _archive(state: State, training_id: str) -> Answer:
    return _set_status(state, training_id, "ARCHIVED", "TRAINING.ARCHIVE")


def _set_status(state: State, training_id: str, status: str, kind: str) -> Answer:
    if not lifecycle.bring_to(state, trainings.get(state, training_id), status):
        return 204, None
    return 202, operations.view(operations.finish(state, kind, {"training_id": training_id}))


def _clone(state: State, training_id: str) -> Answer:
    told = {"training_id": cloning.clone(state, trainings.get(state, training_id)).id}
    return 202, operations.view(operations.finish(state, "TRAINING.CLONE", {"training_id": training_id}, details=told))
