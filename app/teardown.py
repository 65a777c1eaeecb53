"""`crowdhook destroy`: put everything of a run away that the platform lets go, and say what must wait and why."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from app.config import Settings
from app.control import Desk
from handlers.subscribing import Subscriptions
from handlers.trouble import TolokaTrouble, TroubleKind
from store.subscriptions import Subscription

HOOK = "/webhooks/toloka/"
ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Teardown:
    """What is there of a run, and putting it away."""

    desk: Desk
    settings: Settings

    def remains(self) -> Iterator[str]:
        """Say what will be put away, and what is still unpaid."""
        yield f"{self.desk.name}:"
        for role, pool_id in self.desk.running.pool_ids.items():
            state = self.desk.account.gateway.pool(pool_id)
            yield f"  pool {role} ({pool_id}), {state.status.lower()}: will be archived, for none is deleted"
            unpaid = len(self.desk.store.pages_of(pool_id, "SUBMITTED"))
            if unpaid:
                yield f"    {unpaid} of its pages wait for review: undecided, the platform pays them in the end"
        if self.settings.url is None:
            yield "  CROWDHOOK_URL is not set: its subscriptions stay"
        else:
            yield f"  {len(self._subscriptions())} subscriptions at {self.settings.url}: will be deleted"

    def put_away(self) -> Iterator[str]:
        """Stop, unsubscribe, archive; said again, it goes on with what had to wait. Says what came of each."""
        yield from self.desk.stop()
        toloka = Subscriptions(self.desk.account.gateway)
        gone = self._subscriptions()
        for each in gone:
            toloka.delete(each.subscription_id)
        yield f"  {len(gone)} subscriptions deleted"
        stays = []
        for what, object_id, archive in self._objects():
            came = self._archived(archive, object_id)
            yield f"  {what} ({object_id}): {came}"
            stays += [what] if came != ARCHIVED else []
        if stays:
            yield f"{self.desk.name}: {', '.join(stays)} must wait; run the same command again later."
        else:
            self.desk.end()
            yield f"{self.desk.name}: put away. Its results stay in the database."

    def _subscriptions(self) -> list[Subscription]:
        """Return the run's subscriptions that are sent to this deployment."""
        here = f"{self.settings.url}{HOOK}"
        pools = set(self.desk.running.pool_ids.values())
        found = Subscriptions(self.desk.account.gateway).all()
        return [each for each in found if each.pool_id in pools and each.url.startswith(here)]

    def _objects(self) -> Iterator[tuple[str, str, Callable[[str], Any]]]:
        """Yield pools, those that others require after them, then the projects that they are in."""
        client = self.desk.account.gateway.client
        running = self.desk.running
        bound = {each.role: each.object_id for each in self.desk.store.bindings(running.pipeline.name, running.run)}
        pools = running.pipeline.pools
        for role, pool_id in sorted(running.pool_ids.items(), key=lambda each: pools[each[0]].declared.training):
            yield f"pool {role}", pool_id, client.archive_pool_async
        for role in running.pool_ids:
            if f"project:{role}" in bound:
                yield f"project {role}", bound[f"project:{role}"], client.archive_project_async

    def _archived(self, archive: Callable[[str], Any], object_id: str) -> str:
        try:
            self.desk.account.gateway.ask(archive, object_id)
        except TolokaTrouble as error:
            if error.trouble.kind not in {TroubleKind.CONFLICT, TroubleKind.PERMANENT}:
                raise
            return f"stays: {error.trouble.message or error.detail}"
        return ARCHIVED
