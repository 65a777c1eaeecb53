"""Pages that wait to be decided, and a decider that decides them all."""

from shop import Shop

from handlers import Accept, Context


def routed(shop: Shop) -> Shop:
    shop.store.route(shop.registry.routes)
    return shop


def decide(shop: Shop, **patience: int) -> None:
    """Decide all that waits."""
    decider = shop.decider(**patience)
    while decider.batch(shop.world.now):
        pass


def submitted(shop: Shop, *questions: str, role: str = "work", **more: object) -> list[str]:
    """Submitted pages of a pool, told of by the platform."""
    shop.tasks(role, *questions, **more)
    shop.work()
    shop.sweep()
    routed(shop)
    return shop.pages(role)


def accept_all(ctx: Context):
    """Pay for everything."""
    yield Accept(ctx.assignment.assignment_id)
