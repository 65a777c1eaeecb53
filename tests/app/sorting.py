"""A pipeline that only has pools, and its run's database filled by hand: tasks, control tasks, many answers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from app.pipelines import remember
from handlers.pipeline import Pipeline
from store.migrations import migrate
from store.records import Answer, Binding, DecisionState, Event, NewDecision, Outcome, Page, Route
from store.sqlite import SqliteStore

pipeline = Pipeline("sorting")
main = pipeline.pool("main")
other = pipeline.pool("other")

MAIN, OTHER = "101", "102"
REWARD = 0.02  # dollars a page of so many tasks
TASKS_A_PAGE = 10


class Sorted:
    """The database `crowdhook.db` of a folder, with the run `test` of this pipeline."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "crowdhook.db"
        migrate(self.database)
        self.store = SqliteStore(self.database, lambda: 1.0)
        remember(self.store, pipeline, "sorting")
        for role, pool_id in (("main", MAIN), ("other", OTHER)):
            self.store.bind(Binding("sorting", "test", f"pool:{role}", pool_id))

    def ask(self, items: Iterable[str], solutions: Mapping[str, str] | None = None) -> None:
        """Ask about items, each under the task `t-<item>`, and about control tasks whose label is known."""
        known = solutions or {}
        asks = [_ask(item) for item in items] + [_ask(item, label) for item, label in known.items()]
        self.store.append([(b"{}", [Event("given", "ITEMS_ADDED", MAIN, 1.0, source="crowdhook")])])
        self.store.route(lambda _: [Route("sorting", "test", "ask")])
        taken = self.store.claim("test", 60.0)
        assert taken is not None
        lane, (delivery,) = taken
        written = self.store.decide(lane, [delivery.id], [(delivery.id, each) for each in asks], [], 1.0)
        done = [Outcome(each.id, DecisionState.DONE, {"task_id": f"t-{_item(each.key)}"}) for each in written]
        self.store.settle(lane, done, [])

    def say(self, answers: Iterable[tuple[str, str, str]], field: str = "result", pool_id: str = MAIN) -> None:
        """Fold (item, performer, label) answers, on accepted pages of ten."""
        by_performer = defaultdict(list)
        for item, performer, label in answers:
            by_performer[performer].append((item, label))
        self.store.fold(
            [
                _page(f"{pool_id}-{performer}-{at:04}", pool_id, performer, said[at : at + TASKS_A_PAGE], field)
                for performer, said in by_performer.items()
                for at in range(0, len(said), TASKS_A_PAGE)
            ]
        )


def _ask(item: str, label: str | None = None) -> NewDecision:
    payload = {"input": {"image": f"https://pictures.example/{item}.jpg"}, "overlap": 5, "generation": 0}
    if label is not None:
        payload |= {"solution": {"result": label}, "overlap": None}
    return NewDecision(f"ask:{MAIN}:{item}:0", "ask", MAIN, payload)


def _item(key: str) -> str:
    return key.split(":")[2]


def _page(name: str, pool_id: str, performer: str, said: list[tuple[str, str]], field: str) -> Page:
    answers = tuple(Answer(name, f"t-{item}", at, {}, {field: label}) for at, (item, label) in enumerate(said))
    return Page(name, pool_id, performer, "ACCEPTED", REWARD, 1.0, 2.0, 3.0, answers)
