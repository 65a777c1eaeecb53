"""A run on which pages wait for a person, and the worker's half of a person's act: from the event to the ledger."""

from dataclasses import replace
from pathlib import Path

from ledger import CHECKING, OUTLINING, Ledger, hold, outline, question, vote

from app.boxes import Box
from handlers import Learn
from handlers.deciding import Loader
from handlers.pipelines.image_segmentation import do_as_told
from handlers.recording import record
from handlers.routing import Registry
from store.records import Binding, Decision, DecisionState

NOW = 1_000.0  # platform time at which people decide
DAY = 86400.0
DRAWN = Box(0.25, 0.5, 0.5, 0.25)


class Office(Ledger):
    """A ledger whose run is found by the commands, too."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.database = folder / "crowdhook.db"
        for role, pool_id in (("outlining", OUTLINING), ("checking", CHECKING)):
            self.store.bind(Binding("image-segmentation", "test", f"pool:{role}", pool_id))
        self.store.write_note("settings:image-segmentation:test", '{"max_rounds": 2}')


def handed_in(ledger: Ledger, assignment_id: str, tasks: int = 1, **more: object) -> None:
    """A page of outlines `<assignment>-1`, …, each with its question asked."""
    names = [f"{assignment_id}-{number}" for number in range(1, tasks + 1)]
    ledger.page(assignment_id, *(outline(name, name, DRAWN) for name in names), **more)
    ledger.record(*(question(assignment_id, name) for name in names))


def waits(ledger: Ledger, assignment_id: str, tasks: int = 1, proposal: str = "", **more: object) -> None:
    """A page that is held, with three votes on each outline: one OK, one BAD, one OK."""
    handed_in(ledger, assignment_id, tasks, **more)
    for name, wrong in (("bob", ""), ("cleo", "loose"), ("dan", "")):
        said = (vote(assignment_id, f"{assignment_id}-{number}", wrong) for number in range(1, tasks + 1))
        ledger.votes(f"{name}-{assignment_id}", *said, user_id=name)
    ledger.record(replace(hold(assignment_id), payload={"proposal": proposal}))


def carried_out(ledger: Ledger) -> list[Decision]:
    """Decide what the last act says, as the worker does, and return what is in the ledger for it."""
    registry = Registry([ledger.running])
    ledger.store.route(registry.routes)
    taken = ledger.store.claim("test", 60.0)
    assert taken is not None
    lane, (delivery,) = taken
    actions = list(do_as_told(Loader(ledger.store, registry).contexts([delivery])[delivery.id]))
    lessons = [lesson for action in actions if isinstance(action, Learn) for lesson in action.lessons]
    decided = [
        (delivery.id, record(each, ledger.running, lane.pool_id, NOW))
        for each in actions
        if not isinstance(each, Learn)
    ]
    written = ledger.store.decide(lane, [delivery.id], decided, lessons, NOW)
    ledger.store.release(lane)
    return [each for each in written if each.state is not DecisionState.SUPERSEDED]
