"""What may go wrong between a client and the API, as on a bad day of a real network."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from simulator.draws import fraction


class Faults(Protocol):
    """Asked about each request; `number` counts them from 1 on, `words` are "METHOD /path"."""

    def before(self, number: int, words: str) -> None:
        """Hear of a request before anything is done."""

    def loses_answer(self, number: int, words: str) -> bool:
        """Say whether the connection breaks after the request was carried out and before it is answered."""


@dataclass(frozen=True, slots=True)
class LostAnswers:
    """Answers to requests that change something are lost: a share of them, drawn by hash, and those that are named."""

    share: float = 0.0
    numbers: Collection[int] = ()
    seed: int = 0

    def before(self, number: int, words: str) -> None:
        """Let every request through."""

    def loses_answer(self, number: int, words: str) -> bool:
        """Say whether this answer is lost."""
        changes = not words.startswith("GET ")
        return number in self.numbers or (changes and fraction(self.seed, "lost", words, number) < self.share)
