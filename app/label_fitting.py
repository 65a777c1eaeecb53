"""From the answers of a pool to its labels, kept in the store."""

from collections.abc import Mapping
from typing import Any

from handlers.aggregation import aggregate
from handlers.aggregators import Method
from handlers.gateway import Gateway
from handlers.routing import Running
from handlers.votes import Votes, gather
from store.contract import Store

FIELD = "result"


def make(store: Store, gateway: Gateway, running: Running, pool_id: str, method: str) -> Mapping[str, Any]:
    """Label a pool's tasks by a method and keep the labels; return how many there are, and how many undecided."""
    votes = votes_of(store, pool_id)
    if running.settings.without_banned:
        votes = votes.without(banned(gateway, store, running))
    made = aggregate(votes, Method.read(method), known_of(store, pool_id))
    records = list(made.records())
    store.write_labels(pool_id, method, records)
    return {"tasks": len(records), "undecided": sum(each.undecided for each in records), "answers": len(votes)}


def votes_of(store: Store, pool_id: str) -> Votes:
    """Return the answers that a pool was given."""
    return gather(store.labels_of(pool_id, FIELD))


def known_of(store: Store, pool_id: str) -> dict[str, str]:
    """Return the known labels of a pool's control tasks by task id."""
    return {task: str(solution[FIELD]) for task, solution in store.solutions_of(pool_id).items()}


def banned(gateway: Gateway, store: Store, running: Running) -> set[str]:
    """Return the performers who are banned from the run's project, or from everything. Raises TolokaTrouble."""
    bound = {each.role: each.object_id for each in store.bindings(running.pipeline.name, running.run)}
    client = gateway.client
    of_project = gateway.ask(lambda: list(client.get_user_restrictions(project_id=bound["project:main"])))
    of_all = gateway.ask(lambda: list(client.get_user_restrictions(scope="ALL_PROJECTS")))
    return {each.user_id for each in (*of_project, *of_all)}
