"""How the pages put things: times, numbers, money, pools, and what a decision was."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from store.records import Decision, Event

_DONE = {
    "accept": "Accepted",
    "reject": "Refused",
    "hold": "Held for a person",
    "recall": "Refusal recalled before it was sent",
    "appeal": "Refusal taken back",
    "ask": "Question asked",
    "votes": "More votes asked for",
}


@dataclass(frozen=True, slots=True)
class PoolName:
    """What a pool is to its pipeline."""

    role: str
    whole: str  # pipeline, run and role


def utc(seconds: float) -> str:
    """Write UNIX seconds as a UTC time to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def pretty(value: Any) -> str:
    """Write a JSON value for reading: indented, its letters as they are."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def count(number: int, one: str, many: str) -> str:
    """Write a number of things: `1 event`, `1 200 events`."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") + " " + (one if number == 1 else many)


def money(dollars: float) -> str:
    """Write dollars: cents, and parts of a cent where there are any: `$0.05`, `$0.0125`."""
    return f"${dollars:.2f}" if abs(dollars - round(dollars, 2)) < 1e-9 else f"${dollars:.6f}".rstrip("0")


def was(decision: Decision) -> str:
    """Say what a decision did to an assignment: `Refused`, `Refusal proposed`."""
    if decision.kind == "hold" and decision.payload.get("proposal"):
        return "Refusal proposed"
    return _DONE.get(decision.kind, decision.kind)


def by(decision: Decision) -> str:
    """Say who decided: a person's name, or the handler whose rule it was."""
    return str(decision.payload.get("by") or f"the rule {decision.handler}")


def comment(decision: Decision) -> str:
    """Return what a decision tells the performer, or would tell if it were confirmed; "" when nothing."""
    return str(decision.payload.get("comment") or decision.payload.get("proposal") or "")


def told(event: Event) -> str:
    """Say in one line what an event of our own tells; "" for the platform's."""
    if event.source != "crowdhook":
        return ""
    said = event.payload
    if "who" in said and "act" in said:
        return f"{said['who']}: {said['act']}" + (f" ({said['why']})" if said.get("why") else "")
    return str(said.get("text") or "")


def address(value: Any) -> bool:
    """Tell whether a value is the address of something on the web, and nothing worse."""
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def pool_names(notes: Mapping[str, str]) -> dict[str, PoolName]:
    """Return what each pool is called, by its id, as the worker noted it."""
    pools = {name.removeprefix("pool:"): text for name, text in notes.items() if name.startswith("pool:")}
    return {pool_id: PoolName(text.split()[-1], text) for pool_id, text in pools.items() if text.strip()}


FILTERS = (utc, pretty, count, money, was, by, comment, told)
TESTS = (address,)
