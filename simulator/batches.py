"""Tasks and suites created one by one or in bulk: what became of each, and the operation log that clients read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from simulator import lifecycle
from simulator.draws import canonical
from simulator.errors import Flaw, Refused
from simulator.state import Json, Place, Pool, State

Thing = TypeVar("Thing", bound=Place)
MOST_TASKS = 5_000
MOST_INPUT_BYTES = 1_048_576
MOST_OUTPUT_BYTES = 4_194_304


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a request wants its objects created: the flags of POST /tasks and of POST /task-suites."""

    allow_defaults: bool = False
    skip_invalid_items: bool = False
    open_pool: bool = False
    most: int = MOST_TASKS


@dataclass(frozen=True, slots=True)
class Noun(Generic[Thing]):
    """One kind of object that is created in bulk.

    `word` is how the log names it (TASK), `questions` are the tasks in an item, `flaws` is what is wrong with an item,
    `make` creates a good one, told its line in the request.
    """

    word: str
    questions: Callable[[Json], list[Json]]
    flaws: Callable[[State, Json, Wishes], dict[str, Flaw]]
    make: Callable[[State, Json, Wishes, int], Thing]

    @property
    def operation(self) -> str:
        """The type of the operation that creates many."""
        return f"{self.word}.BATCH_CREATE"


@dataclass(frozen=True, slots=True)
class Batch(Generic[Thing]):
    """What became of a request's items, by their index in the request."""

    noun: Noun[Thing]
    items: list[Json]
    created: dict[int, Thing]
    flawed: dict[int, dict[str, Flaw]]
    opened: list[Json]

    def log(self) -> list[Json]:
        """The operation log's entries; nothing is said of a good item that was not created."""
        return [self._entry(index, item) for index, item in enumerate(self.items) if self._said(index)] + self.opened

    def _said(self, index: int) -> bool:
        return index in self.created or index in self.flawed

    def _entry(self, index: int, item: Json) -> Json:
        word = self.noun.word
        if index in self.flawed:
            return {"type": f"{word}_VALIDATE", "success": False, "input": item, "output": self.flawed[index]}
        told = {f"{word.lower()}_id": self.created[index].id}
        return {"type": f"{word}_CREATE", "success": True, "input": item, "output": told}

    def counts(self) -> Json:
        """The operation's details."""
        total, bad = len(self.items), len(self.flawed)
        return {
            "items_count": total,
            "total_count": total,
            "valid_count": total - bad,
            "not_valid_count": bad,
            "success_count": len(self.created),
            "failed_count": total - len(self.created),
        }


def create(state: State, noun: Noun[Thing], items: list[Json], wishes: Wishes) -> Batch[Thing]:
    """Create the good ones among these items, or none when one is bad and `skip_invalid_items` is not set.

    Raises ENTITY_TOO_LARGE, or what stands against anything in its pool.
    """
    _check_size([question for item in items for question in noun.questions(item)], wishes)
    flawed = {index: found for index, item in enumerate(items) if (found := noun.flaws(state, item, wishes))}
    created: dict[int, Thing] = {}
    if not flawed or wishes.skip_invalid_items:
        good = ((index, item) for index, item in enumerate(items) if index not in flawed)
        created = {index: noun.make(state, item, wishes, index) for index, item in good}
    opened = _open(state, {thing.pool_id for thing in created.values()}) if wishes.open_pool else []
    return Batch(noun, items, created, flawed, opened)


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
