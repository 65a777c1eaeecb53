"""Which verifiers are not to be believed: judged by control questions alone, whose truth nobody voted on. Pure."""

from math import comb

from store.records import Standing

HONEST = 0.75  # share right of a verifier who is just good enough
DOUBT = 0.001  # chance, at most, that such a one would be so often wrong


def below_bar(standing: Standing) -> bool:
    """Say whether somebody is wrong too often: about good outlines, about bad ones, or about both together.

    Always-yes is seen on the bad ones (five of five wrong), always-no on the good ones.
    """
    seen = (
        (standing.good, standing.good_right),
        (standing.bad, standing.bad_right),
        (standing.good + standing.bad, standing.good_right + standing.bad_right),
    )
    return any(chance_of_wrong(asked, asked - right) <= DOUBT for asked, right in seen)


def chance_of_wrong(asked: int, wrong: int) -> float:
    """Return the chance that a verifier who is right in 75 % is wrong so often, or more often."""
    return sum(comb(asked, k) * (1 - HONEST) ** k * HONEST ** (asked - k) for k in range(wrong, asked + 1))
