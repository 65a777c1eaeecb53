"""A page in full: what was drawn, what others said, what happened, what it cost, and what became of its images."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import fsum

from app.boxes import from_shapes, right, to_pixels
from app.datasets import Item
from app.desk import TIGHT_AT
from app.evidence import Evidence
from app.rehearsal import Stage
from docs.examples.three_pages.happened import Moment, happened, tasks_named
from docs.examples.three_pages.judged import Counted, Judged, Scales, judged
from handlers.verdict import TaskState, TaskView
from store.records import Answer, Page

ON_A_PAGE = 5


@dataclass(frozen=True, slots=True)
class Outlined:
    """One task of a page: what was drawn on which image, what others said of it, and what that came to."""

    number: int
    answer: Answer
    boxes: tuple[tuple[int, int, int, int], ...]  # pixels: x, y, width, height
    votes: tuple[Counted, ...]
    view: TaskView
    right: bool  # in truth, which a rehearsal knows
    cost: float  # dollars, without the fee: its votes, and its share of the page if that is paid
    page: Page

    @property
    def image(self) -> str:
        """The key of its image."""
        return str(self.answer.input["item"])

    @property
    def round(self) -> int:
        """Which outlining of its image it is."""
        return int(self.answer.input["round"])

    @property
    def sum(self) -> float:
        """What its votes weigh together, in log-odds."""
        return fsum(vote.weight for vote in self.votes)

    @property
    def end(self) -> str:
        """What became of it."""
        if self.page.status == "REJECTED":
            return "refused, asked anew"
        if self.page.status == "SUBMITTED":
            return "waits for a person"
        return "result" if self.view.state is TaskState.OK else "paid for, asked anew"


@dataclass(frozen=True, slots=True)
class Told:
    """A page as the document tells it."""

    judged: Judged
    tasks: tuple[Outlined, ...]
    moments: list[Moment]
    later: tuple[Outlined, ...]  # outlines of its images in later rounds, by task and round

    @property
    def page(self) -> Page:
        """The page itself."""
        return self.judged.page

    @property
    def reward(self) -> float:
        """What its performer was paid, in dollars."""
        return self.page.reward if self.page.status == "ACCEPTED" else 0.0

    @property
    def votes_cost(self) -> float:
        """What its votes cost, in dollars without the fee."""
        return fsum(task.cost for task in self.tasks) - self.reward

    @property
    def right(self) -> int:
        """How many of its outlines are right in truth."""
        return sum(task.right for task in self.tasks)

    @property
    def results(self) -> int:
        """How many of its images have a result in the end, from whichever round."""
        return sum(each.end == "result" for each in (*self.tasks, *self.later))

    @property
    def verifiers(self) -> list[Counted]:
        """A vote of each verifier, by his id."""
        one = {vote.standing.user_id: vote for task in self.tasks for vote in task.votes}
        return [one[user_id] for user_id in sorted(one)]

    def count(self, state: str) -> int:
        """Count the tasks that are in a state."""
        return sum(task.view.state == state for task in self.tasks)

    def named(self, *states: str) -> str:
        """Name the tasks that are in one of these states: "task 2"."""
        return tasks_named(task.number for task in self.tasks if task.view.state in states)

    def number(self, later: Outlined) -> int:
        """Return which of its tasks a later outline is of."""
        return next(task.number for task in self.tasks if task.image == later.image)


class Teller:
    """Gathers all that is to be told of pages of a finished rehearsal."""

    def __init__(self, at: Stage, scales: Scales, items: Mapping[str, Item]) -> None:
        self.at, self.scales, self.items = at, scales, items
        self.evidence = Evidence(at.store, at.running)

    def chosen(self) -> dict[str, Told]:
        """Return, of each kind, the first page by assignment id among those of five tasks."""
        full = [judged(self.at, self.scales, page) for page in self.evidence.pages if len(page.answers) == ON_A_PAGE]
        return {
            "paid": self._told(next(each for each in full if len(each.decision.payload.get("anew", ())) == 1)),
            "refused": self._told(next(each for each in full if each.decision.kind == "reject")),
            "held": self._told(next(each for each in full if each.decision.kind == "hold")),
        }

    def _told(self, found: Judged) -> Told:
        outlines = self._outlined(found)
        asks = [ask for task in outlines for ask in self.evidence.asks[task.image]]
        anew = [ask for ask in asks if f":{found.page.assignment_id}:" in ask.key]
        later = tuple(each for task in outlines for each in sorted(self._later(task), key=lambda each: each.round))
        return Told(found, outlines, happened(found, anew, self.at.store.notes()), later)

    def _later(self, task: Outlined) -> Iterator[Outlined]:
        """Find the outlines of a task's image in the rounds after this one."""
        for page, answer in self.evidence.given(self.evidence.asks[task.image]):
            if int(answer.input["round"]) > task.round:
                yield self._outlined(judged(self.at, self.scales, page))[answer.position]

    def _outlined(self, found: Judged) -> tuple[Outlined, ...]:
        whole = zip(found.page.answers, found.votes, found.verdict.tasks, strict=True)
        return tuple(self._one(found.page, number, *each) for number, each in enumerate(whole, 1))

    def _one(self, page: Page, number: int, answer: Answer, votes: tuple[Counted, ...], view: TaskView) -> Outlined:
        item = self.items[str(answer.input["item"])]
        boxes = from_shapes((answer.output or {}).get("result"))
        return Outlined(
            number=number,
            answer=answer,
            boxes=tuple(to_pixels(box, item.width or 0, item.height or 0) for box in boxes),
            votes=votes,
            view=view,
            right=right(boxes, item.truth or (), TIGHT_AT),
            cost=self.evidence.cost([(page, answer)]),
            page=page,
        )
