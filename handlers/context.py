"""All that a handler may know: plain values, loaded before it is called. No client, no clock, no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.record import Record
from store.records import Answer, Decision, Event, Page, PoolState, Question, Standing


@dataclass(frozen=True, slots=True)
class GivenVote:
    """One verifier's answer to one question, with what is known of the verifier."""

    user_id: str
    output: Mapping[str, Any]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Asked:
    """One answer of a page, the question asked about it (None: not yet), and the votes that came in."""

    answer: Answer
    question: Question | None
    votes: tuple[GivenVote, ...]

    @property
    def abandoned(self) -> bool:
        """Say whether votes are missing although nothing that would bring them is still to be done."""
        return self.question is not None and not self.question.open and len(self.votes) < self.question.overlap

    @property
    def complete(self) -> bool:
        """Say whether every vote that was asked for is in."""
        return self.question is not None and len(self.votes) >= self.question.overlap


@dataclass(frozen=True, slots=True)
class Subject:
    """A page of work and all that verifiers said about it."""

    page: Page
    asked: tuple[Asked, ...]
    verdict: Decision | None = None  # ours, once we decided

    @property
    def decided(self) -> bool:
        """Say whether there is nothing left to decide: by us, or by somebody on the site."""
        return self.verdict is not None or self.page.status != "SUBMITTED"

    @property
    def votes(self) -> int:
        """Count the votes on all tasks of the page."""
        return sum(len(asked.votes) for asked in self.asked)


@dataclass(frozen=True, slots=True)
class Context:
    """What one handler sees of one event."""

    event: Event
    settings: Any
    assignment: Page | None = None  # the page that the event is about, as the platform shows it now
    subject: Subject | None = None  # the same page with what verifiers said about it
    subjects: tuple[Subject, ...] = ()  # the pages that this verification page spoke about
    pool: PoolState | None = None  # how the event's pool stands; only for events about pools
    payload: Mapping[str, Any] = field(default_factory=dict)
    record: Record = field(default_factory=Record)  # what the run's verdicts and control questions came to so far
    unfinished: tuple[Subject, ...] = ()  # the run's pages without a verdict; only for events about pools
    waiting: int = 0  # tasks for this pool that are decided and not on the platform yet; only for events about pools
    truths: Mapping[str, bool] = field(default_factory=dict)  # of the control questions on this page, by their task id
