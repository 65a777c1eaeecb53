"""Texts for output fields that have a pattern: what people type where four digits are wanted, or a date."""

import math
import re
import string
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import count

from simulator.elements.draws import fraction

Part = Callable[[Iterator[float], int], str]
"""part(draws, more) -> a text that fits, in which everything is there `more` times more than it must be, if it may."""
LONGEST, TRIES = 1000, 100
TOKEN = re.compile(r"\\.|\[\^?(?:\\.|[^\\])(?:\\.|[^\]\\])*\]|\(\?:|\{\d+(?:,\d*)?\}|\{,\d+\}|.", re.DOTALL)
TIMES = {"?": "{0,1}", "*": "{0,}", "+": "{1,}"}
CHARACTERS = string.digits + string.ascii_letters + string.punctuation + " "


def fitting(pattern: str, low: int, high: int, chance: float) -> str | None:
    """A text of `low` to `high` characters that the pattern fits, drawn by a `chance` in [0, 1); None if none is found.

    Patterns may have characters and classes of them, groups, alternatives, and how many times there are of each.
    """
    often = 1 + int(chance * 5)
    try:
        for more in sorted(range(TRIES), key=lambda more: abs(more - often)):
            text = _whole(pattern)((fraction(chance, more, nth) for nth in count()), more)
            if len(text) > LONGEST:
                return None
            if low <= len(text) <= high and re.fullmatch(pattern, text):
                return text
    except (re.error, LookupError):
        return None
    return None


@lru_cache(100)
def _whole(pattern: str) -> Part:
    return _choice(TOKEN.findall(pattern)[::-1])


def _choice(tokens: list[str]) -> Part:
    rows = [_row(tokens)]
    while tokens and tokens[-1] == "|":
        tokens.pop()
        rows.append(_row(tokens))
    return lambda draws, more: rows[int(next(draws) * len(rows))](draws, more)


def _row(tokens: list[str]) -> Part:
    parts: list[Part] = []
    while tokens and tokens[-1] not in ("|", ")"):
        parts.append(_repeated(_one(tokens.pop(), tokens), tokens))
    return lambda draws, more: "".join([part(draws, more) for part in parts])


def _one(token: str, tokens: list[str]) -> Part:
    if token in ("(", "(?:"):
        inside = _choice(tokens)
        tokens.pop()
        return inside
    if token in ("^", "$"):
        return lambda draws, more: ""
    fits = [one for one in CHARACTERS + token if re.fullmatch(token, one)]
    return lambda draws, more: fits[int(next(draws) * len(fits))]


def _repeated(part: Part, tokens: list[str]) -> Part:
    told = re.fullmatch(r"\{(\d*)(,?)(\d*)\}", TIMES.get(tokens[-1], tokens[-1])) if tokens else None
    if told is None:
        return part
    tokens.pop()
    low = int(told[1] or 0)
    high = int(told[3]) if told[3] else math.inf if told[2] else low

    def repeated(draws: Iterator[float], more: int) -> str:
        text = ""
        for _ in range(int(min(low + more, high))):
            piece = part(draws, more)
            text += piece
            if not piece or len(text) > LONGEST:
                break
        return text

    return repeated
