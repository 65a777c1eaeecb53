"""What was asked for and not answered yet, and what it may still cost."""

from collections import Counter
from collections.abc import Iterator

from store.contract import Store
from store.records import DecisionState


def missing_answers(store: Store, pool_id: str) -> int:
    """Count the answers that the pool's tasks still miss.

    Of a task about a reviewed page none is missed any more, nor ever of one that everybody may answer.
    """
    return sum(_missing(store, pool_id))


def _missing(store: Store, pool_id: str) -> Iterator[int]:
    done = (each for each in store.decisions(kind="ask", state=DecisionState.DONE) if each.lane == pool_id)
    asks = [each for each in done if each.payload["overlap"] is not None]
    wanted = {str(each.result["task_id"]): int(each.payload["overlap"]) for each in asks}
    for votes in store.decisions(kind="votes", state=DecisionState.DONE):
        if votes.task_id in wanted:
            wanted[votes.task_id] = max(wanted[votes.task_id], int(votes.payload["overlap"]))
    answers = (answer for page in store.pages_of(pool_id) if page.submitted for answer in page.answers)
    given = Counter(answer.task_id for answer in answers)
    subjects = store.pages({each.assignment_id for each in asks if each.assignment_id})
    open_subjects = {None, *(key for key, page in subjects.items() if page.status == "SUBMITTED")}
    for each in asks:
        if each.assignment_id in open_subjects:
            task_id = str(each.result["task_id"])
            yield max(0, wanted[task_id] - given[task_id])
