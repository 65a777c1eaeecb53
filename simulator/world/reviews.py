"""A requester's verdict on a page, the platform's own or a rule's, and the rules that act on it at once."""

from simulator.nouns import assignments
from simulator.offering import lifecycle, overlap
from simulator.quality.collectors import assessment
from simulator.quality.conditions import holds, rules_of
from simulator.records.state import SUITE, Assignment, Json, Pool, State


def review(state: State, page: Assignment, verdict: str, comment: str | None) -> None:
    """Set a page to ACCEPTED or REJECTED and apply the rules of assessment; 409 when its status forbids it.

    What they do is done before the verdict is answered: a refused page's overlap is raised, its pool open.
    """
    event = assignments.review(state, page, verdict, comment)
    pool = state.pools[page.pool_id]
    metrics = assessment(state, page, event)
    for rule in rules_of(state, pool, "ASSIGNMENTS_ASSESSMENT"):
        if holds(rule, metrics):
            change_overlap(state, pool, [page], rule.action["parameters"])


def change_overlap(state: State, pool: Pool, pages: list[Assignment], parameters: Json) -> None:
    """Let what these pages ask be asked so many times more, or less, and open the pool again if that is wished."""
    for place in (place for page in pages for place in overlap.held(state, page)):
        if place.kind in ("real", SUITE) and place.overlap is not None:
            overlap.change(state, place, max(0, place.overlap + parameters["delta"]), or_least=True)
    if parameters.get("open_pool"):
        lifecycle.open_if_possible(state, pool)
