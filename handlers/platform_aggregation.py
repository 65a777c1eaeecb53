"""Toloka's own aggregation of a pool: started once, followed until it ends, its labels read."""

from collections.abc import Callable
from typing import Any, TypeVar

from toloka.client.aggregation import AggregatedSolutionType, PoolAggregatedSolutionRequest

from handlers.gateway import UNFINISHED, Gateway, plain
from handlers.trouble import TolokaTrouble, Trouble, TroubleKind
from store.contract import Store
from store.errors import CrowdhookError
from store.labels import TaskLabel, label_of

T = TypeVar("T")
DAWID_SKENE = "platform:DAWID_SKENE"  # how the method is written
AT_ONCE = 100_000  # labels a request, the most that Toloka gives: each request counts against the quota


class QuotaUsedUp(TolokaTrouble):
    """Toloka aggregates at most 5 times a minute, 30 an hour and 200 a day, and that is used up:"""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble, f"try again in {trouble.pause:.0f} s.")


class StillAggregating(CrowdhookError):
    """Toloka is still aggregating this pool; ask again later, and the same operation is followed:"""

    temporary = True


class NotAggregated(CrowdhookError):
    """Toloka could not aggregate this pool; use a method of our own, or ask again:"""


class PlatformAggregation:
    """One pool and output field at Toloka; the note is what a restart goes on from."""

    def __init__(self, store: Store, gateway: Gateway, pool_id: str, field: str) -> None:
        self.store, self.gateway = store, gateway
        self.pool_id, self.field = pool_id, field
        self.note = f"aggregation:{pool_id}:{field}"

    def labels(self, wait: Callable[[], bool]) -> list[TaskLabel]:
        """Return Toloka's labels, those of control tasks too, by task id.

        An operation that was started and never read to its end is followed; else one is started, and its id kept at
        once. `wait` lets time pass between two looks; it returns False when patience is over.
        Raises QuotaUsedUp, StillAggregating, NotAggregated, TolokaTrouble.
        """
        operation_id = self.store.notes().get(self.note) or self._start()
        status = self._status(operation_id)
        if status is None:  # Toloka forgot it
            operation_id = self._start()
            status = self._status(operation_id)
        while status in UNFINISHED:
            if not wait():
                raise StillAggregating(f"operation {operation_id}.")
            status = self._status(operation_id)
        if status != "SUCCESS":
            self.store.write_note(self.note, "")
            raise NotAggregated(f"operation {operation_id} ended as {status or 'unknown'}.")
        found = self._read(operation_id)
        self.store.write_note(self.note, "")
        return found

    def _start(self) -> str:
        operation = self._ask(
            self.gateway.ask,
            self.gateway.client.aggregate_solutions_by_pool,
            type=AggregatedSolutionType.DAWID_SKENE,
            pool_id=self.pool_id,
            fields=[PoolAggregatedSolutionRequest.Field(name=self.field)],
        )
        self.store.write_note(self.note, operation.id)
        return str(operation.id)

    def _status(self, operation_id: str) -> str | None:
        try:
            return str(self._ask(self.gateway.read, self.gateway.client.get_operation, operation_id).status.value)
        except TolokaTrouble as error:
            if error.trouble.status == 404:
                return None
            raise

    def _read(self, operation_id: str) -> list[TaskLabel]:
        solutions = self._ask(
            self.gateway.read,
            lambda: list(self.gateway.client.get_aggregated_solutions(operation_id, batch_size=AT_ONCE)),
        )
        values = [(each, plain(each.output_values).get(self.field)) for each in solutions]
        return [
            TaskLabel(each.task_id, label_of(value), float(each.confidence))
            for each, value in values
            if value is not None
        ]

    def _ask(self, ask: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        try:
            return ask(*args, **kwargs)
        except TolokaTrouble as error:
            if error.trouble.kind is TroubleKind.QUOTA:
                raise QuotaUsedUp(error.trouble) from error
            raise
