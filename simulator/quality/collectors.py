"""What quality rules count about one performer: a collector's metrics, by the keys that conditions name."""

from collections import Counter
from collections.abc import Callable
from itertools import takewhile

from simulator.account.money import UNIT
from simulator.elements.clock import DAY
from simulator.offering import offers
from simulator.quality import majority
from simulator.records.counting import Counting, Metrics, rates
from simulator.records.state import Assignment, State


def _acceptance_rate(counting: Counting) -> Metrics:
    marks = counting.marks("reviewed")
    shares = rates(marks, "accepted_assignments_rate", "rejected_assignments_rate")
    return {"total_assignments_count": marks.count} | shares


def _submit_time(counting: Counting) -> Metrics:
    threshold = counting.parameter("fast_submit_threshold_seconds") or 0.0
    took = [seconds for *_, seconds in counting.latest("submitted")]
    return {"total_submitted_count": len(took), "fast_submitted_count": sum(seconds < threshold for seconds in took)}


def _answer_count(counting: Counting) -> Metrics:
    """Pages that were sent in, whatever became of them."""
    return {"assignments_accepted_count": counting.marks("submitted").count}


def _skipped_in_row(counting: Counting) -> Metrics:
    """Pages skipped since the performer last sent one in; those whose time ran out neither count nor end the row."""
    row = takewhile(lambda page: page.submitted is None, counting.newest())
    return {"skipped_in_row_count": sum((page.skipped or -1.0) >= counting.since for page in row)}


def _income(counting: Counting) -> Metrics:
    """Dollars paid for pages that were accepted within a day."""
    since = max(counting.since, counting.state.now - DAY)
    paid = (page for page in counting.reviewed(since) if page.status == "ACCEPTED" and (page.accepted or 0.0) > since)
    return {"income_sum_for_last_24_hours": sum(round(page.reward * UNIT) for page in paid) / UNIT}


def _golden_set(counting: Counting) -> Metrics:
    """Known answers: those to control and training tasks, and those to control tasks alone; each has its window."""
    known, golden = counting.marks("golden", "training"), counting.marks("golden")
    shares = rates(golden, "golden_set_correct_answers_rate", "golden_set_incorrect_answers_rate")
    counts: Metrics = {"total_answers_count": known.count, "golden_set_answers_count": golden.count}
    return counts | rates(known) | shares


def _training(counting: Counting) -> Metrics:
    """First answers in a training, since it was begun or begun anew."""
    marks, pages = counting.marks("training"), counting.all_marks("submitted").count
    person = counting.state.people[counting.user_id]
    more = offers.another_page(counting.state, counting.pool, person)
    counts: Metrics = {"submitted_assignments_count": pages, "total_answers_count": marks.count}
    return counts | {"next_assignment_available": more} | rates(marks)


COLLECTORS: dict[str, tuple[tuple[str, ...], Callable[[Counting], Metrics]]] = {
    "ACCEPTANCE_RATE": (("review",), _acceptance_rate),
    "ASSIGNMENT_SUBMIT_TIME": (("submit",), _submit_time),
    "ANSWER_COUNT": (("submit",), _answer_count),
    "GOLDEN_SET": (("submit",), _golden_set),
    "INCOME": (("submit", "review"), _income),
    "SKIPPED_IN_ROW_ASSIGNMENTS": (("skip",), _skipped_in_row),
    "TRAINING": (("submit", "skip"), _training),
    "MAJORITY_VOTE": (("majority",), majority.metrics),
}
"""By type: what makes the rules look again, and how their metrics are counted. Assessments are counted apart."""


def assessment(state: State, page: Assignment, event: str) -> Metrics:
    """The metrics of ASSIGNMENTS_ASSESSMENT: how the pages of the reviewed one's suite stand, and what happened."""
    pages = state.suites[page.suite_id].assignment_ids
    counted = Counter(state.assignments[identity].status for identity in pages)
    counts: Metrics = {
        "pending_assignments_count": counted["SUBMITTED"],
        "accepted_assignments_count": counted["ACCEPTED"],
        "rejected_assignments_count": counted["REJECTED"],
    }
    return counts | {"assessment_event": event}
