"""Whose work a quality rule counts, in which pools, and from when on."""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.state import Assignment, Json, Pool, Project, State

Metrics = dict[str, float | str]
"""Values by condition key; a key that is absent is undefined, and a condition on it is false."""
Unit = tuple[float, str, float]
"""One thing that is counted: platform seconds, id, and a mark in 0..1."""


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

    def pages(self) -> list[Assignment]:
        """The performer's submitted pages in the pools that count, oldest first."""
        return [page for page in self.taken() if page.submitted is not None]

    def taken(self) -> list[Assignment]:
        """All pages that the performer was given in the pools that count, oldest first."""
        counted = {pool.id for pool in self.pools()}
        own = (self.state.assignments[identity] for identity in self.state.people[self.user_id].assignment_ids)
        return [page for page in own if page.pool_id in counted]

    def known_answers(self, *kinds: str) -> list[Unit]:
        """The performer's answers to tasks of these kinds, whose right answer is known, with their credit."""
        return [
            (page.submitted or 0.0, f"{page.id}/{mark.place:03}", mark.credit)
            for page in self.pages()
            for mark in page.marks
            if mark.kind in kinds
        ]

    def latest(self, units: list[Unit]) -> list[float]:
        """The marks of the last `history_size` units after the rule's last ban, in order of (time, id)."""
        marks = [mark for at, _, mark in sorted(units) if at >= self.since]
        size = self.parameter("history_size")
        return marks if size is None else marks[-int(size) :]


def observe(state: State, pool: Pool) -> None:
    """Note which collectors look at a pool as it is set now: a clone's look at what it was made of, too."""
    for seen in state.observed.values():
        seen.discard(pool.id)
    for collector in collectors_of(pool):
        state.observed[collector["uuid"]].add(pool.id)


def collectors_of(owner: Pool | Project) -> list[Json]:
    """The collectors of a pool's or a project's own rules, in their order."""
    return [config["collector_config"] for config in (owner.body.get("quality_control") or {}).get("configs") or []]


def rates(marks: list[float], right: str = "correct_answers_rate", wrong: str = "incorrect_answers_rate") -> Metrics:
    """The shares (0..100) of right and of wrong marks, under these keys; undefined when there are none."""
    if not marks:
        return {}
    share = 100.0 * sum(marks) / len(marks)
    return {right: share, wrong: 100.0 - share}
