"""Made-up answers of a crowd that is partly careless: 250 tasks, five performers each, ties and all."""

from collections.abc import Sequence
from random import Random

Answer = tuple[str, str, str]

LABELS = ("True", "cat", "dog", "emu")


def made_up(seed: int = 0, labels: Sequence[str] = LABELS, overlap: int = 5) -> tuple[list[Answer], dict[str, str]]:
    """Return answers (task, performer, label) in no order, and the truth by task."""
    draw = Random(seed)
    answers, truth = [], {}
    for number in range(250):
        task = f"task-{draw.randrange(10**9):09}-{number}"
        truth[task] = draw.choice(labels)
        for who in draw.sample(range(30), overlap):
            right = draw.random() < 0.35 + 0.02 * who
            answers.append((task, f"user-{who * 7 % 30:02}", truth[task] if right else draw.choice(labels)))
    draw.shuffle(answers)
    return answers, truth


def first(number: int, truth: dict[str, str]) -> dict[str, str]:
    """Return so many tasks of which the truth is known."""
    return dict(list(truth.items())[:number])
