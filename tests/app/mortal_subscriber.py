"""A nursery of rotations: each line read is one, done in a child process that dies (SIGKILL) where the line says."""

import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.config import Settings
from app.subscribing import Order, opened
from store.subscriptions import Subscription, Trial
from webhooks.subscriptions import Platform


@dataclass
class Life:
    """Dies at the moment that it was told to; `moments` counts those of each name."""

    fatal: str
    moments: dict[str, int]

    def reach(self, name: str) -> None:
        self.moments[name] = self.moments.get(name, 0) + 1
        if self.fatal == f"{name} {self.moments[name]}":
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Mortal:
    """The real platform; the answer to what it did may never be read."""

    toloka: Platform
    life: Life

    def all(self) -> Sequence[Subscription]:
        found = self.toloka.all()
        self.life.reach("listed")
        return found

    def put(self, pairs: Sequence[tuple[str, str]], url: str, secret: str) -> Sequence[Subscription]:
        if self.life.fatal == "half put 1":
            self.toloka.put(pairs[: len(pairs) // 2], url, secret)
        self.life.reach("half put")
        done = self.toloka.put(pairs, url, secret)
        self.life.reach("put")
        return done

    def delete(self, subscription_id: str) -> None:
        self.toloka.delete(subscription_id)

    def try_out(self, subscription_id: str) -> Trial:
        tried = self.toloka.try_out(subscription_id)
        self.life.reach("tried")
        return tried


def rotate(env: dict[str, str], grace_seconds: float, fatal: str) -> bool:
    life = Life(fatal, {})
    order = Order(settings=Settings.from_env(env))
    addresses = order.addresses()
    with opened(order, lambda step: life.reach("told")) as desk:
        subscriber = replace(desk.subscriber, platform=Mortal(desk.subscriber.platform, life))
        tried = subscriber.rotate(grace_seconds, desk.prover(addresses))
        life.reach("done")
        return all(each.works for each in tried)


def in_a_child(order: dict[str, Any]) -> int:
    """Return the child's exit code, or the negative number of the signal that ended it."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if rotate(**order) else 1)
        finally:
            os._exit(3)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    for line in sys.stdin:
        print(in_a_child(json.loads(line)), flush=True)
