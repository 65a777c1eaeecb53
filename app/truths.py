"""The true classes of what is to be classified, out of a table of their own: for measuring only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from app.examples import Example, Found, LeftOut, classed, value_of


def with_truths(examples: Sequence[Example], said: Iterable[Example], classes: Sequence[str]) -> Found:
    """Give examples the classes that a table says; leave out what has none, a foreign one, or several.

    The table names an example by its key, or by the last part of its key, with or without suffix, where that is the
    only one of this name. What it names beyond the examples is reported, too.
    """
    names = _names(examples)
    truths: dict[str, set[str]] = {}
    strangers = []
    for each in said:
        key = next((names[name] for name in _spellings(each.key) if name in names), None)
        if key is None:
            strangers.append(LeftOut(each.key, "it has a true class, but is not in the data set"))
        else:
            truths.setdefault(key, set()).add(value_of(each.label or "", classes) or each.label or "")
    clear = classed(_clear(examples, truths), classes)
    disputed = (
        LeftOut(key, f"it has several true classes: {', '.join(sorted(truth))}")
        for key, truth in truths.items()
        if len(truth) > 1
    )
    return Found(clear.examples, (*clear.left_out, *disputed, *strangers))


def _clear(examples: Iterable[Example], truths: Mapping[str, set[str]]) -> Iterator[Example]:
    for example in examples:
        truth = truths.get(example.key, {""})
        if len(truth) == 1:
            yield replace(example, label=next(iter(truth)))


def _names(examples: Sequence[Example]) -> dict[str, str]:
    """Map whatever names one example alone to its key."""
    names: dict[str, str | None] = {}
    for example in examples:
        for name in _spellings(example.key)[1:]:
            names[name] = None if name in names else example.key
    return {name: key for name, key in names.items() if key} | {each.key: each.key for each in examples}


def _spellings(key: str) -> tuple[str, ...]:
    """A key, its last part, and that without suffix, each once."""
    return tuple(dict.fromkeys((key, PurePosixPath(key).name, PurePosixPath(key).stem)))
