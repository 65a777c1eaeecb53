"""A decision in the ledger, a worker that is killed on the way, and what was tried."""

from collections.abc import Callable

from shop import Shop

from handlers import Context
from handlers.actions import Action
from handlers.deciding import Step
from store.records import Lane


class Killed(Exception):
    """The worker was ended here."""


def killed_at(name: str) -> Callable[[Step], None]:
    def observe(step: Step) -> None:
        if step.name == name:
            raise Killed(name)

    return observe


def planned(shop: Shop, *actions: Action) -> Lane:
    """Have one event decide these actions; returns the lane of the pool of work."""
    listening = shop.running.pipeline.handlers.setdefault(("work", "ITEMS_ADDED"), [])

    def decide(ctx: Context):
        """Decide what the test wants."""
        return actions

    listening[:] = [decide]
    shop.give(f"{actions!r}")
    shop.store.route(shop.registry.routes)
    assert shop.decider().batch(shop.world.now) is not None
    return shop.lane("work")


def tried(shop: Shop) -> list[tuple[str, str]]:
    """What was tried for the last event: error class and code of each attempt."""
    seq = shop.store.events().events[0].seq
    return [(each.error_class, each.code) for each in shop.store.event_file(seq).attempts]
