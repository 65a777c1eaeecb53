"""Tasks and suites brought to their pools by one request, which may open the pools."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from simulator.account import quotas
from simulator.elements.draws import canonical
from simulator.elements.errors import Flaw, Refused, conflict, invalid, required
from simulator.nouns.batches import Batch, Wording
from simulator.offering import lifecycle
from simulator.records.state import Json, Place, Pool, State

MOST_TASKS = 5_000
MOST_INPUT_BYTES = 1_048_576
MOST_OUTPUT_BYTES = 4_194_304


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a request wants its tasks or suites created: the flags of POST /tasks and of POST /task-suites."""

    allow_defaults: bool = False
    skip_invalid_items: bool = False
    open_pool: bool = False
    most: int = MOST_TASKS


@dataclass(frozen=True, slots=True)
class Noun:
    """Tasks or suites: `questions` are the tasks in an item, `flaws` is what is wrong with it.

    `make` creates a good one, told its line in the request; `quota` is the kind of which so many may be created.
    """

    wording: Wording
    questions: Callable[[Json], list[Json]]
    flaws: Callable[[State, Json, Wishes], dict[str, Flaw]]
    make: Callable[[State, Json, Wishes, int], Place]
    quota: str


def create(state: State, noun: Noun, items: list[Json], wishes: Wishes) -> Batch:
    """Create the good ones among these items, or none when one is bad and `skip_invalid_items` is not set.

    Raises VALIDATION_ERROR for an empty request, ENTITY_TOO_LARGE, or what stands against anything in its pool.
    """
    if not items:
        raise invalid({"": required()})
    _check_size([question for item in items for question in noun.questions(item)], wishes)
    flawed = {index: found for index, item in enumerate(items) if (found := noun.flaws(state, item, wishes))}
    created: dict[int, Place] = {}
    if not flawed or wishes.skip_invalid_items:
        good = {index: item for index, item in enumerate(items) if index not in flawed}
        _check_room(state, noun, good.values())
        quotas.count(state, noun.quota, len(good))
        created = {index: noun.make(state, item, wishes, index) for index, item in good.items()}
    opened = _open(state, {place.pool_id for place in created.values()}) if wishes.open_pool else []
    return Batch(noun.wording, items, {index: place.id for index, place in created.items()}, flawed, opened)


def _check_room(state: State, noun: Noun, items: Iterable[Json]) -> None:
    coming: Counter[str] = Counter()
    for item in items:
        coming[item["pool_id"]] += len(noun.questions(item))
    for pool_id, count in coming.items():
        if len(state.pools[pool_id].task_ids) + count > state.limits.tasks:
            raise conflict("POOL_TASKS_COUNT_EXCEEDED", f"pool {pool_id} takes at most {state.limits.tasks} tasks")


def _check_size(questions: list[Json], wishes: Wishes) -> None:
    if len(questions) > wishes.most:
        raise _too_large(f"{wishes.most} tasks")
    if sum(_bytes(question.get("input_values")) for question in questions) > MOST_INPUT_BYTES:
        raise _too_large(f"{MOST_INPUT_BYTES} bytes of input values")
    known = (question["known_solutions"] for question in questions if question.get("known_solutions"))
    if sum(map(_bytes, known)) > MOST_OUTPUT_BYTES:
        raise _too_large(f"{MOST_OUTPUT_BYTES} bytes of output values")


def _bytes(values: object) -> int:
    return len(canonical(values).encode())


def _too_large(most: str) -> Refused:
    return Refused(413, "ENTITY_TOO_LARGE", f"at most {most} in a request")


def _open(state: State, pool_ids: set[str]) -> list[Json]:
    closed = [pool_id for pool_id in sorted(pool_ids) if state.pools[pool_id].status == "CLOSED"]
    return [_opening(state, state.pools[pool_id]) for pool_id in closed]


def _opening(state: State, pool: Pool) -> Json:
    """Open a pool for what is new in it; a pool that cannot be opened is only logged, as Toloka does."""
    entry: Json = {"type": "POOL_OPEN", "success": True, "input": {"pool_id": pool.id}, "output": {}}
    obstacle = lifecycle.open_if_possible(state, pool)
    if obstacle is not None:
        return entry | {"success": False, "output": {"code": obstacle.code, "message": str(obstacle)}}
    return entry
