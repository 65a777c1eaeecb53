"""Requester and projects over HTTP."""

from flask import Blueprint, request

from simulator.account import requester
from simulator.api.search import Listing
from simulator.api.wire import Answer, blueprint, body
from simulator.nouns import operations, projects
from simulator.records.state import Project, State
from simulator.world.world import World

LISTING: Listing[Project] = Listing(
    view=projects.view,
    ranges={"id": lambda project: project.id, "created": lambda project: project.created},
    equals={"status": lambda project: project.status, "owner": lambda project: requester.OWNER["id"]},
    sorts={
        "public_name": lambda project: project.body["public_name"],
        "private_comment": lambda project: project.body.get("private_comment"),
    },
    choices={"status": ("ACTIVE", "ARCHIVED")},
)


def routes(world: World) -> Blueprint:
    """GET /requester; /projects: create, list, get, update, archive."""
    return blueprint(
        "projects",
        world,
        {
            "GET /requester": _requester,
            "POST /projects": _create,
            "GET /projects": _find,
            "GET /projects/<project_id>": _get,
            "PUT /projects/<project_id>": _update,
            "POST /projects/<project_id>/archive": _archive,
        },
    )


def _requester(state: State) -> Answer:
    return 200, requester.view(state)


def _create(state: State) -> Answer:
    return 201, projects.view(projects.create(state, body()))


def _find(state: State) -> Answer:
    return 200, LISTING.page(state.projects.values(), request.args)


def _get(state: State, project_id: str) -> Answer:
    return 200, projects.view(projects.get(state, project_id))


def _update(state: State, project_id: str) -> Answer:
    return 200, projects.view(projects.update(state, projects.get(state, project_id), body()))


def _archive(state: State, project_id: str) -> Answer:
    projects.archive(state, projects.get(state, project_id))
    return 202, operations.view(operations.finish(state, "PROJECT.ARCHIVE", {"project_id": project_id}))
