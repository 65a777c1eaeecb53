"""Dynamic overlap: a task is given to one performer more until its answers are believed, or as often as is allowed."""

from simulator.account.subscriptions import announce
from simulator.elements.errors import Flaw, flaw, not_allowed
from simulator.elements.shapes import closed, listed, number, one_of, text
from simulator.offering import overlap
from simulator.quality import consensus, weighted
from simulator.records.state import Json, State, Task

STANDING = ("SUBMITTED", "ACCEPTED")
"""Statuses of pages whose answers count: sent in and not refused."""
FORM = {
    "type": one_of("BASIC"),
    "max_overlap": number(1, overlap.MOST, whole=True),
    "min_confidence": number(0, 1),
    "answer_weight_skill_id": text,
    "fields": listed(closed({"name": text}, "name")),
}
SHAPE = closed(FORM, *FORM)


def flaws(state: State, body: Json) -> dict[str, Flaw]:
    """What is wrong with the dynamic overlap of a pool of good shape, by path."""
    config, where = body["dynamic_overlap_config"], "dynamic_overlap_config"
    found: dict[str, Flaw] = {}
    if not body.get("mixer_config"):
        found[where] = not_allowed("dynamic overlap needs mixer_config")
    if config["answer_weight_skill_id"] not in state.skills:
        found[f"{where}.answer_weight_skill_id"] = flaw("ENTITY_DOES_NOT_EXIST", "no such skill")
    least = 1 + max(filter(None, (body.get("defaults") or {}).values()), default=0)
    if config["max_overlap"] < least:
        found[f"{where}.max_overlap"] = flaw("VALUE_LESS_THAN_MIN", "must be above the pool's defaults", min=least)
    return found | _fields(state.projects[body["project_id"]].body["task_spec"]["output_spec"], config["fields"])


def _fields(spec: Json, asked: list[Json]) -> dict[str, Flaw]:
    where = "dynamic_overlap_config.fields"
    if not asked:
        return {where: flaw("VALUES_REQUIRED", "at least one field is needed")}
    return {
        f"{where}[{place}].name": not_allowed("no output field, or one without a bounded number of answers")
        for place, field in enumerate(asked)
        if field["name"] not in spec or weighted.options(spec[field["name"]]) is None
    }


def stands(state: State, task: Task) -> bool:
    """Whether a task that has its overlap needs no other answer; else it is given to one performer more.

    Where the pool's overlap is dynamic, those who subscribed are told what the answers came to.
    """
    config = state.pools[task.pool_id].body.get("dynamic_overlap_config")
    if not config or task.overlap is None:
        return True
    pages = [page for page in map(state.assignments.__getitem__, task.assignment_ids) if page.status in STANDING]
    names = [field["name"] for field in config["fields"]]
    found = consensus.of_task(state, task, pages, config["answer_weight_skill_id"], names)
    believed = found is not None and found.confidence >= config["min_confidence"]
    if not believed and task.overlap < config["max_overlap"]:
        overlap.change(state, task, task.overlap + 1)
        return False
    if found is not None:
        _tell(state, task, found, [page.id for page in pages])
    return True


def _tell(state: State, task: Task, found: consensus.Consensus, page_ids: list[str]) -> None:
    told: Json = {"confidence": found.confidence, "assignment_ids": page_ids, "output_values": found.values}
    state.record("DYNAMIC_OVERLAP", task.id, pool_id=task.pool_id, **told)
    announce(state, "DYNAMIC_OVERLAP_COMPLETED", task.pool_id, task.id, task_id=task.id, **told)
