"""Plans of faults as people write them: a TOML file, and KIND=RATE on the command line."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.delivery.habits import USUAL, Habits
from simulator.faults import forms
from simulator.faults.forms import COURIER, PLAN, RETRY, Wrong, check
from simulator.faults.plans import Detail, Fault, Plan
from simulator.toml.text import Toml
from store.errors import CrowdhookError

COMMA = re.compile(r",(?=\w+=)")


class BadFaults(CrowdhookError):
    """These faults cannot be used:"""


def read_plan(file: Path | None = None, options: Sequence[str] = (), seed: int = 0) -> Plan:
    """The faults of a file, then those of options; `seed` is for a file without one. Raises BadFaults, OSError."""
    chosen = [_option(text) for text in options]
    if file is None:
        return Plan.of(*chosen, seed=seed)
    read = _File(file)
    return Plan.of(*read.faults, *chosen, seed=read.seed if read.seed is not None else seed, habits=read.habits)


class _File:
    """A file's content; whatever is wrong with it is told with its line."""

    def __init__(self, file: Path) -> None:
        self._toml = Toml(file, BadFaults)
        content = self._toml.content
        self._check(content, PLAN)
        self.seed: int | None = content.get("seed")
        self.habits = self._habits(content.get("courier", {}))
        self.faults = [self._fault(table, place) for place, table in enumerate(content.get("fault", ()))]

    def _habits(self, table: Mapping[str, Any]) -> Habits:
        self._check(table, COURIER, "courier")
        self._check(table.get("retry", {}), RETRY, "courier", "retry")
        return forms.habits(table) if table else USUAL

    def _fault(self, table: Mapping[str, Any], place: int) -> Fault:
        try:
            return forms.fault(table)
        except Wrong as error:
            raise self._toml.refused(("fault", place, error.name), f"{error}.") from error

    def _check(self, table: Mapping[str, Any], known: Mapping[str, Detail], *where: str) -> None:
        try:
            check(table, known)
        except Wrong as error:
            raise self._toml.refused((*where, error.name), f"{error}.") from error


def _option(text: str) -> Fault:
    """KIND=RATE[,name=value…] as a fault."""
    first, *others = COMMA.split(text)
    kind, equals, rate = first.partition("=")
    content = {"kind": kind} | ({"rate": _value(rate)} if equals else {})
    pairs = (each.partition("=") for each in others)
    try:
        return forms.fault(content | {name: _value(value) for name, _, value in pairs})
    except Wrong as error:
        raise BadFaults(f"{text!r}: {error}.") from error


def _value(text: str) -> Any:
    """A number or a list as such, numbers with | between as a list, a date as one, and everything else as text."""
    try:
        if re.fullmatch(r"\d+(\|\d+)+", text):
            return [int(each) for each in text.split("|")]
        return datetime.fromisoformat(text) if "-" in text[1:] and ":" in text else json.loads(text)
    except (ValueError, RecursionError):
        return text
