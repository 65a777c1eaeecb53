"""What somebody says who knows the truth as well as he does: right, wrong by habit, careless, or always the same."""

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import TypeVar

Option = TypeVar("Option")
Draw = Callable[[str], float]
"""draw(what) -> his uniform number in [0, 1) for this answer: guess, right, habit, takes it for, errs, confused."""
HABIT = 0.75
"""Share of his mistakes about a class in which somebody always takes it for the same other one."""


def choice(kind: str, truth: Option, options: Sequence[Option], chance: float, draw: Draw) -> Option:
    """What somebody of this kind chooses who is right with this chance; the draw for "takes it for" is the truth's own.

    Cheaters and those who always say yes take the first option, those who always say no the last, guessers any.
    """
    if kind in ("cheater", "always_yes"):
        return options[0]
    if kind == "always_no":
        return options[-1]
    if kind == "guesser":
        return any_of(options, draw("guess"))
    if draw("right") < chance:
        return truth
    others = [each for each in options if each != truth] or list(options)
    if draw("habit") < HABIT:
        return any_of(others, draw("takes it for"))
    return any_of(others, draw("errs"))


def confused(confusion: Mapping[str, float], truth: Option, options: Sequence[Option], chance: float) -> Option:
    """What a uniform `chance` makes somebody say who takes the truth for others so often; beyond that he is right."""
    by_name = {str(each): each for each in options}
    up_to = accumulate(confusion.values())
    said = next((label for label, bound in zip(confusion, up_to, strict=True) if chance < bound), None)
    return truth if said is None else by_name.get(said, truth)


def any_of(options: Sequence[Option], chance: float) -> Option:
    """The one of these on which a uniform chance falls."""
    return options[int(chance * len(options))]
