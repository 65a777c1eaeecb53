"""What was done, created or paid twice, by the histories of the world and of the requests."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from simulator.records.state import Json

DONE = (200, 201, 202)
OPERATION = "operation_id="
VERDICTS = {"ASSIGNMENT_APPROVED": "accepted", "ASSIGNMENT_REJECTED": "refused"}
PAID = ("charged", "bonus")
NOTHING_NEW = ("/open", "/close", "/close-for-update", "/archive", "/test", "-by-pool", "-by-task", "-folders")
"""Ends of the paths of requests that create nothing."""
HARMLESS = (None, "clock-skew")
ONCE = ({"accepted": 1}, {"refused": 1}, {"accepted": 1, "refused": 1})
"""Verdicts that a page may have; a refusal may be taken back."""


def done_twice(world: Iterable[Json], requests: Iterable[Json]) -> list[str]:
    """What happened twice, in words; nothing when all is well. Both are lines of the histories.

    A creation is done twice when the same was asked again after a fault and both were carried out; what was asked
    again after a good answer was wanted twice.
    """
    return [*_paid_twice(list(world)), *_created_twice(requests)]


def _paid_twice(world: list[Json]) -> Iterator[str]:
    charged = Counter(line["id"] for line in world if line["kind"] == "MONEY" and line["what"] in PAID)
    yield from (f"{identity} was paid {times} times" for identity, times in charged.items() if times > 1)
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    for line in world:
        if line["kind"] in VERDICTS:
            verdicts[line["id"]][VERDICTS[line["kind"]]] += 1
    for identity, given in verdicts.items():
        if given not in ONCE:
            yield f"{identity} was {' and '.join(f'{verdict} {times} times' for verdict, times in given.items())}"


def _created_twice(requests: Iterable[Json]) -> Iterator[str]:
    lines = list(requests)
    asked = {line["number"]: line for line in lines if line.get("method") == "POST" or "late" in line}
    same: dict[str, list[Json]] = defaultdict(list)
    for line in asked.values():
        made = line["method"] == "POST" and not line["path"].endswith(NOTHING_NEW)
        if made and line["status"] in DONE and line.get("done", True):
            same[_content(line)].append(asked.get(line.get("late", 0), line))
    for done in same.values():
        done.sort(key=lambda line: int(line["number"]))
        numbers = [str(line["number"]) for line in done]
        if any(line.get("fault") not in HARMLESS for line in done[:-1]):
            yield f"POST {done[0]['path']} was done {len(done)} times: {', '.join(numbers)}"


def _content(line: Json) -> str:
    query = [part for part in line["query"].split("&") if not part.startswith(OPERATION)]
    return json.dumps([line["path"], query, line.get("request")], sort_keys=True)
