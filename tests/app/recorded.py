"""Recorded pages, written in words."""

from collections.abc import Iterator
from itertools import count

from app.replay_votes import RecordedPage, RecordedTask, RecordedVote


def page(*tasks: str, name: str = "p") -> RecordedPage:
    """Build a page from words such as "a+ b-": verifier a says OK, b says BAD; without a name, each is a stranger."""
    lines = count(2)
    return RecordedPage(name, tuple(task(f"t{at}", words, lines, name) for at, words in enumerate(tasks)))


def task(name: str, words: str, lines: Iterator[int], page_name: str) -> RecordedTask:
    votes = (
        RecordedVote(word[:-1] or f"{page_name}-{name}-{at}", word[-1] == "+", next(lines))
        for at, word in enumerate(words.split())
    )
    return RecordedTask(name, tuple(votes))
