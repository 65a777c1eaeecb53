"""A page of a rehearsal judged again: what each vote weighed when it was decided, and what the votes came to."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.rehearsal import Stage
from handlers.verdict import PageVerdict, Policy, TaskVotes, Vote, judge
from handlers.verifiers import below_bar
from store.errors import CrowdhookError
from store.records import Decision, Page, Standing
from webhooks.story import Story, Task, story


class NotTheLedgers(CrowdhookError):
    """Judged again, this page does not come to what the ledger says:"""


class Scales:
    """What was known of the verifiers after each tick of a rehearsal: it says what their votes weighed in the next."""

    def __init__(self) -> None:
        self._ticks: list[tuple[float, dict[str, Standing]]] = []

    def look(self, at: Stage) -> None:
        """Note what is known now."""
        verifiers = at.store.verifiers(at.running.pool_ids["checking"])
        self._ticks.append((at.world.now, {each.user_id: each for each in verifiers}))

    def at(self, moment: float) -> Mapping[str, Standing]:
        """Return what was known when the tick that ended at this platform time began; strangers are absent."""
        before = bisect_left(self._ticks, moment, key=lambda tick: tick[0])
        return self._ticks[before - 1][1] if before else {}


@dataclass(frozen=True, slots=True)
class Counted:
    """One vote on an outline, and what it weighed in log-odds: above 0 for OK, below 0 for BAD, 0 if not believed."""

    standing: Standing  # of the verifier, at that time
    ok: bool
    wrong: str  # what he said is wrong; "" when nothing
    accuracy: float
    weight: float


@dataclass(frozen=True, slots=True)
class Judged:
    """A page, its story, the decision by which it stands, and the votes behind that decision."""

    page: Page
    story: Story
    decision: Decision
    verdict: PageVerdict
    votes: tuple[tuple[Counted, ...], ...]  # of each task, oldest first


def judged(at: Stage, scales: Scales, page: Page) -> Judged:
    """Judge a decided or held page with the weights of that moment; raises NotTheLedgers if the ledger says else."""
    file = at.store.assignment_file(page.assignment_id)
    if file is None or file.standing is None:
        raise NotTheLedgers(f"{page.assignment_id} is not decided.")
    told, policy, known = story(file), at.running.settings.policy, scales.at(file.standing.decided_at)
    votes = tuple(tuple(_counted(task, file.standing, policy, known)) for task in told.tasks)
    verdict = judge([_votes(*each) for each in zip(told.tasks, votes, strict=True)], policy)
    if _tally(verdict) != file.standing.reason:
        raise NotTheLedgers(f"{page.assignment_id}: {_tally(verdict)}; the ledger: {file.standing.reason}")
    return Judged(page, told, file.standing, verdict, votes)


def _counted(task: Task, decision: Decision, policy: Policy, known: Mapping[str, Standing]) -> list[Counted]:
    """Return the votes that were in when it was decided."""
    counted = []
    for voting, vote in task.votes:
        if voting.submitted is None or voting.submitted > decision.decided_at:
            continue
        output, standing = vote.output or {}, known.get(voting.user_id, Standing(voting.user_id))
        ok, accuracy = output.get("verdict") == "OK", policy.accuracy(standing.known, standing.agreed)
        weight = 0.0 if below_bar(standing) else policy.weight(accuracy)
        counted.append(Counted(standing, ok, str(output.get("wrong") or ""), accuracy, weight if ok else -weight))
    return counted


def _votes(task: Task, counted: Sequence[Counted]) -> TaskVotes:
    """Return a task's votes as the pipeline counts them: those of verifiers below the bar are not waited for either."""
    believed = [vote for vote in counted if not below_bar(vote.standing)]
    votes = tuple(Vote(vote.standing.user_id, vote.ok, vote.wrong, vote.accuracy) for vote in believed)
    return TaskVotes(task.task_id, task.wanted - len(counted) + len(believed), votes)


def _tally(verdict: PageVerdict) -> str:
    return "; ".join(
        f"task {at}: {view.ok_votes} OK, {view.bad_votes} BAD, chance {view.chance:.3f}"
        for at, view in enumerate(verdict.tasks, 1)
    )
