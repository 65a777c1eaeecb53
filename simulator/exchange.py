"""Between the wire and the API: each request is answered, by the API or as a fault has it, and written down."""

import time
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from simulator.api.protocol import READ, let_in
from simulator.faults.answer_faults import Struck
from simulator.faults.plans import Fault
from simulator.faults.strikes import Strikes, content_of
from simulator.memory.request_history import HIDDEN, RequestHistory, answer_text, kind_of_path, request_text
from simulator.records.asked import Answered, Asked, CarryOut
from simulator.world.world import World

API = "/api/"
KEY = "Authorization"


@dataclass(slots=True)
class Exchange:
    """Answers for the whole server; only what is asked of the API is struck by faults and written down.

    Without a `token` any key is good.
    """

    app: Flask
    world: World
    strikes: Strikes
    history: RequestHistory
    token: str | None = None
    _put_off: set[str] = field(default_factory=set)

    def __call__(self, asked: Asked, carry_out: CarryOut) -> Answered:
        """Answer one request."""
        if not asked.place.startswith(API):
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
            about = f"{content_of(asked, self.world.origin)}-{number}"
            self._put_off.add(about)
            self.world.put_off(about, self._without_key(asked), seconds)
        return answered

    def late(self, identity: str, asked: Asked, carry_out: CarryOut) -> None:
        """Carry out what was put off; what it would have answered is written down, once."""
        began = time.perf_counter()
        answered = carry_out(asked)
        if not self.world.restoring:
            self._write(asked, answered, began, {"late": self._number(identity)})

    def _number(self, identity: str) -> int:
        """Which line told that a request was put off; 0 when that was in another history."""
        about = identity.rpartition("-")[0]
        number = int(about.rpartition("-")[2])
        return number if about in self._put_off or number <= self.history.earlier else 0

    def _without_key(self, asked: Asked) -> Asked:
        """The same to be kept: not the key, but that it was right, and no header that nobody reads."""
        headers = {name.lower(): text for name, text in asked.headers.items()}
        kept = {name: headers[name] for name in READ if name in headers}
        right = let_in(headers.get(KEY.lower(), ""), self.token)
        return replace(asked, headers=kept | ({KEY: f"OAuth {HIDDEN}"} if right else {}))

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
            found, _ = self.app.url_map.bind("").match(asked.place, asked.method, return_rule=True)
        except HTTPException:
            return None
        return str(found.rule)
