"""Subscribe and rotate, in the order in which no genuine notification is ever refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.acts import date
from app.signing import Signing
from handlers.routing import Running
from store.errors import CrowdhookError
from store.subscriptions import Subscription
from webhooks.subscriptions import Line, Listening, Platform, State, compared, explained, registered

# Given a secret and a pool's id; raises when the receiver at our URL is not ours or does not believe the secret.
Prove = Callable[[str, str], None]


def listening(runs: Sequence[Running]) -> list[Listening]:
    """Return the pools of these runs, with what their handlers listen to."""
    return [
        Listening(each.pipeline.name, each.run, role, pool_id, tuple(each.pipeline.event_types(role)))
        for each in runs
        for role, pool_id in each.pool_ids.items()
    ]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of the platform's test call of one subscription, in words."""

    line: Line
    works: bool
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """All our subscriptions at one URL, signed by one tag's secrets.

    `pools` are those of all runs. `tell` hears of each step when it is done.
    """

    platform: Platform
    pools: Sequence[Listening]
    url: str
    signing: Signing
    tell: Callable[[str], None]

    def lines(self) -> list[Line]:
        """Say what is registered, and what should be."""
        return compared(self.pools, self.platform.all(), self.url)

    def subscribe(self, chosen: Sequence[Listening], prove: Prove) -> list[Tried]:
        """Register what the handlers of these pools listen to, and have each tried out."""
        with self.signing.keyring.alone():
            self.signing.tidy()
            secret = self.signing.secret()
            prove(secret, self.pools[0].pool_id)
            self.tell(self._proved)
            lines = compared(chosen, self.platform.all(), self.url)
            wanted = [line for line in lines if line.state in {State.PRESENT, State.MISSING}]
            put = registered(self.platform, wanted, self.url, secret)
            self.tell(f"Registered: {len(put)} subscriptions.")
            return self._tried(put)

    def rotate(self, grace_seconds: float, prove: Prove) -> list[Tried]:
        """Sign with a new secret what is registered here; the old one is believed for so long afterwards.

        Run again after it was stopped anywhere, it goes on. The receiver believes each secret before Toloka signs with
        it, and the old one until Toloka signs everything with the new one.
        """
        with self.signing.keyring.alone():
            self.signing.check_rotatable()
            self.signing.tidy()
            prove(self.signing.secret(), self.pools[0].pool_id)
            self.tell(self._proved)
            secret = self.signing.begin()
            self.tell("A new secret stands in the keyring, beside the old one.")
            prove(secret, self.pools[0].pool_id)
            self.tell("The receiver believes the new secret, too.")
            here = [line for line in self.lines() if line.state in {State.PRESENT, State.SUPERFLUOUS}]
            put = registered(self.platform, here, self.url, secret)
            self.tell(f"Signed with the new secret from now on: {len(put)} subscriptions.")
            tried = self._tried(put)
            self._end(tried, grace_seconds)
            return tried

    def remove(self, lines: Sequence[Line]) -> int:
        """Delete what is registered of these, and return how many that were."""
        with self.signing.keyring.alone():
            there = [line.subscription for line in lines if line.subscription]
            for each in there:
                self.platform.delete(each.subscription_id)
            return len(there)

    def _end(self, tried: Sequence[Tried], grace_seconds: float) -> None:
        if not all(each.works for each in tried):
            self.tell("The old secret stays believed: run it again when all of them work.")
            return
        until = self.signing.end(grace_seconds)
        self.tell(f"The old secret is believed until {date(until)}, for what is still on its way.")

    @property
    def _proved(self) -> str:
        return f"{self.url} is this deployment: it refuses a wrong signature and stores what is rightly signed."

    def _tried(self, lines: Sequence[Line]) -> list[Tried]:
        """Have each tried out; what Toloka cannot even try does not work."""
        return [self._one_tried(line, line.subscription) for line in lines if line.subscription]

    def _one_tried(self, line: Line, there: Subscription) -> Tried:
        try:
            trial = self.platform.try_out(there.subscription_id)
        except CrowdhookError as error:
            return Tried(line, False, f"could not be tried: {error}")
        return Tried(line, trial.success, explained(trial))
