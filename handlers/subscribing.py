"""Webhook subscriptions through the gateway's door: all of them, one batch put, one deleted, one tried out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from toloka.client.webhook_subscription import WebhookSubscription

from handlers.gateway import Gateway
from handlers.trouble import TolokaTrouble, Trouble, TroubleKind
from store.subscriptions import Subscription, Trial

AT_ONCE = 300  # what Toloka lists at most in one answer


class Subscriptions:
    """The account's webhook subscriptions. Raises TolokaTrouble and nothing else; no error shows a secret."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def all(self) -> list[Subscription]:
        """Return the whole account's, by id: the kit's own generator goes by a date that several may share."""
        found: list[Subscription] = []
        find, after = self.gateway.client.find_webhook_subscriptions, None
        while True:
            page = self.gateway.read(find, id_gt=after, sort=["id"], limit=AT_ONCE)
            found += map(_subscription, page.items)
            if not page.has_more or not page.items:
                return found
            after = page.items[-1].id

    def put(self, pairs: Sequence[tuple[str, str]], url: str, secret: str) -> list[Subscription]:
        """Have these (pool id, event type) sent to `url`, signed with `secret` from now on; returned in order.

        What is there under the same pool, type and URL stays and gets the new secret. When Toloka refuses some of
        them, the others are done all the same.
        """
        if not pairs:
            return []
        wanted = [
            WebhookSubscription(webhook_url=url, event_type=event_type, pool_id=pool_id, secret_key=secret)
            for pool_id, event_type in pairs
        ]
        try:
            result = self.gateway.ask(self.gateway.client.upsert_webhook_subscriptions, wanted)
        except TolokaTrouble as error:
            raise _safe(secret, error.trouble) from None  # what the kit raised holds the request
        missing = [at for at in range(len(pairs)) if str(at) not in (result.items or {})]
        if missing:
            errors = result.validation_errors or {}
            told = ", ".join(_refusal(pairs[at], errors.get(str(at))) for at in missing)
            raise _safe(secret, Trouble(TroubleKind.PERMANENT, code="VALIDATION_ERROR", message=told))
        return [_subscription(result.items[str(at)]) for at in range(len(pairs))]

    def delete(self, subscription_id: str) -> None:
        """Delete one; one that is gone already is no trouble."""
        try:
            self.gateway.ask(self.gateway.client.delete_webhook_subscription, subscription_id)
        except TolokaTrouble as error:
            if error.trouble.status != 404:
                raise

    def try_out(self, subscription_id: str) -> Trial:
        """Have Toloka send test events to one, now, and say what came of it."""
        return self.gateway.ask(
            lambda: _trial(self.gateway.client.post(f"/v1/webhook-subscriptions/{subscription_id}/test"))
        )


def _subscription(each: Any) -> Subscription:
    return Subscription(each.id, each.pool_id, each.event_type.value, each.webhook_url, each.created.timestamp())


def _trial(answer: Mapping[str, Any]) -> Trial:
    if answer["success"]:
        return Trial(True)
    return Trial(False, str(answer.get("errorType") or "UNKNOWN"), answer.get("originalStatusCode"))


def _refusal(pair: tuple[str, str], errors: Mapping[str, Any] | None) -> str:
    fields = ", ".join(f"{name} {error.code} {error.message}" for name, error in (errors or {}).items())
    return f"{pair[1]} of pool {pair[0]} ({fields or 'no reason given'})"


def _safe(secret: str, trouble: Trouble) -> TolokaTrouble:
    """Return trouble without its text, should that repeat the secret that was sent."""
    repeats = secret[:8] in trouble.message
    return TolokaTrouble(replace(trouble, message="(its text repeats the secret)") if repeats else trouble)
