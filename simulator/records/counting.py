"""Whose work a quality rule counts, in which pools, and from when on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from simulator.elements.tallies import Marks, Tally, Unit
from simulator.records.state import Assignment, Json, Pool, Project, State

Metrics = dict[str, float | str]
"""Values by condition key; a key that is absent is undefined, and a condition on it is false."""


@dataclass(frozen=True, slots=True)
class Counting:
    """Whose work is counted, by which collector of which pool or of its `whole` project, and from when on."""

    state: State
    pool: Pool
    user_id: str
    config: Json
    since: float
    whole: bool = False

    def parameter(self, name: str) -> float | None:
        """A parameter of the collector; None when it is not set."""
        value: float | None = (self.config.get("parameters") or {}).get(name)
        return value

    def pools(self) -> Iterator[Pool]:
        """The pools that count: this and others of the same collector, as clones are; a training is always alone.

        With history_size also all of the project whose same rule has one; for a project's own rule all its pools that
        are no trainings.
        """
        seen = {self.pool.id} if self.pool.training else self.state.observed.get(self.config["uuid"], set())
        if self.parameter("history_size") is None and not self.whole:
            yield from (self.state.pools[identity] for identity in sorted(seen))
            return
        for pool in self.state.pools.values():
            if pool.id in seen or (pool.project_id == self.pool.project_id and self._counts(pool)):
                yield pool

    def _counts(self, pool: Pool) -> bool:
        return pool.training is None if self.whole else any(self._alike(other) for other in collectors_of(pool))

    def _alike(self, other: Json) -> bool:
        return other["type"] == self.config["type"] and bool((other.get("parameters") or {}).get("history_size"))

    def newest(self) -> Iterator[Assignment]:
        """All pages that the performer was given in the pools that count, the last first."""
        counted = {pool.id for pool in self.pools()}
        own = reversed(self.state.people[self.user_id].assignment_ids)
        return (page for identity in own if (page := self.state.assignments[identity]).pool_id in counted)

    def latest(self, *names: str) -> list[Unit]:
        """The last `history_size` units of these tallies after the rule's last ban, in order of (time, id).

        There are `submitted` pages by the seconds that they took, `reviewed` ones (1 paid, 0 refused) by their last
        review, answers to `golden` and `training` tasks by their credit, and answers to tasks that have a majority (1
        for those of the majority) as `majority/` with the threshold.
        """
        size = self.parameter("history_size")
        most = None if size is None else int(size)
        units = sorted(unit for tally in self._tallies(names) for unit in tally.latest(self.since, most))
        return units if most is None else units[-most:]

    def marks(self, *names: str) -> Marks:
        """How many units there are among the latest, and the sum of their marks."""
        if self.parameter("history_size") is None:
            return self.all_marks(*names)
        marks = [mark for *_, mark in self.latest(*names)]
        return Marks(len(marks), sum(marks))

    def all_marks(self, *names: str) -> Marks:
        """How many units of these tallies there are after the rule's last ban, and the sum of their marks."""
        every = [tally.since(self.since) for tally in self._tallies(names)]
        return Marks(sum(each.count for each in every), sum(each.total for each in every))

    def reviewed(self, since: float) -> Iterator[Assignment]:
        """The pages whose last review was at this moment or later."""
        units = (unit for tally in self._tallies(["reviewed"]) for unit in tally.latest(since, None))
        return (self.state.assignments[identity] for _, identity, _ in units)

    def _tallies(self, names: Iterable[str]) -> Iterator[Tally]:
        tallies = self.state.tallies
        keys = ((name, pool.id, self.user_id) for pool in self.pools() for name in names)
        return (tallies[key] for key in keys if key in tallies)


def observe(state: State, pool: Pool) -> None:
    """Note which collectors look at a pool as it is set now: a clone's look at what it was made of, too."""
    for seen in state.observed.values():
        seen.discard(pool.id)
    for collector in collectors_of(pool):
        state.observed[collector["uuid"]].add(pool.id)


def collectors_of(owner: Pool | Project) -> list[Json]:
    """The collectors of a pool's or a project's own rules, in their order."""
    return [config["collector_config"] for config in (owner.body.get("quality_control") or {}).get("configs") or []]


def rates(marks: Marks, right: str = "correct_answers_rate", wrong: str = "incorrect_answers_rate") -> Metrics:
    """The shares (0..100) of right and of wrong marks, under these keys; undefined when there are none."""
    if not marks.count:
        return {}
    share = 100.0 * marks.total / marks.count
    return {right: share, wrong: 100.0 - share}
