"""From the answers of a pool to its labels, kept in the store."""

from collections.abc import Callable, Mapping
from typing import Any

from app.label_pool import LabelPool, read_pool
from handlers.aggregation import Aggregation, adopt, aggregate
from handlers.aggregators import Method
from handlers.bans import banned
from handlers.gateway import Gateway
from handlers.platform_aggregation import DAWID_SKENE, PlatformAggregation
from store.contract import Store
from store.records import Decision


def make(store: Store, gateway: Gateway, decision: Decision, now: float, wait: Callable[[], bool]) -> Mapping[str, Any]:
    """Carry an Aggregate out; return how many labels there are, how many undecided, and of how many answers.

    All pages are read from Toloka before: an answer that no event told of yet would be missing. `wait` is what
    PlatformAggregation waits with. Raises TolokaTrouble, NothingToLabel, and what methods raise.
    """
    pool_id, method, field = decision.lane, str(decision.payload["method"]), str(decision.payload["field"])
    for pages in gateway.handed_in(pool_id):
        store.fold(pages)
    unwanted = banned(gateway, pool_id, now) if decision.payload["without_banned"] else ()
    pool = read_pool(store, pool_id, field, banned=unwanted)
    if method == DAWID_SKENE:
        made = _platforms(PlatformAggregation(store, gateway, pool_id, field), pool, wait)
    else:
        made = aggregate(pool.votes, Method.read(method), pool.known)
    records = list(made.records())
    store.write_labels(pool_id, method, records)
    answers = len(pool.votes.not_on(pool.known))
    return {"tasks": len(records), "undecided": sum(each.undecided for each in records), "answers": answers}


def _platforms(platform: PlatformAggregation, pool: LabelPool, wait: Callable[[], bool]) -> Aggregation:
    return adopt(pool.votes, DAWID_SKENE, platform.labels(wait), pool.known)
