"""A requester who does over HTTP what the segmentation pipeline does: told by notifications, it asks, judges and pays.

The pools are the pipeline's own, made by toloka-kit, and so is the policy. It keeps only what is not decided yet, so
that what it costs does not grow either.
"""

import json
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

import toloka.client as toloka

from handlers.segmentation_pools import (
    QUESTIONS_A_PAGE,
    Settings,
    checking_pool,
    checking_project,
    outlining_pool,
    outlining_project,
)
from handlers.verdict import Outcome, TaskVotes, Vote, judge

Json = dict[str, Any]
AT_ONCE = 5000  # tasks in one request
LISTED = 1000  # assignments in one answer
WAIT = 600.0  # platform seconds for which a question waits for a full page
PATIENCE = 10.0


class Ears(ThreadingHTTPServer):
    """Takes notifications; `seconds` is the CPU time that this took so far."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Ear)
        self.events: list[Json] = []
        self.spent: dict[int, float] = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    @property
    def seconds(self) -> float:
        return sum(self.spent.values())


class _Ear(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Ears

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.events += json.loads(body)["events"]
        self.send_response_only(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.spent[threading.get_ident()] = time.thread_time()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged."""


@dataclass(slots=True)
class Outline:
    """One outlining page, of one image, and the votes on it so far."""

    page_id: str
    inputs: Json
    excluded: list[str]
    question_id: str = ""
    overlap: int = 0
    votes: list[Vote] = field(default_factory=list)


