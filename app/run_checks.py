"""One pool of a run: how it stands on the platform, who is told of its events, how much time is left to review it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.acts import date
from app.deadlines import DAY, SHARES
from app.findings import Finding, Level, fail, ok, span, warn
from app.in_flight import missing_answers
from app.pool_states import ADVICE, BY_ITSELF, closed_by_run
from app.verdicts import verdict_on
from handlers.gateway import Gateway, pool_state
from handlers.routing import Running
from handlers.subscribing import Subscriptions
from store.contract import Store
from store.counts import EventCount

HOOKS = "/webhooks/toloka/"
EXPIRES_SOON = 3 * DAY
SILENT = 600.0  # seconds by which notifications lag behind what the reconciler finds, before it is said
NEARLY_OVER, HALF_OVER = SHARES.values()
RESUBSCRIBE = "crowdhook subscribe puts them anew"


@dataclass(frozen=True, slots=True)
class Place:
    """A pool of a run, and the two clocks' times at which it is looked at."""

    running: Running
    role: str
    machine_now: float
    platform_now: float
    address: str | None  # where the outside reaches this deployment; None: not told

    @property
    def name(self) -> str:
        """Return what a person calls it."""
        return f"{self.running.run}/{self.role}"

    @property
    def pool_id(self) -> str:
        """Return its id on the platform."""
        return self.running.pool_ids[self.role]


def look_at(place: Place, store: Store, gateway: Gateway) -> Iterator[Finding]:
    """Look at one pool. Raises TolokaTrouble."""
    pool = gateway.read(gateway.client.get_pool, place.pool_id)
    yield _standing(place, pool, store)
    yield _expiry(place, pool.will_expire)
    if place.running.pipeline.event_types(place.role):
        yield _subscriptions(place, _sent(gateway, place.pool_id), store.counts().events)
    if not pool.auto_accept_solutions:
        yield _backlog(place, store, float(pool.auto_accept_period_day or 0) * DAY)


def _sent(gateway: Gateway, pool_id: str) -> list[tuple[str, str]]:
    """Return what is sent where of a pool's events: (event type, URL)."""
    return [(each.event_type, each.url) for each in Subscriptions(gateway).all() if each.pool_id == pool_id]


def _standing(place: Place, pool: Any, store: Store) -> Finding:
    state, check = pool_state(pool), f"{place.name} pool"
    said = f"{state.pool_id} {state.status}" + (f" ({state.close_reason})" if state.close_reason else "")
    if state.status == "OPEN":
        return ok(check, said)
    if state.status != "CLOSED":
        return fail(check, said, "nothing can be asked in it any more; set up another run for what is left")
    if closed_by_run(store, state.pool_id):
        return ok(check, f"{said}: closed by the run, its work being done")
    if state.close_reason not in BY_ITSELF:
        return fail(check, said, ADVICE.get(state.close_reason or "", "look at it on the site"))
    if missing := missing_answers(store, state.pool_id):
        return warn(check, f"{said}, {missing} answers missing", "open it on the site if nobody stopped it on purpose")
    return ok(check, f"{said}: the next question opens it")


def _expiry(place: Place, expires: datetime | None) -> Finding:
    check = f"{place.name} expiry"
    if expires is None:
        return ok(check, "none")
    left = expires.timestamp() - place.platform_now
    said = date(expires.timestamp())
    if left < 0:
        return fail(check, f"{said} is over", ADVICE["EXPIRED"])
    return (
        warn(check, f"{said}, in {span(left)}", "set a later date on the site")
        if left < EXPIRES_SOON
        else ok(check, said)
    )


def _subscriptions(place: Place, found: Sequence[tuple[str, str]], counts: Sequence[EventCount]) -> Finding:
    check, wanted = f"{place.name} subscriptions", place.running.pipeline.event_types(place.role)
    ours = f"{place.address}{HOOKS}" if place.address else ""
    here = {kind for kind, url in found if url.startswith(ours)}
    missing = [kind for kind in wanted if kind not in here]
    if missing:
        elsewhere = sorted({url for kind, url in found if kind in missing})
        instead = f", but to {', '.join(elsewhere)}" if elsewhere else ""
        return fail(check, f"not sent here: {', '.join(missing)}{instead}", RESUBSCRIBE)
    told = {(each.type, each.source): each.last_received_at for each in counts if each.pool_id == place.pool_id}
    said = ", ".join(f"{kind} {_ago(told.get((kind, 'webhook')), place)}" for kind in [*wanted, "TEST_EVENT"])
    silent = [kind for kind in wanted if _silent(told.get((kind, "webhook")), told.get((kind, "reconciler")))]
    if silent:
        advice = "notifications do not arrive: see the log for refused ones, and the proxy's; the reconciler finds them"
        return warn(check, f"{said}; only found by looking: {', '.join(silent)}", advice)
    return ok(check, f"last {said}")


def _ago(at: float | None, place: Place) -> str:
    return "never" if at is None else f"{span(place.machine_now - at)} ago"


def _silent(told: float | None, found: float | None) -> bool:
    """Say whether the reconciler had to find what no notification told of for some time."""
    return found is not None and (told is None or found - told > SILENT)


def _backlog(place: Place, store: Store, period: float) -> Finding:
    check = f"{place.name} review"
    pages = [
        page for page in store.pages_of(place.pool_id, "SUBMITTED") if verdict_on(store, page.assignment_id) is None
    ]
    if not pages or period <= 0:
        return ok(check, f"{len(pages)} pages undecided")
    oldest = min(page.created if page.submitted is None else page.submitted for page in pages)
    share = (place.platform_now - oldest) / period
    said = f"{len(pages)} pages undecided, the oldest at {100 * share:.0f} % of its {span(period)}"
    if share < HALF_OVER:
        return ok(check, said)
    level = Level.FAIL if share >= NEARLY_OVER else Level.WARN
    return Finding(
        check, level, said, f"crowdhook held {place.running.pipeline.name}: undecided, the platform pays them"
    )
