"""Toloka's OpenAPI file, where it is present, as a strict judge of answers: what it does not name is not allowed."""

import json
import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from exchanges import Exchange, nameless
from toloka.client.error_codes import CommonErrorCodes, InternalErrorCodes, ValidationErrorCodes

from simulator.deviations import DEVIATIONS, Deviation

ROOT = Path(__file__).parent.parent.parent
FILE = Path(os.environ.get("CROWDHOOK_OPENAPI", ROOT.parent / "shared" / "toloka-openapi.json"))
NEEDED = pytest.mark.skipif(not FILE.exists(), reason="CROWDHOOK_OPENAPI names no file, and none lies beside")
METHODS = ("get", "post", "put", "patch", "delete")
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$"}
KEPT = ("type", "enum", "minimum", "maximum")

Schema = dict[str, Any]


class Document:
    """The file with deviations: its routes as "METHOD /v1/path", and what is wrong with an answer in its eyes."""

    def __init__(self, content: dict[str, Any], deviations: Iterable[Deviation]) -> None:
        self._schemas: dict[str, Schema] = content["components"]["schemas"]
        self._instead = {place: each.answers for each in deviations for place in each.at}
        self._answers: dict[str, Schema | None] = {}
        for path, methods in content["paths"].items():
            for method in filter(METHODS.__contains__, methods):
                for status, said in methods[method]["responses"].items():
                    body = said.get("content", {}).get("application/json")
                    answer = f"{method.upper()} {nameless('/v1' + path)} {status}"
                    self._answers[answer] = self._strict(body["schema"]) if body else None
        self.routes = sorted({answer.rpartition(" ")[0] for answer in self._answers})
        for place in filter(lambda place: " " in place, self._instead):
            schema = self._instead[place]
            self._answers[place] = self._strict(schema) if schema else None

    @classmethod
    def read(cls, deviations: Iterable[Deviation] = DEVIATIONS) -> "Document":
        return cls(json.loads(FILE.read_text(encoding="utf-8")), deviations)

    def faults(self, exchange: Exchange) -> Iterator[str]:
        """What of a successful answer the file does not allow; the results table is not in it."""
        route = next((route for route in self.routes if exchange.is_of(route)), None)
        if route is None or exchange.status >= 400:
            return
        answer = f"{route} {exchange.status}"
        if answer not in self._answers:
            yield f"{answer}: no such answer"
        elif exchange.content and exchange.kind == "application/json":
            for error in self._errors(answer, json.loads(exchange.content)):
                yield f"{answer} {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"

    def _errors(self, answer: str, content: Any) -> Iterator[jsonschema.ValidationError]:
        schema = self._answers[answer]
        if schema is not None:
            for error in jsonschema.Draft7Validator(schema).iter_errors(content):
                yield from error.context or [error]

    def _strict(self, schema: Schema, name: str = "") -> Schema:
        """The schema with references resolved, and objects that name their fields closed to others."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._strict(self._schemas[name], name)
        if "allOf" in schema:
            parts = [self._strict(part, name) for part in schema["allOf"]]
            properties = {key: each for part in parts for key, each in part.get("properties", {}).items()}
            return {"type": "object", "properties": properties, "additionalProperties": False}
        if "oneOf" in schema:
            return {"anyOf": [self._strict(part) for part in schema["oneOf"]]}
        if schema.get("format") == "date-time":
            return MOMENT
        return {key: schema[key] for key in KEPT if key in schema} | self._parts(schema, name)

    def _parts(self, schema: Schema, name: str) -> Schema:
        parts: Schema = {}
        if "items" in schema:
            parts["items"] = self._strict(schema["items"])
        if "properties" in schema:
            inner = {key: self._property(f"{name}.{key}", each) for key, each in schema["properties"].items()}
            parts |= {"additionalProperties": inner.pop("<n>", False), "properties": inner}
        elif isinstance(schema.get("additionalProperties"), dict):
            parts["additionalProperties"] = self._strict(schema["additionalProperties"])
        return parts

    def _property(self, place: str, schema: Schema) -> Schema:
        return self._strict(self._instead.get(place) or schema)


@cache
def the_document() -> Document:
    return Document.read()


STATUSES = {
    "VALIDATION_ERROR": (400,),
    "AUTHENTICATION_ERROR": (401,),
    "ACCESS_DENIED": (403,),
    "DOES_NOT_EXIST": (404,),
    "NOT_FOUND": (404,),
    "METHOD_NOT_ALLOWED": (405,),
    "NOT_ACCEPTABLE": (406,),
    "ENTITY_TOO_LARGE": (413,),
    "UNSUPPORTED_MEDIA_TYPE": (415,),
    "TOO_MANY_REQUESTS": (429,),
    **dict.fromkeys((code.value for code in InternalErrorCodes), (409,)),
    **dict.fromkeys(("CONFLICT_STATE", "ENTITY_CONFLICT", "ONLY_FOR_POOL_WITH_MIXER"), (409,)),
}
"""Documented codes of errors with their statuses."""
FLAWS = {code.value for code in (*ValidationErrorCodes, *CommonErrorCodes)}


def error_faults(exchange: Exchange) -> Iterator[str]:
    """What of an error is not as Toloka documents its errors."""
    if exchange.status < 400:
        return
    words = f"{exchange.method} {exchange.path} {exchange.status}"
    if exchange.kind != "application/json":
        yield f"{words}: an error in {exchange.kind}"
        return
    said = json.loads(exchange.content)
    if not {"request_id", "code", "message"} <= said.keys() <= {"request_id", "code", "message", "payload"}:
        yield f"{words}: {sorted(said)}"
    elif exchange.status not in STATUSES.get(said["code"], ()):
        yield f"{words}: {said['code']}"
    elif exchange.status == 400 and not _told(said.get("payload")):
        yield f"{words}: {said.get('payload')}"


def _told(payload: Any) -> bool:
    """Whether every flaw has a known code and a message: by path, or by index and path."""
    if not isinstance(payload, dict) or not payload:
        return False
    return all(_is_flaw(each) or _told(each) for each in payload.values())


def _is_flaw(each: Any) -> bool:
    return isinstance(each, dict) and each.get("code") in FLAWS and isinstance(each.get("message"), str)
