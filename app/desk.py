"""A simulated person at the desk, who knows the truth and decides held pages by it, so many an hour."""

from collections.abc import Mapping, Sequence

from app.acts import Entry
from app.boxes import Box, from_shapes, right
from app.crowds import what_is_wrong
from app.held import Waiting, waiting
from app.people import prepare, record
from handlers.reasons import told
from handlers.routing import Running
from store.contract import Store
from store.records import Answer

TIGHT_AT = 0.7  # IoU that every object of a right outline has, which is what verifiers are told
HOUR = 3600.0
Truths = Mapping[str, Sequence[Box] | None]


class Desk:
    """One person; a page takes 1 / `rate` of an hour of platform time, and those with the oldest deadline come first.

    `truths` are the true boxes by image key; pages with an image whose truth is unknown are left as they are.
    """

    def __init__(self, store: Store, running: Running, truths: Truths, rate: float, who: str = "desk") -> None:
        self.store, self.running, self.truths, self.who = store, running, truths, who
        self.seconds_a_page = HOUR / rate
        self.free_at = float("-inf")  # platform time

    def next_at(self, now: float) -> float | None:
        """Return the platform time, `now` or later, at which the next held page can be decided; None: none is held."""
        ready = [self._ready_at(each) for each in self._open()]
        return max(now, min(ready)) if ready else None

    def act(self, now: float) -> int:
        """Decide as many held pages as there was time for until `now`; return how many."""
        entries = []
        for page in self._open():
            ready_at = self._ready_at(page)
            if ready_at <= now:
                entries.append(self._decided(page, now))
                self.free_at = ready_at
        if entries:
            record(self.store, entries)
        return len(entries)

    def _open(self) -> list[Waiting]:
        """Return what is held, not decided by anybody yet, and of known truth, the oldest deadline first."""
        return [
            each
            for each in waiting(self.store, self.running)
            if each.told is None and all(self._truth(answer) is not None for answer in each.page.answers)
        ]

    def _ready_at(self, waiting: Waiting) -> float:
        return max(self.free_at, waiting.hold.decided_at) + self.seconds_a_page

    def _decided(self, waiting: Waiting, now: float) -> Entry:
        page, settings = waiting.page, self.running.settings
        wrong = {at: why for at, answer in enumerate(page.answers, 1) if (why := self._wrong(answer))}
        pays = len(page.answers) - len(wrong) >= settings.policy.need(len(page.answers))
        return prepare(
            self.store,
            self.running,
            page.assignment_id,
            "accept" if pays else "reject",
            who=self.who,
            why="looked at the truth",
            comment="" if pays else told(settings.language, sorted(wrong.items())),
            wrong=wrong,
            truth=True,
            now=now,
        )

    def _wrong(self, answer: Answer) -> str:
        """Say what is wrong with an outline; "" when it is right."""
        found, truth = from_shapes((answer.output or {}).get("result")), self._truth(answer) or ()
        return "" if right(found, truth, TIGHT_AT) else what_is_wrong(found, truth)

    def _truth(self, answer: Answer) -> Sequence[Box] | None:
        return self.truths.get(str(answer.input["item"]))
