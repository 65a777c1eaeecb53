"""What the platform shows against what a pipeline declares: every field that we set; what Toloka adds is ignored."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from handlers.gateway import plain

MOVING = frozenset({"will_expire", "metadata"})  # depends on when it was set up, or is only a mark
UNORDERED = frozenset({"filter", "quality_control.configs"})  # lists whose order means nothing
WHOLE = frozenset({"filter", "task_spec.view_spec.config"})  # shown in one piece
NOTHING: tuple[Any, ...] = (None, {}, [])
LONGEST = 80  # characters of a value that are shown


def differences(made: Any, found: Any) -> Iterator[tuple[str, str, str]]:
    """Yield (field, declared, found) of two toloka-kit objects, as texts a person can read."""
    for field, ours, theirs in _differing(plain(made.unstructure()), plain(found.unstructure()), ""):
        yield field, *_texts(ours, theirs)


def _differing(ours: Mapping[str, Any], theirs: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any, Any]]:
    for name, value in ours.items():
        field, wanted, shown = f"{path}{name}", _parsed(name, value), _parsed(name, theirs.get(name))
        if field in MOVING:
            continue
        if isinstance(wanted, Mapping) and isinstance(shown, Mapping) and field not in WHOLE:
            yield from _differing(wanted, shown, f"{field}.")
        elif not _same(wanted, shown, ordered=field not in UNORDERED):
            yield field, wanted, shown


def _parsed(name: str, value: Any) -> Any:
    """Return what an interface's JSON says: it travels as text, its keys in any order."""
    return json.loads(value) if name == "config" and isinstance(value, str) else value


def _same(ours: Any, theirs: Any, *, ordered: bool) -> bool:
    """Say whether all that we declare is there; what the platform adds to a mapping is ignored, and so is nothing."""
    if ours in NOTHING and theirs in NOTHING:
        return True
    if isinstance(ours, Mapping):
        return isinstance(theirs, Mapping) and all(
            _same(value, theirs.get(name), ordered=ordered) for name, value in ours.items()
        )
    if not isinstance(ours, list):
        return bool(ours == theirs)
    if not isinstance(theirs, list) or len(ours) != len(theirs):
        return False
    if ordered:
        return all(_same(mine, other, ordered=True) for mine, other in zip(ours, theirs, strict=True))
    return all(any(_same(mine, other, ordered=False) for other in theirs) for mine in ours)


def _texts(ours: Any, theirs: Any) -> tuple[str, str]:
    """Show both values, long ones from a little before they begin to differ."""
    declared, found = _text(ours), _text(theirs)
    if max(len(declared), len(found)) <= LONGEST:
        return declared, found
    pairs = enumerate(zip(declared, found, strict=False))
    differs_at = next((at for at, (mine, other) in pairs if mine != other), min(len(declared), len(found)))
    start = max(0, differs_at - LONGEST // 4)
    return _part(declared, start), _part(found, start)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _part(text: str, start: int) -> str:
    shown = text[start : start + LONGEST]
    return f"{'…' if start else ''}{shown}{'…' if start + LONGEST < len(text) else ''}"
