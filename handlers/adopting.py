"""Tasks that stand on the platform and that the ledger does not know: made after the backup that was put back.

An ask whose task is there already is settled with it, and not asked and paid a second time.
"""

from collections import deque
from collections.abc import Iterable

from handlers.gateway import Gateway
from handlers.routing import Registry, Running
from store.canonical import to_text
from store.contract import Store
from store.records import Decision, Json

MARGIN = 60.0  # seconds of platform time by which our clock may be ahead of the platform's


class Unclaimed:
    """Such tasks, as (pool id, task id, input values), oldest first; each is given away once."""

    def __init__(self, tasks: Iterable[tuple[str, str, Json]] = ()) -> None:
        self._tasks: dict[tuple[str, str], deque[str]] = {}
        for pool_id, task_id, shown in tasks:
            self._tasks.setdefault((pool_id, to_text(shown)), deque()).append(task_id)

    def __bool__(self) -> bool:
        return any(self._tasks.values())

    def take(self, ask: Decision) -> str | None:
        """Return the task that shows what an ask wants shown, and forget it; None when there is none."""
        waiting = self._tasks.get((ask.lane, to_text(ask.payload["input"])))
        return waiting.popleft() if waiting else None


def unclaimed(store: Store, gateway: Gateway, registry: Registry) -> Unclaimed:
    """Find the tasks of all runs that the ledger does not know. Raises TolokaTrouble.

    Those of a call that is under way are not among them: its operation id finds them.
    """
    made = [each for running in registry.runs for each in _made_lately(store, gateway, running)]
    if not made:
        return Unclaimed()
    asks = store.decisions(kind="ask")
    known = {each.result.get("task_id") for each in asks}
    found = Unclaimed(each for each in made if each[1] not in known)
    for each in asks:
        if each.call_id is not None and "task_id" not in each.result:
            found.take(each)
    return found


def _made_lately(store: Store, gateway: Gateway, running: Running) -> Iterable[tuple[str, str, Json]]:
    """Return the run's tasks that are not older than the last ask in the ledger, of each pool the oldest first."""
    last = store.recent(running.pipeline.name, running.run, ("ask",), 1)
    since = last[0].decided_at - MARGIN if last else 0.0
    return [
        (pool_id, task_id, shown)
        for pool_id in running.pool_ids.values()
        for task_id, shown in gateway.tasks(pool_id, since)
    ]
