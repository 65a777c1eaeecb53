"""Aggregated answers: of all completed tasks of a pool, or of one task, by skill or by Dawid and Skene."""

import json
from collections.abc import Iterator, Sequence

from simulator.account import quotas, requester
from simulator.elements.draws import canonical
from simulator.elements.errors import conflict, flaw, refuse
from simulator.nouns import tasks
from simulator.offering import overlap, shelves
from simulator.quality import consensus
from simulator.records.state import Assignment, Json, Pool, State, Task
from simulator.results import dawid_skene
from simulator.results.aggregation_forms import BY_CONFUSION, BY_SKILL, checked


def of_pool(state: State, body: Json) -> list[Json]:
    """The aggregated answers of a pool's completed tasks, by task id; refuses what the platform cannot aggregate."""
    pool = checked(state, body, "type", "pool_id", "fields")
    quotas.count(state, "aggregation")
    solve = _METHODS[body["type"]]
    return sorted(solve(state, pool, body, pool.task_ids), key=lambda solution: str(solution["task_id"]))


def of_task(state: State, body: Json) -> Json:
    """The aggregated answer of one task, as it is now; 409 when there is nothing to aggregate."""
    pool = checked(state, body, "type", "pool_id", "task_id", "fields")
    task = tasks.get(state, body["task_id"])
    if task.pool_id != pool.id:
        refuse({"task_id": flaw("ENTITY_DOES_NOT_EXIST", "the pool has no such task")})
    identities = [task.id] if body["type"] == BY_SKILL else pool.task_ids
    for solution in _METHODS[body["type"]](state, pool, body, identities):
        if solution["task_id"] == task.id:
            return solution
    raise conflict("CONFLICT_STATE", f"task {task.id} is not completed, or none of its answers is accepted")


def parameters(pool: Pool, body: Json) -> Json:
    """What an aggregation's operation tells about itself."""
    names = [field["name"] for field in body["fields"]]
    shown: Json = {"pool_id": pool.id, "algorithm": body["type"], "pool_name": pool.body["private_name"]}
    shown |= {"project_id": pool.project_id, "requester_id": requester.ID, "aggregated_output_fields": names}
    skill = {"answer_weight_skill_id": body["answer_weight_skill_id"]} if "answer_weight_skill_id" in body else {}
    return shown | {"aggregated_fields": body["fields"]} | skill


def _accepted(state: State, task: Task) -> list[Assignment]:
    pages = (state.assignments[identity] for identity in task.assignment_ids)
    return [page for page in pages if page.status == "ACCEPTED"]


def _by_skill(state: State, pool: Pool, body: Json, identities: Sequence[str]) -> Iterator[Json]:
    """Real tasks that have their overlap; the confidence is that of the least certain field."""
    names = [field["name"] for field in body["fields"]]
    for task in (state.tasks[identity] for identity in identities):
        if task.kind == "real" and overlap.fulfilled(state, task):
            found = consensus.of_task(state, task, _accepted(state, task), body["answer_weight_skill_id"], names)
            if found:
                yield _solution(task, found.values, found.confidence)


def _by_confusion(state: State, pool: Pool, body: Json, identities: Sequence[str]) -> Iterator[Json]:
    """All tasks with accepted answers whose overlap is reached or without end."""
    name = body["fields"][0]["name"]
    done = [task for task in (state.tasks[identity] for identity in identities) if _done(state, task)]
    answers = [
        (task.id, page.user_id, canonical(values[name]))
        for task in done
        for page in _accepted(state, task)
        if (values := page.answer(task.id) or {}).get(name) is not None
    ]
    for task_id, chances in (dawid_skene.chances(answers) if answers else {}).items():
        best = max(chances, key=lambda label: chances[label])
        yield _solution(state.tasks[task_id], {name: json.loads(best)}, chances[best])


def _done(state: State, task: Task) -> bool:
    return shelves.place_of(state, task).overlap is None or overlap.fulfilled(state, task)


def _solution(task: Task, values: Json, confidence: float) -> Json:
    return {"pool_id": task.pool_id, "task_id": task.id, "confidence": confidence, "output_values": values}


_METHODS = {BY_SKILL: _by_skill, BY_CONFUSION: _by_confusion}
