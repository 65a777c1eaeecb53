"""Between the wire and the API: each request is answered, by the API or as a fault has it, and written down."""

import time
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from simulator.faults.answer_faults import Struck
from simulator.faults.plans import Fault
from simulator.faults.strikes import Strikes, content_of
from simulator.memory.request_history import RequestHistory, answer_text, kind_of_path, request_text
from simulator.records.asked import Answered, Asked, CarryOut
from simulator.world.world import World

API = "/api/"


@dataclass(slots=True)
class Exchange:
    """Answers for the whole server; only what is asked of the API is struck by faults and written down."""

    app: Flask
    world: World
    strikes: Strikes
    history: RequestHistory

    def __call__(self, asked: Asked, carry_out: CarryOut) -> Answered:
        """Answer one request."""
        if not asked.path.startswith(API):
            answered = carry_out(asked)
            self.history.count(self._kind(asked, answered))
            return answered
        began, now = time.perf_counter(), self.world.now
        fault = self.strikes.of_request(asked, now, self.world.origin)
        if fault is None:
            answered = carry_out(asked)
            self.history.count(self._kind(asked, answered))
            self._write(asked, answered, began, {})
            return answered
        return self._struck(asked, carry_out, fault, began)

    def _struck(self, asked: Asked, carry_out: CarryOut, fault: Fault, began: float) -> Answered:
        put_off: list[float] = []
        answered: Answered = fault.kind.act(Struck(asked, carry_out, put_off.append, fault.detail))
        if not answered.notes:
            answered = replace(answered, headers=[*answered.headers, ("Date", http_date(self.world.now))])
        self.history.count(self._kind(asked, answered))
        number = self._write(asked, answered, began, {"fault": fault.kind.name, "done": bool(answered.notes)})
        for seconds in put_off:
            identity = f"{content_of(asked, self.world.origin)}-{number}"
            self.world.put_off(identity, asked, seconds)
        return answered

    def late(self, identity: str, asked: Asked, carry_out: CarryOut) -> None:
        """Carry out what was put off; what it would have answered is written down."""
        began = time.perf_counter()
        self._write(asked, carry_out(asked), began, {"late": int(identity.rpartition("-")[2])})

    def _write(self, asked: Asked, answered: Answered, began: float, more: dict[str, Any]) -> int:
        line = {
            "method": asked.method,
            "path": asked.path,
            "query": asked.query,
            "status": answered.status or None,
            "ms": round(1000 * (time.perf_counter() - began), 3),
            "cost": answered.notes.get("cost", {}),
            **more,
        }
        return self.history.write(self.world.now, line, request_text(asked), answer_text(answered))

    def _kind(self, asked: Asked, answered: Answered) -> str:
        noted: str | None = answered.notes.get("kind")
        return noted or kind_of_path(asked.method, self._rule(asked))

    def _rule(self, asked: Asked) -> str | None:
        try:
            found, _ = self.app.url_map.bind("").match(asked.path, asked.method, return_rule=True)
        except HTTPException:
            return None
        return str(found.rule)
