"""A requester's verdict on a page, or the platform's own, and the rules that act on it at once."""

from simulator import assignments, rules
from simulator.state import Assignment, State


def review(state: State, page: Assignment, verdict: str, comment: str | None) -> None:
    """Set a page to ACCEPTED or REJECTED and apply the rules of assessment; 409 when its status forbids it."""
    event = assignments.review(state, page, verdict, comment)
    rules.assess(state, page, event)
