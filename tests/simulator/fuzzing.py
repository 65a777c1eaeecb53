"""Requests made up from Toloka's OpenAPI file, against a world that has something of everything: `make fuzz`."""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote

import requests
import schemathesis
from exchanges import Exchange, nameless
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from lived import Lived, Request, faults, living
from openapi import FILE
from schemathesis import Case, GenerationMode

from simulator.elements.draws import fraction

FIT = 0.75
"""How often a part of a request is replaced by one that a good request had under this name."""
A_ROUND = 5_000
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@dataclass(slots=True)
class Tally:
    """What came of it: `failures` are answers of status 500 and up, and shapes that nobody documented."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return sum(self.statuses.values())

    def add(self, exchange: Exchange, request: Request) -> None:
        """Count an answer, and tell at once what is wrong with it."""
        self.statuses[exchange.status] += 1
        for fault in faults(exchange):
            self.failures.append(fault)
            print(f"{fault} <- {request}", flush=True)


class Known:
    """What good requests and their answers had under each name, and the paths that were asked."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self.values: dict[str, dict[str, Any]] = defaultdict(dict)
        self.exchanges = [exchange for exchange in exchanges if exchange.status < 300]
        for exchange in self.exchanges:
            for text in (exchange.sent, exchange.content if exchange.kind == "application/json" else b""):
                self._learn("", json.loads(text or b"null"))
            for name, value in parse_qsl(exchange.query):
                self.values[name][value] = value

    def _learn(self, name: str, value: Any) -> None:
        if isinstance(value, list):
            for each in value:
                self._learn(name, each)
        self.values[name][json.dumps(value)] = value
        for key, each in value.items() if isinstance(value, dict) else ():
            self._learn(key, each)

    def fitted(self, name: str, value: Any, *draw: object) -> Any:
        """This part of a request, or one that fits better."""
        known = list(self.values[name].values()) if name else []
        if known and fraction(*draw, name) < FIT:
            return known[int(fraction(*draw, name, "which") * len(known))]
        if isinstance(value, dict):
            return {key: self.fitted(key, each, *draw, name) for key, each in value.items()}
        if isinstance(value, list):
            return [self.fitted("", each, *draw, place) for place, each in enumerate(value)]
        return value

    def path(self, route: str, otherwise: str, *draw: object) -> str:
        paths = sorted({exchange.path for exchange in self.exchanges if exchange.is_of(route)})
        fits = paths and fraction(*draw, "path") < FIT
        return quote(paths[int(fraction(*draw, "which path") * len(paths))]) if fits else otherwise


def made_strict(content: Any) -> Any:
    """The file with what is sent closed to fields that it does not name: else nothing good would ever be made up."""
    for name, schema in content["components"]["schemas"].items():
        if (
            not any(f"/{name}" in json.dumps(form.get("allOf", ())) for form in _forms(content))
            and "allOf" not in schema
        ):
            schema |= {"additionalProperties": False} if schema.get("properties") else {}
    return content


def _forms(content: Any) -> list[Any]:
    return [schema for name, schema in content["components"]["schemas"].items() if "View" not in name]


def _request(case: Case, known: Known, number: int) -> Request | None:
    """A case as it goes over the wire, most of its parts fitted; None where HTTP has no words for it."""
    if isinstance(case.body, dict | list):
        case.body = known.fitted("", case.body, number)
    case.query = {name: known.fitted(name, each, number, "query") for name, each in (case.query or {}).items()}
    try:
        wire = requests.Request(**case.as_transport_kwargs(base_url="http://x/api/v1")).prepare()
    except (ValueError, requests.RequestException):
        return None
    path, _, query = wire.path_url.removeprefix("/api").partition("?")
    path = known.path(f"{case.method.upper()} /v1{nameless(case.operation.path)}", path, number)
    sent = wire.body.encode() if isinstance(wire.body, str) else wire.body or b""
    return Request(case.method.upper(), f"{path}?{query}", wire.headers.get("Content-Type", ""), sent)


def _try(lived: Lived, strategy: SearchStrategy[Case], known: Known, tally: Tally, examples: int, number: int) -> None:
    """Send so many cases of one call."""

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def send(case: Case) -> None:
        request = _request(case, known, tally.requests)
        if request is not None:
            exchange = lived.send(request)
            tally.add(exchange, request)

    send()


def fuzz(requests_wanted: int, every: int = 1) -> Tally:
    """Send about so many requests, good and bad ones, of `every`-th call; a new world every few thousand."""
    content = made_strict(json.loads(FILE.read_text(encoding="utf-8")))
    operations = [found.ok() for found in schemathesis.openapi.from_dict(content).get_all_operations()][::every]
    tally = Tally()
    rounds = -(-requests_wanted // A_ROUND)
    examples = -(-requests_wanted // (rounds * len(operations) * len(MODES)))
    for number in range(rounds):
        with living() as lived:
            known = Known(exchange for asked in lived.asked.values() for exchange in asked)
            for operation in operations:
                for mode in MODES:
                    strategy = operation.as_strategy(generation_mode=mode)
                    _try(lived, strategy, known, tally, examples, number)
    return tally


if __name__ == "__main__":
    if not FILE.exists():
        sys.exit("CROWDHOOK_OPENAPI must name Toloka's OpenAPI file")
    told = fuzz(int(sys.argv[1]))
    print(f"{told.requests} requests; by status: {dict(sorted(told.statuses.items()))}; failures: {len(told.failures)}")
    sys.exit(bool(told.failures))
