"""Whether bonuses can be issued: checked before any of a request is."""

from collections.abc import Iterable

from simulator.elements.draws import canonical
from simulator.elements.errors import Flaw, flaw, not_allowed, required
from simulator.elements.shapes import fields, flag, mapped, number, text
from simulator.records.state import Json, State

LEAST, MOST = 0.005, 100.0
"""What one bonus may be, in dollars."""
FIELDS = {
    "user_id": text,
    "amount": number(LEAST, MOST),
    "private_comment": text,
    "public_title": mapped(text),
    "public_message": mapped(text),
    "without_message": flag,
    "assignment_id": text,
}
TOLERATED = ("id", "created", "__item_idx")
TOLD_APART_BY = ("user_id", "amount", "public_title", "public_message", "private_comment")
TWICE = "ENTITY_CONFLICT"


def flaws(state: State, items: list[Json]) -> dict[int, dict[str, Flaw]]:
    """What is wrong with bonuses of one request, by their index; of two that are the same the later one is flawed."""
    found = {index: wrong for index, item in enumerate(items) if (wrong := _flaws(state, item))}
    seen: set[str] = set()
    for index, item in enumerate(items):
        key = canonical([item.get(name) for name in TOLD_APART_BY])
        if index not in found and key in seen:
            found[index] = {"user_id": flaw(TWICE, "the same person has the same bonus twice in this request")}
        seen.add(key)
    return found


def _flaws(state: State, item: Json) -> dict[str, Flaw]:
    found: dict[str, Flaw] = {name: not_allowed() for name in item if name not in (*FIELDS, *TOLERATED)}
    found |= fields(FIELDS, "user_id", "amount")(item, "")
    if found:
        return found
    if not item.get("without_message"):
        found |= {name: required() for name in ("public_title", "public_message") if not item.get(name)}
    if item["user_id"] not in state.people:
        found["user_id"] = flaw("ENTITY_DOES_NOT_EXIST", "no such performer")
    if item.get("assignment_id") is not None and not _his(state, item):
        found["assignment_id"] = flaw("ENTITY_DOES_NOT_EXIST", "the performer has no such assignment")
    return found


def _his(state: State, item: Json) -> bool:
    page = state.assignments.get(item["assignment_id"])
    return page is not None and page.user_id == item["user_id"]


def only_twice(flawed: Iterable[dict[str, Flaw]]) -> bool:
    """Whether nothing is wrong with these but that they are there twice."""
    return all(wrong["code"] == TWICE for each in flawed for wrong in each.values())
