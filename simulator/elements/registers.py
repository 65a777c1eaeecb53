"""Things in the order of several of their columns, so that a page of a list costs what it shows."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

Thing = TypeVar("Thing")
Order = Sequence[tuple[str, bool]]
"""Columns to sort by, each forwards (False) or backwards (True)."""


class Bound(NamedTuple):
    """One end of a range: `sign` is GT, GTE, LT or LTE."""

    column: str
    sign: str
    value: Any


class Register(Generic[Thing]):
    """Things with an `id`, each entered once under the columns (attributes) that it has a value for.

    A column's value must not change after the thing was entered under it.
    """

    def __init__(self) -> None:
        self._columns: dict[str, list[Thing]] = {}

    def enter(self, thing: Thing, *columns: str) -> None:
        """Note a thing in the order of these columns; of equal values in that of ids."""
        for column in columns:
            insort(self._columns.setdefault(column, []), thing, key=attrgetter(column, "id"))

    def within(self, bounds: Sequence[Bound], order: Order) -> tuple[Iterator[Thing], bool]:
        """At least the things within the bounds, and whether they come in that order; `id` is always a column.

        The order is kept where it is that of one column; but where another column's bounds leave fewer things, these.
        """
        leading, backwards = order[0]
        spans = {column: self._span(column, bounds) for column in {"id", *(bound.column for bound in bounds)}}
        if len(self._columns.get(leading, ())) == len(self._columns.get("id", ())):
            spans.setdefault(leading, self._span(leading, bounds))
        least = min(spans, key=lambda column: (len(spans[column]), column))
        alone = all(column == "id" and back == backwards for column, back in order[1:])
        if not alone or leading not in spans or len(spans[least]) < len(spans[leading]):
            return self._things(least, spans[least]), False
        return self._things(leading, reversed(spans[leading]) if backwards else spans[leading]), True

    def _span(self, column: str, bounds: Sequence[Bound]) -> range:
        things, key = self._columns.get(column, []), attrgetter(column)
        first, last = 0, len(things)
        for _, sign, value in (bound for bound in bounds if bound.column == column):
            if sign.startswith("G"):
                find = bisect_left if sign == "GTE" else bisect_right
                first = max(first, find(things, value, key=key))
            else:
                find = bisect_right if sign == "LTE" else bisect_left
                last = min(last, find(things, value, key=key))
        return range(first, max(first, last))

    def _things(self, column: str, places: Iterable[int]) -> Iterator[Thing]:
        return (self._columns[column][place] for place in places)
