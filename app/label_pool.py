"""A pool whose answers are to become labels: votes, control tasks, true labels, keys and costs, read from the store."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from app.label_truth import TrueLabels, WrongTruth
from handlers.routing import Running
from handlers.votes import Votes, gather
from store.contract import Store
from store.errors import CrowdhookError
from store.labels import label_of
from store.records import Json


class NoSuchPool(CrowdhookError):
    """This run has no such pool:"""


class NothingToLabel(CrowdhookError):
    """There are no answers to make labels of:"""


@dataclass(frozen=True, slots=True)
class LabelPool:
    """All that is known of a pool's tasks and what performers said of them."""

    pool_id: str
    field: str  # the output value that is the label
    votes: Votes  # without those that were left out
    left_out: int  # votes of banned performers
    keys: Mapping[str, str]  # of every task that is no control task: what it is about, "" where nobody knows
    known: Mapping[str, str]  # labels of control tasks
    truth: Mapping[str, str]  # true labels of other tasks
    price: float | None  # dollars for a vote on a task that is no control task, without the fee

    @property
    def judged_by(self) -> Mapping[str, str]:
        """Return the labels that results are judged by in detail: true labels where there are any, else controls."""
        return self.truth or self.known

    @property
    def most_votes(self) -> int:
        """Return how many votes the tasks that are no control tasks have at most."""
        return max(self.votes.not_on(self.known).per_task().values(), default=0)


def pool_id_of(running: Running, role: str) -> str:
    """Return the id of the run's pool of this role; raises NoSuchPool."""
    if role not in running.pool_ids:
        raise NoSuchPool(f"{role}. Those of {running.pipeline.name} are {', '.join(running.pool_ids)} (--pool).")
    return running.pool_ids[role]


def read_pool(
    store: Store,
    pool_id: str,
    field: str,
    *,
    truth: TrueLabels | None = None,
    banned: Collection[str] = (),
    told: Callable[[int], object] = lambda read: None,
) -> LabelPool:
    """Read a pool; `told` hears now and then how many answers were read. Raises NothingToLabel, WrongTruth."""
    solutions = store.solutions_of(pool_id)
    known = {task: label_of(values[field]) for task, values in solutions.items() if values.get(field) is not None}
    keys = {task: _key(key, shown) for task, key, shown in store.tasks_of(pool_id) if task not in solutions}
    everything = gather(store.labels_of(pool_id, field), told, keys).not_on(solutions.keys() - known.keys())
    votes = everything.without(banned) if banned else everything
    if not len(votes):
        raise NothingToLabel(_nothing(store, pool_id, field, left_out=len(everything)))
    keys |= {task: keys.get(task, "") for task in votes.answered if task not in solutions}
    paid_for = len(everything.not_on(known))
    return LabelPool(
        pool_id=pool_id,
        field=field,
        votes=votes,
        left_out=len(everything) - len(votes),
        keys=keys,
        known=known,
        truth=_true_labels(truth, keys, votes) if truth else {},
        price=store.rewards_of(pool_id) / paid_for if paid_for else None,
    )


def _key(key: str, shown: Json) -> str:
    """Return what a task is about: the item that its input names, else what it was asked under, without the round."""
    return str(shown["item"]) if "item" in shown else key.rpartition(":")[0]


def _nothing(store: Store, pool_id: str, field: str, left_out: int) -> str:
    if left_out:
        return f"all {left_out} in pool {pool_id} are by banned performers."
    fields = ", ".join(store.fields_of(pool_id))
    there = f"its answers have {fields} (--field)" if fields else "nobody handed anything in yet"
    return f"none in pool {pool_id} has the field {field}; {there}."


def _true_labels(truth: TrueLabels, keys: Mapping[str, str], votes: Votes) -> Mapping[str, str]:
    found = truth.by_task(keys)
    if not found:
        raise WrongTruth(f"no {truth.named_by} in it is one of this pool's, such as {_example(truth, keys)!r}.")
    if not set(found.values()) & set(votes.labels):
        raise WrongTruth(f"no label in it was ever answered; those were {', '.join(votes.labels[:20])}.")
    return found


def _example(truth: TrueLabels, keys: Mapping[str, str]) -> str:
    return next(iter(keys.values() if truth.named_by == "key" else keys), "")
