"""Task suites: put together by the requester, or by mixing; changed and shown."""

from simulator.elements.clock import iso
from simulator.elements.errors import missing
from simulator.nouns import tasks
from simulator.nouns.batches import Wording
from simulator.nouns.placing import Noun, Wishes
from simulator.nouns.suite_forms import FIELDS, ORDER, QUESTION, check_patch, flaws, overlap_of, questions
from simulator.offering import lifecycle, overlap, shelves
from simulator.records.state import SUITE, Json, State, Suite


def make(state: State, item: Json, wishes: Wishes, line: int) -> Suite:
    """A new suite of these good fields, the `line`th of its request, with its tasks."""
    body = {name: item[name] for name in FIELDS if item.get(name) is not None and name != "tasks"}
    pool, inner = state.pools[body["pool_id"]], [_question(each) for each in item["tasks"]]
    identity = state.identify("suite", pool.id, [body, inner])
    made = [tasks.add(state, pool, each, None, identity) for each in inner]
    suite = Suite(identity, pool.id, body, state.now, SUITE, overlap_of(pool, item, wishes), line=line)
    suite.task_ids = tuple(task.id for task in made)
    state.suites[identity] = suite
    pool.suites.enter(suite, "id", "created")
    pool.suite_ids.append(identity)
    state.record("TASK_SUITE_CREATED", identity, pool_id=pool.id, overlap=suite.overlap, tasks=inner)
    overlap.enlist(state, suite)
    return suite


def _question(item: Json) -> Json:
    return {name: item[name] for name in QUESTION if item.get(name) is not None}


NOUN = Noun(Wording("TASK_SUITE_CREATE", "TASK_SUITE_VALIDATE", "task_suite_id"), questions, flaws, make, "task suite")


def get(state: State, identity: str) -> Suite:
    """The suite with this id, or DOES_NOT_EXIST."""
    if identity not in state.suites:
        raise missing("task suite", identity)
    return state.suites[identity]


def patch(state: State, suite: Suite, body: Json, *, open_pool: bool) -> Suite:
    """Change a suite's overlap or its place in the order; with `open_pool` its pool is opened then, if it can be."""
    check_patch(state, suite, body)
    if body.get("overlap") is not None or body.get("infinite_overlap"):
        overlap.change(state, suite, body.get("overlap"))
    if body.get(ORDER) is not None:
        shelves.take_away(state, suite)
        suite.body = suite.body | {ORDER: body[ORDER]}
        shelves.put(state, suite)
    if open_pool:
        lifecycle.open_if_possible(state, state.pools[suite.pool_id])
    return suite


def patch_overlap(state: State, suite: Suite, body: Json) -> Suite:
    """Change a suite's overlap (0 stops it); where so few are no more possible, to the least that is."""
    check_patch(state, suite, body, least=0)
    overlap.change(state, suite, body["overlap"], or_least=True)
    return suite


def view(state: State, suite: Suite) -> Json:
    """A suite as the API shows it, its tasks within."""
    inner = [state.tasks[identity] for identity in suite.task_ids]
    shown: Json = {"pool_id": suite.pool_id, "tasks": [_question(task.body) | {"id": task.id} for task in inner]}
    shown |= {ORDER: suite.body.get(ORDER, 0), "mixed": suite.mixed, "automerged": False}
    return shown | tasks.counted(suite) | {"id": suite.id, "created": iso(suite.created)}
