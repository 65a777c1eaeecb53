"""What quality rules count about one performer: a collector's metrics, by the keys that conditions name."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simulator.draws import canonical
from simulator.state import Assignment, Json, Pool, State, Task

Metrics = dict[str, float | str]
"""Values by condition key; a key that is absent is undefined, and a condition on it is false."""


@dataclass(frozen=True, slots=True)
class Counting:
    """Whose work is counted, by which collector of which pool, and from when on."""

    state: State
    pool: Pool
    user_id: str
    config: Json
    since: float

    def parameter(self, name: str) -> float | None:
        """A parameter of the collector; None when it is not set."""
        value: float | None = (self.config.get("parameters") or {}).get(name)
        return value

    def pools(self) -> Iterator[Pool]:
        """The pools that count: with history_size all of the project whose same rule has one, else this."""
        if self.parameter("history_size") is None:
            yield self.pool
            return
        for pool in self.state.pools.values():
            if pool.project_id == self.pool.project_id and any(self._alike(other) for other in collectors_of(pool)):
                yield pool

    def _alike(self, other: Json) -> bool:
        return other["type"] == self.config["type"] and bool((other.get("parameters") or {}).get("history_size"))

    def pages(self) -> list[Assignment]:
        """The performer's submitted pages in the pools that count, oldest first."""
        counted = {pool.id for pool in self.pools()}
        own = (self.state.assignments[identity] for identity in self.state.people[self.user_id].assignment_ids)
        return [page for page in own if page.pool_id in counted and page.submitted is not None]

    def latest(self, units: list[tuple[float, str, bool]]) -> list[bool]:
        """The marks of the last `history_size` units after the rule's last ban, in order of (time, id)."""
        marks = [mark for at, _, mark in sorted(units) if at >= self.since]
        size = self.parameter("history_size")
        return marks if size is None else marks[-int(size) :]


def collectors_of(pool: Pool) -> list[Json]:
    """The collectors of a pool's rules, in their order."""
    return [config["collector_config"] for config in (pool.body.get("quality_control") or {}).get("configs") or []]


def _rates(marks: list[bool], right: str, wrong: str) -> Metrics:
    if not marks:
        return {}
    share = 100.0 * sum(marks) / len(marks)
    return {right: share, wrong: 100.0 - share}


def _acceptance_rate(counting: Counting) -> Metrics:
    units = [
        (max(page.accepted or 0.0, page.rejected or 0.0), page.id, page.status == "ACCEPTED")
        for page in counting.pages()
        if page.status in ("ACCEPTED", "REJECTED")
    ]
    marks = counting.latest(units)
    rates = _rates(marks, "accepted_assignments_rate", "rejected_assignments_rate")
    return {"total_assignments_count": len(marks)} | rates


def _submit_time(counting: Counting) -> Metrics:
    threshold = counting.parameter("fast_submit_threshold_seconds") or 0.0
    pages = [(page.submitted or 0.0, page) for page in counting.pages()]
    marks = counting.latest([(at, page.id, at - page.created < threshold) for at, page in pages])
    return {"total_submitted_count": len(marks), "fast_submitted_count": sum(marks)}


def _answer_count(counting: Counting) -> Metrics:
    return {"assignments_accepted_count": sum(page.pool_id == counting.pool.id for page in counting.pages())}


def _majority_vote(counting: Counting) -> Metrics:
    threshold = int(counting.parameter("answer_threshold") or 0)
    units = [
        (at, task_id, right)
        for pool in counting.pools()
        for task_id, (at, right) in counting.state.majorities[pool.id, threshold, counting.user_id].items()
    ]
    marks = counting.latest(units)
    return {"total_answers_count": len(marks)} | _rates(marks, "correct_answers_rate", "incorrect_answers_rate")


COLLECTORS: dict[str, tuple[str, Callable[[Counting], Metrics]]] = {
    "ACCEPTANCE_RATE": ("review", _acceptance_rate),
    "ASSIGNMENT_SUBMIT_TIME": ("submit", _submit_time),
    "ANSWER_COUNT": ("submit", _answer_count),
    "MAJORITY_VOTE": ("majority", _majority_vote),
}
"""By type: what makes the rules look again, and how their metrics are counted."""


def assessment(state: State, page: Assignment, event: str) -> Metrics:
    """The metrics of ASSIGNMENTS_ASSESSMENT: a mixed page is the only one of its suite."""
    counts: Metrics = {
        "pending_assignments_count": int(page.status == "SUBMITTED"),
        "accepted_assignments_count": int(page.status == "ACCEPTED"),
        "rejected_assignments_count": int(page.status == "REJECTED"),
    }
    return counts | {"assessment_event": event}


def count_majority(state: State, task: Task) -> list[str]:
    """Mark each answer of a task that has its overlap as of the majority or not; ids of those who answered.

    An answer is of the majority when at least `answer_threshold` performers gave it, alike in all required output
    fields, reviewed or not. A task where no answer reaches the threshold counts for nobody.
    """
    pool = state.pools[task.pool_id]
    answers = _answers(state, pool, task)
    given = Counter(answers.values())
    for config in collectors_of(pool):
        if config["type"] != "MAJORITY_VOTE":
            continue
        threshold = int(config["parameters"]["answer_threshold"])
        decided = max(given.values(), default=0) >= threshold
        for user_id, answer in answers.items():
            marks = state.majorities[pool.id, threshold, user_id]
            marks.pop(task.id, None)
            if decided:
                marks[task.id] = (state.now, given[answer] >= threshold)
    return sorted(answers)


def _answers(state: State, pool: Pool, task: Task) -> dict[str, str]:
    spec = state.project_of(pool).body["task_spec"]["output_spec"]
    fields = [name for name, field in spec.items() if field.get("required", True)]
    found: dict[str, str] = {}
    for identity in task.assignment_ids:
        page = state.assignments[identity]
        if page.solutions is not None:
            values = page.solutions[page.task_ids.index(task.id)]["output_values"]
            found[page.user_id] = canonical({name: values.get(name) for name in fields})
    return found
