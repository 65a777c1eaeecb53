"""Selective checks: now and then a performer's task is given to so many others that a majority can be told."""

from collections.abc import Sequence

from simulator.offering import overlap
from simulator.offering.distributions import chosen, completed
from simulator.records.state import KINDS, Person, Place, Pool, State


def set_up(state: State, pool: Pool, person: Person, tasks: Sequence[Place]) -> None:
    """Raise the overlap of those tasks of a new page, in its order, that are to be checked for this performer."""
    wanted = (pool.body.get("quality_control") or {}).get("checkpoints_config") or {}
    for kind in KINDS:
        settings = wanted.get(f"{kind}_settings")
        own = [task for task in tasks if task.kind == kind] if settings else []
        if not settings or not own:
            continue
        function, target = settings["task_distribution_function"], settings["target_overlap"]
        done = completed(state, pool, person, function, kind)
        for nth, task in enumerate(own, done + 1):
            if chosen(function, nth) and task.overlap is not None and task.overlap < target:
                overlap.change(state, task, target)
