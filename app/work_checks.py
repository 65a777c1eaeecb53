"""Whether work goes on: a worker that lives, events that are handled, decisions that come true."""

from collections.abc import Iterator

from app.event_lines import ASTRAY
from app.findings import Finding, Level, fail, ok, span, warn
from store.contract import EventLog

SILENT, DEAD = 30.0, 300.0  # seconds without a heartbeat: a long read may take the first, nothing takes the second
SLOW, STUCK = 60.0, 300.0  # seconds that an event waits
LOOK = "crowdhook events --failed"


def work(log: EventLog, now: float) -> Iterator[Finding]:
    """Look at the worker and at what is left to do, at machine time `now`."""
    yield _worker(log.beaten_at(), now)
    left, counts = log.workload(now), log.counts()
    yield _waiting(f"{left.unrouted} to route, {left.pending} waiting for a handler", counts.waiting_since, now)
    if left.parked:
        yield warn("parked", f"{left.parked} events with which a handler failed too often", LOOK)
    else:
        yield ok("parked", "none")
    astray = [each for each in counts.decisions if each.state in ASTRAY]
    if astray:
        said = ", ".join(f"{each.n} {each.kind} {each.state}" for each in astray)
        yield warn("decisions", f"not as decided: {said}", LOOK)
    else:
        yield ok("decisions", f"all as decided; {left.due} due, {left.waiting} for later, {left.calls} calls open")


def _worker(beaten: float | None, now: float) -> Finding:
    if beaten is None:
        return fail("worker", "none ever was at work on this database", "start it: crowdhook serve")
    age = now - beaten
    said = f"last at work {span(age)} ago"
    if age > DEAD:
        return fail("worker", said, "start it: crowdhook serve; its log says why it ended")
    return warn("worker", said, "look again in a minute: it is busy, or hangs") if age > SILENT else ok("worker", said)


def _waiting(left: str, since: float | None, now: float) -> Finding:
    if since is None:
        return ok("events", "all are handled")
    age = now - since
    level = Level.OK if age <= SLOW else Level.WARN if age <= STUCK else Level.FAIL
    advice = "" if level is Level.OK else "see that the worker runs and reaches Toloka: its log says what keeps it"
    return Finding("events", level, f"{left}; the oldest for {span(age)}", advice)
