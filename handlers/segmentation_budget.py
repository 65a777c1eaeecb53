"""What image segmentation costs and needs, before anything is asked: dollars without the platform's fee."""

import math

from handlers.pipeline import Estimate, Items
from handlers.segmentation_pools import QUESTIONS_A_PAGE, Settings

RIGHT = 0.8  # share of outlines that are right, as expected
VOTES = 4.0  # votes a question, as expected: rehearsals on real images took 3.3 to 4.6


def estimate(chosen: Settings, items: Items) -> Estimate:
    """Return what these images cost at best, as expected and at worst, and how many people they need."""
    policy, rounds, images = chosen.policy, chosen.max_rounds, len(items)
    outlines = images * (1 - (1 - RIGHT) ** rounds) / RIGHT
    return Estimate(
        best=_cost(chosen, images, _fewest_votes(chosen)),
        expected=_cost(chosen, outlines, max(VOTES, _fewest_votes(chosen))),
        worst=_cost(chosen, images * rounds, policy.max_votes),
        assumptions=(
            f"best: every outline is right, {_fewest_votes(chosen)} votes each",
            f"expected: {RIGHT:.0%} of the outlines are right, {VOTES:g} votes each",
            f"worst: {rounds} rounds for every image, all paid, {policy.max_votes} votes each",
            f"people: at least {rounds} who outline, and {policy.max_votes} others who check and never outlined",
        ),
    )


def _fewest_votes(chosen: Settings) -> int:
    """Return how many strangers must say OK until an outline counts as right."""
    policy, tasks = chosen.policy, chosen.tasks_per_page
    sure = policy.bars(tasks)[0]
    needed = math.log(sure / (1 - sure)) / policy.weight(policy.accuracy(0.0, 0.0))
    return max(policy.votes_first(tasks), math.ceil(needed - 1e-9))


def _cost(chosen: Settings, outlines: float, votes: float) -> float:
    pages = math.ceil(outlines / chosen.tasks_per_page)
    questions = math.ceil(outlines * votes * (1 + chosen.controls * bool(chosen.known)) / QUESTIONS_A_PAGE)
    return pages * chosen.outlining_reward + questions * chosen.checking_reward
