"""Our verdicts on pages, as far as they stand."""

from store.contract import Store
from store.records import Decision, DecisionState

TURNED_DOWN = frozenset({DecisionState.FAILED, DecisionState.CONFLICT})


def verdict_on(store: Store, assignment_id: str) -> Decision | None:
    """Return our verdict on a page, if one stands: one that the platform did not take does not."""
    verdict = store.decision(f"verdict:{assignment_id}")
    return verdict if verdict is not None and not turned_down(verdict) else None


def turned_down(decision: Decision) -> bool:
    """Say whether the platform did not take a decision: a person must look."""
    return decision.state in TURNED_DOWN
