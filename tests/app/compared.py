"""Small comparisons, made without a database."""

from collections.abc import Mapping

from app.label_methods import OurTrial, Tried
from app.label_pool import LabelPool
from app.label_report import Comparison, compare
from handlers.aggregators import Method
from handlers.votes import gather

Answer = tuple[str, str, str]


def pool(
    answers: list[Answer], known: Mapping[str, str] | None = None, truth: Mapping[str, str] | None = None
) -> LabelPool:
    """A pool of these (task, performer, label) answers."""
    votes, controls = gather(answers), known or {}
    keys = {task: f"item of {task}" for task in votes.answered if task not in controls}
    return LabelPool("77", "result", votes, 0, keys, controls, truth or {}, 0.01)


def compared(of: LabelPool, *methods: str) -> tuple[Comparison, list[Tried]]:
    """The pool's answers by these methods."""
    tried = [OurTrial(Method.read(each), fee=0.3)(of, lambda: None) for each in methods]
    return compare("sorting", "test", of, tried), tried
