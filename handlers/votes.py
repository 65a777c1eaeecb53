"""Votes: who gave which task which label, as integers, so that a million of them stay small. Pure."""

from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy
import pandas

EVERY = 10_000  # votes between two words about how many were read
COLUMNS = ("task", "worker", "label")
NO_KEYS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """At most one vote of each performer on each task; integers in `rows` are places in the lists of names.

    Performers and labels are sorted, tasks by what they are about. `rows` has the columns task, worker (the performer)
    and label, and is sorted by (label, task, worker): what is made of it hangs neither on the order in which answers
    arrived nor on the ids that the platform gave the tasks.
    """

    rows: pandas.DataFrame
    tasks: numpy.ndarray  # task ids
    performers: numpy.ndarray  # user ids
    labels: numpy.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def answered(self) -> list[str]:
        """Return the ids of the tasks that have votes, in their order."""
        return list(self.tasks[numpy.unique(self.rows["task"])])

    def per_task(self) -> dict[str, int]:
        """Count the votes on each task that has any, by its id."""
        counts = self.rows["task"].value_counts()
        return dict(zip(self.tasks[counts.index], counts.tolist(), strict=True))

    def on(self, task_ids: Collection[str]) -> "Votes":
        """Return the votes on these tasks."""
        return self._where(self.rows["task"].isin(places(self.tasks, task_ids)))

    def not_on(self, task_ids: Collection[str]) -> "Votes":
        """Return the votes on all other tasks."""
        return self._where(~self.rows["task"].isin(places(self.tasks, task_ids)))

    def without(self, user_ids: Collection[str]) -> "Votes":
        """Return the votes of all other performers."""
        return self._where(~self.rows["worker"].isin(places(self.performers, user_ids)))

    def at_most(self, votes: int, *, all_on: Collection[str] = ()) -> "Votes":
        """Return at most so many votes on each task, by a hash of task and performer: the same ones each time.

        The votes on the tasks `all_on` are all kept.
        """
        hashed = [pandas.util.hash_array(names, categorize=False) for names in (self.tasks, self.performers)]
        drawn = pandas.util.hash_array(hashed[0][self.rows["task"]] + hashed[1][self.rows["worker"]])
        turn = pandas.Series(drawn, self.rows.index).groupby(self.rows["task"]).rank(method="first")
        return self._where((turn <= votes) | self.rows["task"].isin(places(self.tasks, all_on)))

    def _where(self, kept: "pandas.Series[bool]") -> "Votes":
        return replace(self, rows=self.rows[kept].reset_index(drop=True))


def gather(
    answers: Iterable[tuple[str, str, str]],
    told: Callable[[int], object] = lambda read: None,
    keys: Mapping[str, str] = NO_KEYS,
) -> Votes:
    """Make votes of (task id, user id, label) triples; of several answers of a performer to a task one counts.

    That is the one whose label is first by the alphabet. `told` hears now and then how many answers were read. `keys`
    say what tasks are about: they are sorted by that, then by id.
    """
    ids: tuple[dict[str, int], ...] = ({}, {}, {})
    columns = (array("i"), array("i"), array("i"))
    for read, answer in enumerate(answers):
        for name, known, column in zip(answer, ids, columns, strict=True):
            column.append(known.setdefault(name, len(known)))
        if read % EVERY == 0:
            told(read)
    tasks, performers, labels = ids
    names = (sorted(tasks, key=lambda task: (keys.get(task, ""), task)), sorted(performers), sorted(labels))
    ranked = (_ranks(known, ordered)[column] for known, ordered, column in zip(ids, names, columns, strict=True))
    data = dict(zip(COLUMNS, ranked, strict=True))
    return Votes(_once(data), *(numpy.array(ordered, dtype=object) for ordered in names))


def places(names: numpy.ndarray, wanted: Iterable[str]) -> Sequence[int]:
    """Return where these names stand among `names`; those that are not there are left out."""
    where = {name: at for at, name in enumerate(names)}
    return [where[name] for name in wanted if name in where]


def _ranks(known: Mapping[str, int], ordered: Sequence[str]) -> numpy.ndarray:
    """Return for each integer given on the way the one that its name has in the ordered list."""
    ranks = numpy.empty(len(known), dtype=numpy.int32)
    ranks[[known[name] for name in ordered]] = numpy.arange(len(known))
    return ranks


def _once(data: Mapping[str, numpy.ndarray]) -> pandas.DataFrame:
    order = numpy.lexsort([data[name] for name in ("worker", "task", "label")])
    rows = pandas.DataFrame({name: column[order] for name, column in data.items()})
    return rows.drop_duplicates(["task", "worker"]).reset_index(drop=True)
