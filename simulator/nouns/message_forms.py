"""Whether messages can be sent: checked before any is."""

from typing import Any

from simulator.elements.errors import Flaw, flaw, not_allowed, refuse, required
from simulator.elements.shapes import Shape, closed, flag, insist, listed, mapped, one_of, text
from simulator.offering import filters
from simulator.records.state import Json, State

FOLDERS = ("INBOX", "OUTBOX", "AUTOMATIC_NOTIFICATION", "IMPORTANT", "UNREAD")
MOST_RECIPIENTS = 100
CHOSEN_BY = {"DIRECT": "recipients_ids", "FILTER": "recipients_filter", "ALL": None}
"""By what a message's recipients are chosen, and the field that tells which they are."""


def spoken(value: Any, path: str) -> dict[str, Flaw]:
    """A text by language, in one at least."""
    return {path: required()} if value == {} else mapped(text)(value, path)


COMPOSED: dict[str, Shape] = {
    "topic": spoken,
    "text": spoken,
    "answerable": flag,
    "recipients_select_type": one_of(*CHOSEN_BY),
    "recipients_ids": listed(text, most=MOST_RECIPIENTS),
    "recipients_filter": filters.shape,
}


def check_composed(state: State, body: Json) -> None:
    """Raise VALIDATION_ERROR for a message without a topic, a text, or recipients that are there."""
    insist(body, closed(COMPOSED, "topic", "text", "recipients_select_type"))
    wanted, found = CHOSEN_BY[body["recipients_select_type"]], {}
    for name in filter(None, CHOSEN_BY.values()):
        if name == wanted and not body.get(name):
            found[name] = required()
        elif name != wanted and body.get(name):
            found[name] = not_allowed(f"has no place beside {body['recipients_select_type']}")
    refuse(found)
    if wanted == "recipients_ids":
        refuse(_recipients(state, body["recipients_ids"]))
    elif wanted:
        refuse(filters.flaws(state, body[wanted], wanted))


def _recipients(state: State, user_ids: list[str]) -> dict[str, Flaw]:
    unknown = (place for place, user_id in enumerate(user_ids) if user_id not in state.people)
    return {f"recipients_ids[{place}]": flaw("ENTITY_DOES_NOT_EXIST", "no such performer") for place in unknown}


def check_reply(body: Json) -> None:
    """Raise VALIDATION_ERROR for a reply without a text."""
    insist(body, closed({"text": spoken}, "text"))


def check_folders(body: Json) -> None:
    """Raise VALIDATION_ERROR for anything but some folders that there are, each once."""
    insist(body, closed({"folders": listed(one_of(*FOLDERS))}, "folders"))
    if len(set(body["folders"])) < len(body["folders"]):
        refuse({"folders": flaw("DUPLICATE_VALUE_IN_ARRAY", "a folder is there twice")})


def folders_of(name: str, value: str) -> set[str]:
    """The folders that a query parameter names. Raises VALIDATION_ERROR for one that is not there."""
    named = set(value.split(","))
    insist(sorted(named), listed(one_of(*FOLDERS)), name)
    return named
