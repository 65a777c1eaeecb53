"""Lists: filtered, sorted and cut into pages as every list of the API is."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, TypeVar

from werkzeug.datastructures import MultiDict

from simulator.elements.clock import seconds
from simulator.elements.errors import flaw, invalid, not_allowed
from simulator.elements.registers import Bound, Order, Register
from simulator.offering.filters import COMPARISONS
from simulator.records.state import Json

Thing = TypeVar("Thing")
DEFAULT_LIMIT = 50
COUNT = re.compile("[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Thing]):
    """How one kind of object is listed: `ranges` can be sorted and bounded, `equals` compared; `view` shows one.

    `sorts` can be sorted only, `bounds` bounded only; `choices` are the values that `equals` know, where these are few.
    Of these, and of ids, several may be asked for with commas, of choices also one parameter each; a text is one value.
    Columns to bound are ids (text), overlaps, or platform seconds, None where an object has no such moment. What is
    listed from a Register costs what is shown.
    """

    view: Callable[[Thing], Json]
    ranges: Mapping[str, Callable[[Thing], Any]]
    equals: Mapping[str, Callable[[Thing], Any]]
    sorts: Mapping[str, Callable[[Thing], Any]] = field(default_factory=dict)
    bounds: Mapping[str, Callable[[Thing], Any]] = field(default_factory=dict)
    choices: Mapping[str, Collection[str]] = field(default_factory=dict)
    most: int = 300
    default_sort: str = "id"

    def page(self, things: Iterable[Thing] | Register[Thing], args: MultiDict[str, str]) -> Json:
        """The page that these query parameters ask for. Raises VALIDATION_ERROR for one that is not known."""
        wanted = {name: self._told(name, args.getlist(name)) for name in args}
        limit = self._limit(wanted.pop("limit", None))
        order = self._order(wanted.pop("sort", self.default_sort))
        bounds = [self._bound(name, text) for name, text in wanted.items() if name not in self.equals]
        tests = [self._equal(name, text) for name, text in wanted.items() if name in self.equals]
        tests += [self._within(bound) for bound in bounds]
        arranged = False
        if isinstance(things, Register):
            things, arranged = things.within([bound for bound in bounds if bound.column in self.ranges], order)
        matching = (thing for thing in things if all(test(thing) for test in tests))
        found = list(islice(matching if arranged else self._sorted(matching, order), limit + 1))
        return {"items": [self.view(thing) for thing in found[:limit]], "has_more": len(found) > limit}

    def _told(self, name: str, texts: list[str]) -> str:
        if len(texts) > 1 and name not in self.choices:
            raise invalid({name: not_allowed("is there more than once")})
        return ",".join(texts)

    def _sorted(self, things: Iterable[Thing], order: Order) -> list[Thing]:
        found = list(things)
        for column, backwards in reversed(order):
            found.sort(key=lambda thing: self._rank(column, thing), reverse=backwards)
        return found

    def _rank(self, column: str, thing: Thing) -> tuple[bool, Any]:
        value = (self.ranges.get(column) or self.sorts[column])(thing)
        return (value is not None, value if value is not None else 0)

    def _limit(self, text: str | None) -> int:
        if text is None:
            return DEFAULT_LIMIT
        if not COUNT.fullmatch(text) or int(text) < 1:
            raise invalid({"limit": flaw("VALUE_NOT_ALLOWED", "must be a positive number")})
        return min(int(text), self.most)

    def _order(self, text: str) -> Order:
        order = [(part.removeprefix("-"), part.startswith("-")) for part in text.split(",")]
        unknown = [column for column, _ in order if column not in (*self.ranges, *self.sorts)]
        if unknown:
            raise invalid({"sort": not_allowed(f"cannot sort by {unknown[0]}")})
        return order

    def _equal(self, name: str, text: str) -> Callable[[Thing], bool]:
        get = self.equals[name]
        if name not in self.choices and not name.endswith("id"):
            wanted = self._value(name, name, text) if name in self.bounds else text
            return lambda thing: bool(get(thing) == wanted)
        allowed = set(text.split(","))
        known = self.choices.get(name, allowed)
        if not allowed.issubset(known):
            raise invalid({name: flaw("UNKNOWN_ENUM_VALUE", f"must be one of {', '.join(known)}")})
        return lambda thing: get(thing) in allowed

    def _bound(self, name: str, text: str) -> Bound:
        column, _, sign = name.rpartition("_")
        if column not in (*self.ranges, *self.bounds) or sign.upper() not in ("GT", "GTE", "LT", "LTE"):
            raise invalid({name: not_allowed("unknown parameter")})
        return Bound(column, sign.upper(), self._value(name, column, text))

    def _value(self, name: str, column: str, text: str) -> str | float:
        """What a column is compared to; raises VALIDATION_ERROR for what has not its form."""
        if column.endswith("id"):
            return text
        code, parse = ("INTEGER_EXPECTED", int) if column == "overlap" else ("INVALID_DATE_TIME_SYNTAX", seconds)
        try:
            return parse(text)
        except ValueError:
            raise invalid({name: flaw(code, f"cannot be {text}")}) from None

    def _within(self, bound: Bound) -> Callable[[Thing], bool]:
        get = self.ranges.get(bound.column) or self.bounds[bound.column]
        compare = COMPARISONS[bound.sign]
        return lambda thing: (value := get(thing)) is not None and compare(value, bound.value)
