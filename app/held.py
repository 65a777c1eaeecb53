"""Pages that wait for a person: what the votes say, why they wait, and what happens if nobody looks."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.acts import Act, acts_of, logged
from app.deadlines import HALF_OVER, NEARLY_OVER, deadline
from app.verdicts import TURNED_DOWN, turned_down, verdict_on
from handlers.routing import Running
from store.contract import Store
from store.records import Answer, Decision, DecisionState, Page

WARNINGS = {HALF_OVER: "half over", NEARLY_OVER: "nearly over"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page that is held, the decision that holds it, and what a person said about it since."""

    page: Page
    hold: Decision
    deadline: float  # platform time at which the platform pays by itself
    told: Act | None = None

    @property
    def proposal(self) -> str:
        """Return the comment of the refusal that is proposed; "" when none is."""
        return str(self.hold.payload.get("proposal", ""))


@dataclass(frozen=True, slots=True)
class Said:
    """What one verifier said of one outline."""

    verifier: str
    ok: bool
    wrong: str  # missed | loose | object | other; "" when ok


@dataclass(frozen=True, slots=True)
class HeldTask:
    """One task of a held page: its number as the performer counts (from 1 on), its answer, and its votes."""

    number: int
    answer: Answer
    votes: tuple[Said, ...]  # oldest first

    @property
    def bad(self) -> tuple[Said, ...]:
        """Return the votes that say that the outline is wrong."""
        return tuple(vote for vote in self.votes if not vote.ok)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return what is wrong with it, in the pipeline's words: each once, the most said first."""
        said = Counter(vote.wrong for vote in self.bad if vote.wrong)
        return tuple(sorted(said, key=lambda word: (-said[word], word)))


@dataclass(frozen=True, slots=True)
class HeldPage:
    """A held page with all that a person needs to decide it."""

    waiting: Waiting
    tasks: tuple[HeldTask, ...]
    warned: str = ""  # half over | nearly over: how much of the review period was announced to be gone

    @property
    def page(self) -> Page:
        """Return the page itself."""
        return self.waiting.page

    @property
    def deadline(self) -> float:
        """Return the platform time at which the platform pays by itself."""
        return self.waiting.deadline

    @property
    def reason(self) -> str:
        """Return why it is held."""
        hold = self.waiting.hold
        return hold.reason if hold.kind == "hold" else f"the platform did not take our {hold.kind} ({hold.reason})"

    @property
    def proposal(self) -> str:
        """Return the comment of the refusal that is proposed; "" when none is."""
        return self.waiting.proposal

    @property
    def automatic(self) -> str:
        """Say what happens at the deadline if nobody decides."""
        return "the platform pays it by itself"


def waiting(store: Store, running: Running) -> list[Waiting]:
    """Return the pages that wait for a person, the oldest deadline first, then by id; votes are not looked at.

    Such a page is submitted, has no verdict that stands, and was held after more votes were last asked for.
    """
    pool_id = running.pool_ids["outlining"]
    halted = store.pages({str(each.assignment_id) for each in _halts(store)})
    pages = {key: page for key, page in halted.items() if (page.pool_id, page.status) == (pool_id, "SUBMITTED")}
    holds = _holds(store, pages)
    acts = acts_of(store, pool_id) if holds else {}
    found = []
    for assignment_id, hold in holds.items():
        page = pages[assignment_id]
        since = [act for act in acts.get(assignment_id, ()) if act.seq > (hold.event_seq or 0)]
        found.append(Waiting(page, hold, deadline(page, running), since[-1] if since else None))
    return sorted(found, key=lambda each: (each.deadline, each.page.assignment_id))


def held(store: Store, running: Running) -> list[HeldPage]:
    """Return the pages that wait for a person with their votes, the oldest deadline first, then by id."""
    found = waiting(store, running)
    votes = votes_on(store, [each.page.assignment_id for each in found])
    warnings = _warnings(store, running) if found else {}
    return [HeldPage(each, tasks(each.page, votes), warnings.get(each.page.assignment_id, "")) for each in found]


def votes_on(store: Store, assignment_ids: Collection[str]) -> Mapping[tuple[str, str], list[Said]]:
    """Return what verifiers said, oldest first, by (assignment id, task id) of the outline."""
    said: dict[tuple[str, str], list[Said]] = {}
    for voting, vote in store.votes_about(assignment_ids):
        output = vote.output or {}
        each = Said(voting.user_id, output.get("verdict") == "OK", str(output.get("wrong") or ""))
        said.setdefault((vote.subject_assignment_id or "", vote.subject_task_id or ""), []).append(each)
    return said


def tasks(page: Page, votes: Mapping[tuple[str, str], Sequence[Said]]) -> tuple[HeldTask, ...]:
    """Return a page's tasks, numbered as its performer counts, with their votes."""
    return tuple(
        HeldTask(number, answer, tuple(votes.get((page.assignment_id, answer.task_id), ())))
        for number, answer in enumerate(page.answers, 1)
    )


def _holds(store: Store, pages: Collection[str]) -> dict[str, Decision]:
    """Return, of these pages, what holds each that waits: a hold, or a verdict that the platform did not take."""
    holds = {str(each.assignment_id): each for each in _halts(store) if each.assignment_id in pages}
    undecided = {key: hold for key, hold in holds.items() if verdict_on(store, key) is None}
    asked = _asked_since(store, undecided)
    return {key: hold for key, hold in undecided.items() if asked.get(key, 0) < hold.id}


def _halts(store: Store) -> list[Decision]:
    turned_down = [
        each
        for kind in ("accept", "reject")
        for state in sorted(TURNED_DOWN)
        for each in store.decisions(kind=kind, state=state)
    ]
    holds = (each for each in store.decisions(kind="hold") if each.state is not DecisionState.SUPERSEDED)
    return sorted([*holds, *turned_down], key=lambda each: each.id)


def _asked_since(store: Store, pages: Collection[str]) -> dict[str, int]:
    """Return the id of the last decision that asked for more votes, for the pages that have one."""
    if not pages:
        return {}
    about = {each.task_id: each.subject_assignment_id for each in store.questions_about(pages) if each.task_id}
    raises = (each for each in store.decisions(kind="votes") if not turned_down(each))
    return {about[each.task_id]: each.id for each in raises if each.task_id in about}


def _warnings(store: Store, running: Running) -> dict[str, str]:
    pool_id = running.pool_ids["outlining"]
    return {
        each.event.assignment_id or "": text for kind, text in WARNINGS.items() for each in logged(store, kind, pool_id)
    }