class Requester:
    """Sets the pipeline's pools up on the simulator at `url`, and reacts to what its ears heard."""

    def __init__(self, url: str, ears: Ears, now: float) -> None:
        self.settings, self.ears = Settings(), ears
        self._connection = HTTPConnection(url.removeprefix("http://"))
        self.outlines: dict[str, Outline] = {}
        self.waiting: list[Outline] = []
        self.waiting_since: float | None = None
        self.outlining, self.checking = _set_up(url, self.settings, ears.url, now)

    def outline(self, tasks: Sequence[Json], excluded: Sequence[Sequence[str]]) -> None:
        """Have images outlined, each not by these."""
        asked = [
            {"pool_id": self.outlining, "input_values": task, "overlap": 1, "unavailable_for": list(without)}
            for task, without in zip(tasks, excluded, strict=True)
        ]
        for at in range(0, len(asked), AT_ONCE):
            self._create(asked[at : at + AT_ONCE])

    def due_at(self) -> float | None:
        """When questions have waited long enough; None when none waits."""
        return None if self.waiting_since is None else self.waiting_since + WAIT

    def react(self, now: float) -> None:
        """Do all that follows from what was heard until now."""
        heard, self.ears.events = self.ears.events, []
        anew: list[Outline] = []
        for pool_id, dated in ((self.outlining, "submitted"), (self.checking, "submitted")):
            times = [event["event_time"] for event in heard if event["pool_id"] == pool_id]
            for page in self._listed(pool_id, dated, min(times), max(times)) if times else ():
                if pool_id == self.outlining:
                    self._have_it_checked(page, now)
                else:
                    anew += self._count(page)
        rounds = [outline.inputs | {"round": outline.inputs["round"] + 1} for outline in anew]
        self.outline(rounds, [outline.excluded for outline in anew])
        self._ask(now)

    def _have_it_checked(self, page: Json, now: float) -> None:
        if page["status"] != "SUBMITTED" or page["id"] in self.outlines:
            return
        (task,), (solution,) = page["tasks"], page["solutions"]
        given = solution["output_values"]
        shown = {"selection": given.get("result") or [], "nothing": bool(given.get("nothing"))}
        outline = Outline(page["id"], task["input_values"], [*task["unavailable_for"], page["user_id"]])
        self.outlines[page["id"]] = outline
        self.waiting.append(outline)
        self.waiting_since = self.waiting_since or now
        outline.inputs |= shown | {"task_id": task["id"]}

    def _ask(self, now: float) -> None:
        """Ask about outlines by the full page, or when the first has waited long enough."""
        full = len(self.waiting) // QUESTIONS_A_PAGE * QUESTIONS_A_PAGE
        due = self.due_at()
        asked = self.waiting if due is not None and due <= now else self.waiting[:full]
        self.waiting = self.waiting[len(asked) :]
        if asked:
            self.waiting_since = now if self.waiting else None
            self._create_questions(asked)

    def _create_questions(self, asked: Sequence[Outline]) -> None:
        votes = self.settings.policy.votes_first(1)
        for at in range(0, len(asked), AT_ONCE):
            some = asked[at : at + AT_ONCE]
            task_ids = self._create([self._question(each, votes) for each in some])
            for outline, task_id in zip(some, task_ids, strict=True):
                outline.question_id, outline.overlap = task_id, votes

    def _question(self, outline: Outline, votes: int) -> Json:
        names = ("image", "selection", "nothing", "task_id")
        inputs = {name: outline.inputs.pop(name) if name != "image" else outline.inputs[name] for name in names}
        return {
            "pool_id": self.checking,
            "input_values": inputs | {"assignment_id": outline.page_id},
            "overlap": votes,
            "unavailable_for": outline.excluded[-1:],
        }

    def _count(self, page: Json) -> Iterator[Outline]:
        """Count the votes of a page; what is to be outlined anew."""
        for task, solution in zip(page["tasks"], page["solutions"], strict=True):
            outline = self.outlines.get(task["input_values"]["assignment_id"])
            if outline is None or any(vote.user_id == page["user_id"] for vote in outline.votes):
                continue
            outline.votes.append(Vote(page["user_id"], solution["output_values"]["verdict"] == "OK"))
            if len(outline.votes) == outline.overlap:
                yield from self._decide(outline)

    def _decide(self, outline: Outline) -> Iterator[Outline]:
        votes = TaskVotes(outline.question_id, outline.overlap, tuple(outline.votes))
        outcome = judge([votes], self.settings.policy).outcome
        if outcome is Outcome.MORE:
            outline.overlap += 1
            self._call("PATCH", f"/tasks/{outline.question_id}", {"overlap": outline.overlap})
            return
        del self.outlines[outline.page_id]
        if outcome is Outcome.HOLD:
            return
        verdict = "ACCEPTED" if outcome is Outcome.PAY else "REJECTED"
        self._call("PATCH", f"/assignments/{outline.page_id}", {"status": verdict, "public_comment": outcome.value})
        if outcome is Outcome.REFUSE and outline.inputs["round"] < self.settings.max_rounds:
            yield outline

    def _create(self, tasks: Sequence[Json]) -> list[str]:
        """Create tasks as the kit does; their ids, in order. The pool is opened where it has closed meanwhile."""
        if not tasks:
            return []
        operation_id = str(uuid.uuid4())
        query = urlencode({"async_mode": "true", "operation_id": operation_id, "open_pool": "true"})
        self._call("POST", f"/tasks?{query}", tasks)
        log = self._call("GET", f"/operations/{operation_id}/log")
        return [entry["output"]["task_id"] for entry in log if entry["type"] == "TASK_CREATE"]

    def _listed(self, pool_id: str, dated: str, first: str, last: str) -> Iterator[Json]:
        """A pool's pages of these moments, as the gateway lists them."""
        query = {"pool_id": pool_id, f"{dated}_gte": first, f"{dated}_lte": last, "sort": "id", "limit": LISTED}
        while True:
            found = self._call("GET", f"/assignments?{urlencode(query)}")
            yield from found["items"]
            if not found["has_more"]:
                return
            query["id_gt"] = found["items"][-1]["id"]

    def _call(self, method: str, path: str, content: Any = None) -> Any:
        body = None if content is None else json.dumps(content)
        headers = {"Authorization": "OAuth token", "Content-Type": "application/json"}
        self._connection.request(method, f"/api/v1{path}", body, headers)
        answer = self._connection.getresponse()
        told = json.loads(answer.read())
        if answer.status >= 400:
            raise AssertionError(f"{method} {path}: {answer.status} {told}")
        return told


def _set_up(url: str, settings: Settings, ears: str, now: float) -> tuple[str, str]:
    """Create the pipeline's skills, projects and pools, subscribed to, and return the ids of the pools."""
    client = toloka.TolokaClient("token", url=url)
    skills = {name: client.create_skill(toloka.Skill(name=name)).id for name in ("outlining", "checking")}
    ids = {f"skill:{name}": str(skill_id) for name, skill_id in skills.items()}
    for name, project in (("outlining", outlining_project), ("checking", checking_project)):
        ids[f"project:{name}"] = str(client.create_project(project(settings)).id)
    made = [str(client.create_pool(pool(settings, ids, now)).id) for pool in (outlining_pool, checking_pool)]
    client.upsert_webhook_subscriptions(
        [
            toloka.webhook_subscription.WebhookSubscription(
                webhook_url=ears, event_type="ASSIGNMENT_SUBMITTED", pool_id=pool_id, secret_key="secret"
            )
            for pool_id in made
        ]
    )
    client._session.close()
    return made[0], made[1]
